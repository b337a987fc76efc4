// `prm label`: labels for the steps of solutions that have none.
import { Option } from 'commander';
import { LABEL_METHOD_NAMES, type LabelMethodName } from '../../../protocol/src/generation.ts';
import { labelDatasets } from '../generation/labelDatasets.ts';
import { labelDefaults, SEARCHES } from '../generation/labelOptions.ts';
import { LABEL_METHODS } from '../generation/labelling/index.ts';
import type { Command } from './command.ts';
import { costLine, printLabelSummary, progressNote } from './labelScreen.ts';
import { integerAbove } from './options.ts';
import { ProgressLine } from './progressLine.ts';
import { SamplingRate } from './samplingRate.ts';
import { addServerOptions, MODEL_HELP, type ParsedServerOptions } from './serverOptions.ts';

/** What commander makes of the options declared below. */
interface ParsedOptions extends ParsedServerOptions {
  by: LabelMethodName;
  outputDir: string;
  server?: string;
  model?: string;
  judgeServer?: string;
  judgeModel?: string;
  rollouts: number;
  search?: (typeof SEARCHES)[number];
  votes: number;
  soft?: boolean;
  maxExamples?: number;
  json?: boolean;
  overwrite?: boolean;
}

const METHOD_HELP = LABEL_METHOD_NAMES.map(
  (name) => `  ${name.padEnd(11)} ${LABEL_METHODS[name].title}`,
).join('\n');

export const labelCommand: Command = {
  name: 'label',
  register(program, context) {
    const command = program
      .command('label')
      .description(
        'Label the steps of solutions: by answer, by arithmetic, by roll-outs, by a judge, by agreement. ' +
          'Answers of models are kept: the same command asks for nothing twice, and goes on where it was stopped.',
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
      .option('--model <name>', MODEL_HELP)
      .option('--judge-model <name>', 'another model for the judge (default: the same)')
      .option(
        '--judge-server <address>',
        'where that model is (default: the same server); the key for another host is in PRM_JUDGE_API_KEY',
      )
      .option('--rollouts <n>', 'continuations tried from a step', integerAbove(0), labelDefaults.rollouts)
      .addOption(
        new Option(
          '--search <way>',
          'try every step, or find the first wrong one by halves (default: binary, with --soft every)',
        ).choices(SEARCHES),
      )
      .option('--votes <n>', 'how often the judge is asked', integerAbove(0), labelDefaults.votes)
      .option(
        '--soft',
        'write the share of right continuations as the label, which prm train --soft-labels learns; ' +
          'where a verdict is needed, a share above 0.5 is correct, one below it incorrect',
      )
      .option('--max-examples <n>', 'solutions to label, from the first on (default: all)', integerAbove(0));
    addServerOptions(command, labelDefaults)
      .option('--json', 'print the report as JSON')
      .option('--overwrite', 'replace the files where they exist')
      .addHelpText('after', `\nMethods:\n${METHOD_HELP}`)
      .action(async (datasets: string[], { json, ...options }: ParsedOptions) => {
        const progress = new ProgressLine(context, 'Labelling');
        const rate = new SamplingRate();
        const summary = await labelDatasets(
          { ...options, datasets },
          {
            signal: context.signal,
            environment: context.environment,
            onDownload: progress.hooks.onDownload,
            onCost: (cost) => {
              if (cost.requests > 0 && options.dryRun !== true) context.stderr.write(`${costLine(cost)}\n`);
            },
            onProgress: (state) => {
              progress.update(state.done, state.total, ...progressNote(state, rate));
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
