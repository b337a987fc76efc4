// `prm format`: turns datasets into step examples for training.
import { formatDataset } from '../datasets/format/format.ts';
import { FORMAT_DEFAULTS } from '../datasets/format/formatDefaults.ts';
import type { InputChoice } from '../datasets/format/formatOptions.ts';
import type { Command } from './command.ts';
import { printFormatReport } from './formatScreen.ts';
import { collect, integerAbove, numberFrom } from './options.ts';
import { addPolicyOptions, oneForEach, type ParsedPolicies } from './policyOptions.ts';
import { ProgressLine } from './progressLine.ts';

/** What commander makes of the options declared below. */
interface ParsedOptions extends ParsedPolicies {
  dataset?: string[];
  weight?: number[];
  count?: number[];
  maxExamples?: number;
  balance: boolean;
  valRatio: number;
  outputDir: string;
  seed: number;
  shuffle?: boolean;
  provenance?: boolean;
  overwrite?: boolean;
}

export const formatCommand: Command = {
  name: 'format',
  register(program, context) {
    const command = program
      .command('format')
      .description(
        'Turn datasets of reasoning traces with step labels into training and validation examples.',
      )
      .option(
        '--dataset <path|id>',
        'Parquet, JSONL or JSON file, or owner/name[@revision][:config/split] on the Hugging Face Hub; ' +
          `several are mixed, in random order (default: ${FORMAT_DEFAULTS.dataset})`,
        collect((text) => text),
      )
      .option(
        '--weight <w>',
        'part of the examples that come from a dataset, such as 2 beside 1; once for each --dataset, in their order',
        collect(numberFrom(0)),
      )
      .option(
        '--count <n>',
        'rows to take of a dataset, chosen by the seed; once for each --dataset, in their order',
        collect(integerAbove(0)),
      )
      .option(
        '--max-examples <n>',
        'source rows to read of each dataset, from the first on (default: all)',
        integerAbove(0),
      )
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
      );
    addPolicyOptions(command)
      .option('--shuffle', 'write the examples in random order (default: where several datasets are given)')
      .option('--no-shuffle', 'write them in the order of their sources')
      .option('--provenance', 'add a field `source` to each example: dataset, row and layout')
      .option('--overwrite', 'write into a folder that something else made')
      .action(async ({ dataset, weight, count, layout, ...options }: ParsedOptions) => {
        const inputs = inputsOf(dataset ?? [FORMAT_DEFAULTS.dataset], { weight, count, layout });
        const progress = new ProgressLine(context, 'Formatting');
        const report = await formatDataset(
          { ...options, inputs, overwrite: options.overwrite ?? false },
          { signal: context.signal, environment: context.environment, ...progress.hooks },
        ).finally(() => {
          progress.clear();
        });
        printFormatReport(report, context);
      });
  },
};

function inputsOf(
  datasets: readonly string[],
  {
    weight,
    count,
    layout,
  }: Record<'weight' | 'count', readonly number[] | undefined> & {
    layout: ParsedOptions['layout'] | undefined;
  },
): InputChoice[] {
  const weights = oneForEach('--weight', weight, datasets, false);
  const counts = oneForEach('--count', count, datasets, false);
  const layouts = oneForEach('--layout', layout, datasets, true);
  return datasets.map((dataset, index) => ({
    dataset,
    layout: layouts[index],
    weight: weights[index],
    count: counts[index],
  }));
}
