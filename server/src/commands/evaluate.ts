// `prm evaluate`: measures a trained model on labelled solutions that it has not seen.
import { Option } from 'commander';
import { DEVICES, type Device } from '../../../protocol/src/engine.ts';
import type { Command } from './command.ts';
import { integerAbove, numberBetween } from './options.ts';
import { addPolicyOptions, type ParsedPolicies } from './policyOptions.ts';

/** What commander makes of the options declared below. */
export interface EvaluateOptions extends ParsedPolicies {
  model: string;
  data?: string;
  dataset?: string;
  maxExamples?: number;
  threshold?: number;
  device: Device;
  json?: boolean;
}

export const evaluateCommand: Command = {
  name: 'evaluate',
  register(program, context) {
    const command = program
      .command('evaluate')
      .description('Measure a trained model: how well it tells correct steps, and finds the first wrong one.')
      .requiredOption('--model <folder>', 'a trained model, or the run folder that holds it')
      .addOption(
        new Option(
          '--data <folder>',
          'the output of prm format: its prm_val.jsonl (without validation data, its prm_train.jsonl)',
        ).conflicts('dataset'),
      )
      .option('--dataset <path|id>', 'a dataset file, or one of the Hugging Face Hub, all of it')
      .option('--max-examples <n>', 'rows of the dataset to read, from the first on', integerAbove(0))
      .option(
        '--threshold <score>',
        "below it a step counts as incorrect (default: the model's)",
        numberBetween(0, 1),
      )
      .addOption(new Option('--device <name>', 'where the model runs').choices(DEVICES).default('auto'))
      .option(
        '--json',
        'print one JSON object with all figures: calibration, histogram, positions, worst steps',
      );
    addPolicyOptions(command).action(async (options: EvaluateOptions) => {
      const { evaluate } = await import('./evaluateRun.ts');
      await evaluate(options, context);
    });
  },
};
