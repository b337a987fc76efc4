// `prm cache`: the samples that were paid for.
import { cacheFolder } from '../generation/sampling/cacheFolder.ts';
import { clearCache, listCache, sizeOfCache, verifyCache } from '../generation/sampling/cacheUpkeep.ts';
import { PrmError } from '../support/errors.ts';
import type { Command, CommandContext } from './command.ts';
import { count, sizeText } from './figures.ts';
import { CACHE_DIR_HELP } from './serverOptions.ts';

interface ParsedOptions {
  cacheDir?: string;
  json?: boolean;
  model?: string;
  all?: boolean;
}

/** What to print, as JSON and for people. */
interface Result {
  data: object;
  text: string;
}

const entriesText = (entries: number): string => (entries === 1 ? '1 entry' : `${count(entries)} entries`);

export const cacheCommand: Command = {
  name: 'cache',
  register(program, context) {
    const { signal } = context;
    const cache = program
      .command('cache')
      .description('The answers of model servers that are kept: list, size, verify, clear.');
    const command = (name: string, description: string) =>
      cache
        .command(name)
        .description(description)
        .option('--cache-dir <folder>', CACHE_DIR_HELP)
        .option('--json', 'print JSON');
    const run =
      (act: (folder: string, options: ParsedOptions) => Promise<Result>) =>
      async (options: ParsedOptions): Promise<void> => {
        const folder = cacheFolder(options.cacheDir, context.environment);
        const { data, text } = await act(folder, options);
        print(context, options.json === true ? JSON.stringify({ folder, ...data }, null, 2) : text);
      };

    command('list', 'entries, size and newest of each model').action(
      run(async (folder) => {
        const models = await listCache(folder, signal);
        const lines = models.map(({ model, entries, bytes, newest }) =>
          [
            entriesText(entries).padStart(16),
            sizeText(bytes).padStart(10),
            `newest ${newest.slice(0, 'yyyy-mm-dd'.length)}`,
            model,
          ].join('  '),
        );
        return { data: { models }, text: lines.length === 0 ? 'The cache is empty.' : lines.join('\n') };
      }),
    );
    command('size', 'all entries together, and what they take on the disk').action(
      run(async (folder) => {
        const size = await sizeOfCache(folder, signal);
        const { entries, bytes, bytesOnDisk } = size;
        return {
          data: size,
          text: `${entriesText(entries)}, ${sizeText(bytes)}, ${sizeText(bytesOnDisk)} on the disk`,
        };
      }),
    );
    command('verify', 'read everything again, and remove what is damaged or left over').action(
      run(async (folder) => {
        const check = await verifyCache(folder, signal);
        const { entries, removed } = check;
        const lost = removed === 0 ? 'none was damaged' : `${entriesText(removed)} damaged and removed`;
        return { data: check, text: `${entriesText(entries)} whole, ${lost}` };
      }),
    );
    command(
      'clear',
      'remove the entries of a model, or all; a run that goes on keeps what it makes from then on',
    )
      .option('--model <name>', 'only those of this model')
      .option('--all', 'those of all models')
      .action(
        run(async (folder, { model, all }) => {
          if ((model === undefined) === (all !== true)) {
            throw new PrmError({
              what: 'it is not clear what to remove',
              remedy: 'Give --model with the name of one model, or --all.',
            });
          }
          const removed = await clearCache(folder, model, signal);
          return { data: { removed }, text: `${entriesText(removed)} removed` };
        }),
      );
  },
};

function print({ stdout }: CommandContext, text: string): void {
  stdout.write(`${text}\n`);
}
