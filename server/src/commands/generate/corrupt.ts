// `prm generate corrupt`: single errors in correct solutions.
import { setFlagsFromString } from 'node:v8';
import { Option } from 'commander';
import { LAYOUTS, type LayoutName } from '../../../../protocol/src/datasets.ts';
import { corruptDatasets } from '../../generation/corruptDatasets.ts';
import { corruptDefaults } from '../../generation/corruptOptions.ts';
import { AFTER_ERROR_LABELS, type AfterErrorLabel } from '../../generation/corruptedRow.ts';
import { STRATEGIES } from '../../generation/corruption/strategies/index.ts';
import type { Command } from '../command.ts';
import { printCorruptionSummary } from './corruptScreen.ts';
import { integerAbove, namesOf, numberBetween } from '../options.ts';
import { ProgressLine } from '../progressLine.ts';

/** What commander makes of the options declared below. */
interface ParsedOptions {
  outputDir: string;
  layout?: LayoutName;
  numIncorrectPerProblem: number;
  maxExamples?: number;
  strategies: string[];
  consistentShare: number;
  afterError: AfterErrorLabel;
  correct: boolean;
  seed: number;
  json?: boolean;
  overwrite?: boolean;
}

/**
 * V8 compiles functions into those that call them, up to so many bytes of bytecode (its own choice: 920). Here many small ones run
 * for a short while: compiling took as long as the work, and with less of it takes half. V8 reads it whenever it compiles.
 */
const SPARING_INLINING = '--max-inlined-bytecode-size-cumulative=150';

const STRATEGY_HELP = STRATEGIES.map(({ name, title }) => `  ${name.padEnd(18)} ${title}`).join('\n');

export const corruptCommand: Command = {
  name: 'corrupt',
  register(program, context) {
    program
      .command('corrupt')
      .description(
        'Put single errors into correct solutions; each path is labelled up to its error, and says what was changed.',
      )
      .argument(
        '<dataset...>',
        'correct solutions: GSM8K or any layout with all steps labelled correct; files, or names on the Hugging Face Hub',
      )
      .requiredOption('--output-dir <folder>', 'where corrupted.jsonl and generation_info.json go')
      .option(
        '--num-incorrect-per-problem <n>',
        'corrupted paths to make of each solution',
        integerAbove(0),
        corruptDefaults.numIncorrectPerProblem,
      )
      .option(
        '--max-examples <n>',
        'paths to write at most, correct ones included (default: all)',
        integerAbove(0),
      )
      .addOption(
        new Option('--strategies <names>', 'kinds of error, separated by commas; they are listed below')
          .argParser(namesOf(STRATEGIES.map(({ name }) => name)))
          .default(corruptDefaults.strategies, 'all'),
      )
      .option(
        '--consistent-share <part>',
        'part of the errors that are carried through the later steps, so that arithmetic alone does not give them away',
        numberBetween(0, 1),
        corruptDefaults.consistentShare,
      )
      .addOption(
        new Option('--after-error <label>', 'steps behind the wrong one')
          .choices(AFTER_ERROR_LABELS)
          .default(corruptDefaults.afterError),
      )
      .option('--no-correct', 'leave out the solutions themselves')
      .addOption(
        new Option('--layout <name>', 'how the datasets write their rows (default: found out)').choices(
          LAYOUTS,
        ),
      )
      .option('--seed <n>', 'the same seed gives the same file', integerAbove(-1), corruptDefaults.seed)
      .option('--json', 'print the report as JSON')
      .option('--overwrite', 'replace the files where they exist')
      .addHelpText('after', `\nStrategies:\n${STRATEGY_HELP}`)
      .action(async (datasets: string[], { json, ...options }: ParsedOptions) => {
        setFlagsFromString(SPARING_INLINING);
        const progress = new ProgressLine(context, 'Corrupting');
        const summary = await corruptDatasets(
          { ...options, datasets },
          { signal: context.signal, environment: context.environment, ...progress.hooks },
        ).finally(() => {
          progress.clear();
        });
        if (json === true) context.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
        else printCorruptionSummary(summary, context);
      });
  },
};
