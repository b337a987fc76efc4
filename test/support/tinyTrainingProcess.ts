// A training run in a process of its own, to be killed: prints the step after each one. Arguments: the options as JSON.
import type { TrainOptions } from '../../server/src/training/options.ts';
import { trainTiny } from './tinyTraining.ts';

await trainTiny(JSON.parse(process.argv[2] ?? '{}') as TrainOptions, {
  onEvent: (event) => {
    if (event.type === 'step') process.stdout.write(`${event.step}\n`);
  },
});
