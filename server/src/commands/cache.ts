// `prm cache`: the samples that were paid for.
import { cacheFolder } from '../generation/sampling/cacheFolder.ts';
import { SampleCache } from '../generation/sampling/sampleCache.ts';
import { PrmError } from '../support/errors.ts';
import type { Command, CommandContext } from './command.ts';

interface ParsedOptions {
  cacheDir?: string;
  json?: boolean;
  model?: string;
  all?: boolean;
}

const count = (value: number): string => value.toLocaleString('en');
const size = (bytes: number): string =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
const entriesText = (entries: number): string => (entries === 1 ? '1 entry' : `${count(entries)} entries`);

export const cacheCommand: Command = {
  name: 'cache',
  register(program, context) {
    const cache = program
      .command('cache')
      .description('The answers of model servers that are kept: list, size, verify, clear.');
    const command = (name: string, description: string) =>
      cache
        .command(name)
        .description(description)
        .option(
          '--cache-dir <folder>',
          "where answers are kept (default: PRM_CACHE, or the user's cache folder)",
        )
        .option('--json', 'print JSON');
    const run =
      (act: (cache: SampleCache, options: ParsedOptions) => Promise<{ data: object; text: string }>) =>
      async (options: ParsedOptions): Promise<void> => {
        const folder = cacheFolder(options.cacheDir, context.environment);
        const { data, text } = await act(new SampleCache(folder), options);
        print(context, options.json === true ? JSON.stringify({ folder, ...data }, null, 2) : text);
      };

    command('list', 'entries and size of each model').action(
      run(async (kept) => {
        const models = await kept.list();
        const lines = models.map(
          ({ model, entries, bytes }) =>
            `${entriesText(entries).padStart(16)}  ${size(bytes).padStart(10)}  ${model}`,
        );
        return { data: { models }, text: lines.length === 0 ? 'The cache is empty.' : lines.join('\n') };
      }),
    );
    command('size', 'all entries together').action(
      run(async (kept) => {
        const models = await kept.list();
        const entries = models.reduce((sum, model) => sum + model.entries, 0);
        const bytes = models.reduce((sum, model) => sum + model.bytes, 0);
        return { data: { entries, bytes }, text: `${entriesText(entries)}, ${size(bytes)}` };
      }),
    );
    command('verify', 'read everything again, and remove what is damaged').action(
      run(async (kept) => {
        const { entries, removed, bytes } = await kept.verify();
        const lost = removed === 0 ? 'none was damaged' : `${entriesText(removed)} damaged and removed`;
        return { data: { entries, removed, bytes }, text: `${entriesText(entries)} whole, ${lost}` };
      }),
    );
    command('clear', 'remove the entries of a model, or all')
      .option('--model <name>', 'only those of this model')
      .option('--all', 'those of all models')
      .action(
        run(async (kept, { model, all }) => {
          if ((model === undefined) === (all !== true)) {
            throw new PrmError({
              what: 'it is not clear what to remove',
              remedy: 'Give --model with the name of one model, or --all.',
            });
          }
          const removed = await kept.clear(model);
          return { data: { removed }, text: `${entriesText(removed)} removed` };
        }),
      );
  },
};

function print({ stdout }: CommandContext, text: string): void {
  stdout.write(`${text}\n`);
}
