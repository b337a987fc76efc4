// `prm inspect`: what a dataset holds, as text or JSON; with `--rows`, some of its rows as traces.
import { Option } from 'commander';
import { LAYOUTS, type LayoutName } from '../../../protocol/src/datasets.ts';
import type { Command } from './command.ts';
import { readRowRange, type RowRange } from './rowRange.ts';

/** What commander makes of the options declared below. */
export interface InspectOptions {
  json?: boolean;
  rows?: RowRange;
  layout?: LayoutName;
}

const HELP = `
Rows are counted as people do: the first is 1, and of a JSONL file the line counts.
--rows 3:7 shows rows 3 to 7, both included; 3: all from the third on, :7 the first seven, 3 only the third. It shows
these rows and no summary, so that nothing more of a large file is read than has to be. With --json the object holds
the summary all the same, and the rows as "traces".
Exit status: 0 where the file can be read, also with broken rows in it; 2 where it cannot.`;

export const inspectCommand: Command = {
  name: 'inspect',
  register(program, context) {
    program
      .command('inspect')
      .description(
        'Show what a dataset holds: layout, problems, steps, labels, first errors, columns, faults.',
      )
      .argument(
        '<file|id>',
        'Parquet, JSONL or JSON file, or owner/name[@revision][:config/split] on the Hugging Face Hub',
      )
      .option('--json', 'print one JSON object')
      .option('--rows <A:B>', 'show these rows as traces', readRowRange)
      .addOption(new Option('--layout <name>', 'read the rows in this layout').choices(LAYOUTS))
      .addHelpText('after', HELP)
      .action(async (dataset: string, options: InspectOptions) => {
        const { inspect } = await import('./inspectRun.ts');
        await inspect(dataset, options, context);
      });
  },
};
