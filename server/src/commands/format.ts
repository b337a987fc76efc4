// `prm format`: turns a dataset into step examples for training.
import { Option } from 'commander';
import { FORMAT_DEFAULTS, formatDataset, type FormatOptions } from '../datasets/format.ts';
import { EMPTY_STEP_POLICIES, READINGS } from '../datasets/layouts/trlStepwise.ts';
import type { Command } from './command.ts';
import { printFormatReport } from './formatScreen.ts';
import { integerAbove, numberFrom } from './options.ts';
import { ProgressLine } from './progressLine.ts';

/** What commander makes of the options declared below. */
interface ParsedOptions {
  dataset: string;
  maxExamples?: number;
  balance: boolean;
  valRatio: number;
  outputDir: string;
  seed: number;
  completions: FormatOptions['completions'];
  emptySteps: FormatOptions['emptySteps'];
  overwrite?: boolean;
}

export const formatCommand: Command = {
  name: 'format',
  register(program, context) {
    program
      .command('format')
      .description(
        'Turn a dataset of reasoning traces with step labels into training and validation examples.',
      )
      .option(
        '--dataset <path|id>',
        'Parquet or JSONL file, or owner/name[@revision] on the Hugging Face Hub',
        FORMAT_DEFAULTS.dataset,
      )
      .option('--max-examples <n>', 'source rows to read, from the first on (default: all)', integerAbove(0))
      .option('--no-balance', 'keep all examples instead of as many correct as incorrect ones')
      .option(
        '--val-ratio <share>',
        'share of problems for validation',
        numberFrom(0),
        FORMAT_DEFAULTS.valRatio,
      )
      .option('--output-dir <folder>', 'where the files go', FORMAT_DEFAULTS.outputDir)
      .option(
        '--seed <n>',
        'the same seed gives the same files',
        integerAbove(-Infinity),
        FORMAT_DEFAULTS.seed,
      )
      .addOption(
        new Option(
          '--completions <reading>',
          'what `completions` are: the steps of one solution, or whole attempts',
        )
          .choices(['auto', ...READINGS])
          .default('auto'),
      )
      .addOption(
        new Option('--empty-steps <policy>', 'completions without text: steps like any other, or left out')
          .choices(EMPTY_STEP_POLICIES)
          .default(FORMAT_DEFAULTS.emptySteps),
      )
      .option('--overwrite', 'write into a folder that something else made')
      .action(async (options: ParsedOptions) => {
        const progress = new ProgressLine(context, 'Formatting');
        const report = await formatDataset(
          { ...options, overwrite: options.overwrite ?? false },
          {
            signal: context.signal,
            environment: context.environment,
            onProgress: ({ done, total }) => {
              progress.update(done, total);
            },
            onDownload: (done, total) => {
              progress.update(done, total, `downloading ${(total / 1e6).toFixed(1)} MB`);
            },
          },
        ).finally(() => {
          progress.clear();
        });
        printFormatReport(report, context);
      });
  },
};
