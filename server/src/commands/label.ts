// `prm label`: labels for the steps of solutions that have none.
import { Option } from 'commander';
import { LAYOUTS, type LayoutName } from '../../../protocol/src/datasets.ts';
import { labelDatasets } from '../generation/labelDatasets.ts';
import { labelDefaults } from '../generation/labelOptions.ts';
import { LABEL_METHODS, LABEL_METHOD_NAMES } from '../generation/labelling/index.ts';
import type { Command } from './command.ts';
import { costLine, printLabelSummary } from './labelScreen.ts';
import { integerAbove, numberBetween, numberFrom } from './options.ts';
import { ProgressLine } from './progressLine.ts';

/** What commander makes of the options declared below. */
interface ParsedOptions {
  by: (typeof LABEL_METHOD_NAMES)[number];
  outputDir: string;
  server?: string;
  model?: string;
  judgeServer?: string;
  judgeModel?: string;
  rollouts: number;
  search: 'every' | 'binary';
  votes: number;
  soft?: boolean;
  temperature: number;
  topP: number;
  maxTokens: number;
  seed: number;
  concurrency: number;
  budgetTokens?: number;
  budgetRequests?: number;
  timeout: number;
  cacheDir?: string;
  forceRegenerate?: boolean;
  maxExamples?: number;
  layout?: LayoutName;
  dryRun?: boolean;
  json?: boolean;
  overwrite?: boolean;
}

const METHOD_HELP = LABEL_METHODS.map(({ name, title }) => `  ${name.padEnd(11)} ${title}`).join('\n');

export const labelCommand: Command = {
  name: 'label',
  register(program, context) {
    program
      .command('label')
      .description(
        'Label the steps of solutions: by answer, by arithmetic, by roll-outs, by a judge, by agreement.',
      )
      .argument('<dataset...>', 'solutions in any layout, such as samples.jsonl of prm generate sample')
      .addOption(
        new Option('--by <method>', 'listed below').choices(LABEL_METHOD_NAMES).makeOptionMandatory(),
      )
      .requiredOption('--output-dir <folder>', 'where labelled.jsonl and generation_info.json go')
      .option(
        '--server <address>',
        'of the model that continues solutions or judges, such as http://127.0.0.1:8000/v1',
      )
      .option('--model <name>', 'as the server calls it')
      .option('--judge-model <name>', 'another model for the judge (default: the same)')
      .option('--judge-server <address>', 'where that model is (default: the same server)')
      .option('--rollouts <n>', 'continuations tried from a step', integerAbove(0), labelDefaults.rollouts)
      .addOption(
        new Option('--search <way>', 'try every step, or find the first wrong one by halves')
          .choices(['every', 'binary'])
          .default(labelDefaults.search),
      )
      .option('--votes <n>', 'how often the judge is asked', integerAbove(0), labelDefaults.votes)
      .option(
        '--soft',
        'write the estimated share of right continuations as the label, in place of a verdict',
      )
      .option('--temperature <t>', 'of the sampling', numberFrom(0), labelDefaults.temperature)
      .option('--top-p <p>', 'of the sampling', numberBetween(0, 1), labelDefaults.topP)
      .option('--max-tokens <n>', 'most tokens of one answer', integerAbove(0), labelDefaults.maxTokens)
      .option(
        '--seed <n>',
        'of the first sample; each further one adds one',
        integerAbove(-1),
        labelDefaults.seed,
      )
      .option('--concurrency <n>', 'most requests at once', integerAbove(0), labelDefaults.concurrency)
      .option(
        '--budget-tokens <n>',
        'most tokens that this run may cost (default: no limit)',
        integerAbove(0),
      )
      .option(
        '--budget-requests <n>',
        'most requests that this run may send (default: no limit)',
        integerAbove(0),
      )
      .option(
        '--timeout <seconds>',
        'longest wait for the next piece of an answer',
        numberFrom(0.1),
        labelDefaults.timeout,
      )
      .option(
        '--cache-dir <folder>',
        "where answers are kept (default: PRM_CACHE, or the user's cache folder)",
      )
      .option('--force-regenerate', 'ask again even where an answer is kept')
      .option('--max-examples <n>', 'solutions to label, from the first on (default: all)', integerAbove(0))
      .addOption(
        new Option('--layout <name>', 'how the datasets write their rows (default: found out)').choices(
          LAYOUTS,
        ),
      )
      .option('--dry-run', 'only say what it may cost')
      .option('--json', 'print the report as JSON')
      .option('--overwrite', 'replace the files where they exist')
      .addHelpText('after', `\nMethods:\n${METHOD_HELP}\n\nA key is read from PRM_API_KEY or OPENAI_API_KEY.`)
      .action(async (datasets: string[], { json, ...options }: ParsedOptions) => {
        const progress = new ProgressLine(context, 'Labelling');
        const summary = await labelDatasets(
          { ...options, datasets },
          {
            signal: context.signal,
            environment: context.environment,
            onDownload: progress.hooks.onDownload,
            onCost: (cost) => {
              if (cost.requests > 0) context.stderr.write(`${costLine(cost)}\n`);
            },
            onProgress: ({ done, total, counts }) => {
              const tokens = counts === undefined ? 0 : counts.promptTokens + counts.completionTokens;
              const note = `${counts?.requests ?? 0} requests, ${tokens.toLocaleString('en')} tokens`;
              progress.update(done, total, counts === undefined ? '' : note);
            },
          },
        ).finally(() => {
          progress.clear();
        });
        if (json === true) context.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
        else printLabelSummary(summary, context);
      });
  },
};
