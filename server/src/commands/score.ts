// `prm score`: scores the steps of a reasoning text with a trained model.
import { InvalidArgumentError, Option } from 'commander';
import { AGGREGATES, DEVICES, type Aggregate, type Device } from '../../../protocol/src/engine.ts';
import type { Command } from './command.ts';

/** What commander makes of the options declared below. */
export interface ScoreOptions {
  model: string;
  aggregate: Aggregate;
  device: Device;
  threshold?: number;
  json?: boolean;
}

export const scoreCommand: Command = {
  name: 'score',
  register(program, context) {
    program
      .command('score')
      .description('Score each step of a reasoning text: how likely it is to be correct.')
      .argument('[file]', 'text: the problem, then its steps; - or nothing: standard input')
      .requiredOption('--model <folder>', 'a trained model, or the run folder that holds it')
      .addOption(
        new Option('--aggregate <rule>', 'how step scores become one score')
          .choices(AGGREGATES)
          .default('min'),
      )
      .addOption(new Option('--device <name>', 'where the model runs').choices(DEVICES).default('auto'))
      .option(
        '--threshold <score>',
        "below it a step counts as incorrect (default: the model's)",
        probability,
      )
      .option('--json', 'print one JSON object instead of a table')
      .action(async (file: string | undefined, options: ScoreOptions) => {
        const { score } = await import('./scoreRun.ts');
        await score(file, options, context);
      });
  },
};

function probability(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) {
    throw new InvalidArgumentError('It must be a number from 0 to 1.');
  }
  return value;
}
