// Training speed of `mini`: tokens a second, the ratio of achieved to peak floating-point rate, and what the time goes
// into. Peak is an ONNX Runtime 2048³ single-precision product in this process, with the session options of training; it is
// measured between the steps, so that other work on the machine weighs on both alike.
// `npm run bench training`; BENCH_BATCH, BENCH_LENGTH, BENCH_THREADS and BENCH_ROUNDS change the defaults below.
import { cpus } from 'node:os';
import { elementCount } from '../server/src/graph/shape.ts';
import { trainingGraph } from '../server/src/models/backbones/graphs.ts';
import { EMBEDDING, parameterCount, parameterSpecs } from '../server/src/models/backbones/parameters.ts';
import { MINI_CONFIG as config } from '../server/src/models/families/mini.ts';
import { adamW, sumOfSquares } from '../server/src/training/adamw.ts';
import { gatherEmbeddings, scatterGradients } from '../server/src/training/embedding.ts';
import { stepOperations } from '../server/src/training/timePlan.ts';
import { operatorCosts } from './operatorCosts.ts';
import {
  median,
  PRODUCT_OPERATIONS,
  randomBatch,
  setting,
  takeSteps,
  THREADS,
  timed,
} from './trainingJob.ts';

const shape = { batch: setting('BATCH', 16), length: setting('LENGTH', 256) };
const rounds = setting('ROUNDS', 10);
const tokens = shape.batch * shape.length;
const setup = { method: { kind: 'full' }, shape, recompute: false } as const;
const operations = stepOperations({ config, ...setup });

const measured = await takeSteps({
  ...setup,
  model: 'mini',
  storedType: 'held',
  steps: rounds,
  threads: THREADS,
  products: true,
});
const step = median(measured.steps);
const ratios = measured.steps.map(
  (time, index) => operations / time / (PRODUCT_OPERATIONS / measured.products[index]),
);

/** What a step does outside the graph, each part timed alone. */
const { ids } = randomBatch(config, shape);
const rows = new Float32Array(tokens * config.hidden_size);
const tensors = parameterSpecs(config).map(({ name, dims, decay }) => {
  const numbers = () => new Float32Array(elementCount(dims)).fill(1e-3);
  return { name, values: numbers(), gradient: numbers(), first: numbers(), second: numbers(), decay };
});
const table = tensors.find(({ name }) => name === EMBEDDING) ?? tensors[0];
const update = { step: 2, learningRate: 1e-4, weightDecay: 0.01, gradientScale: 1 };
const parts: [name: string, work: () => unknown][] = [
  ['embedding gather', () => gatherEmbeddings(table.values, config.hidden_size, ids, rows)],
  ['embedding gradient scatter', () => scatterGradients(rows, ids, table.gradient)],
  ['gradient norm', () => sumOfSquares(tensors.map(({ gradient }) => gradient))],
  ['AdamW', () => tensors.forEach((tensor) => adamW(tensor, update))],
];
const partTimes: number[] = [];
for (const [, work] of parts) {
  const times: number[] = [];
  for (let round = 0; round < 5; round++) times.push(await timed(work));
  partTimes.push(median(times));
}
const outside = partTimes.reduce((sum, time) => sum + time, 0);

const line = (value: number, digits: number, text: string) =>
  console.log(`${value.toFixed(digits).padStart(8)} ${text}`);
console.log(
  `mini: ${parameterCount(config).toLocaleString('en')} parameters, ${table.values.length.toLocaleString('en')} of them the embedding`,
);
console.log(
  `${shape.batch} paths of ${shape.length} tokens, ${THREADS} threads, ${cpus()[0].model.trim()}; medians of ${rounds} steps\n`,
);
line((tokens / step) * 1000, 0, 'tokens/s trained');
line(
  step,
  0,
  `ms a step (${Math.min(...measured.steps).toFixed(0)} best, ${measured.first.toFixed(0)} the first, with its graph)`,
);
line(step - outside, 0, 'ms   loss and gradients in ONNX Runtime');
for (const [index, [name]] of parts.entries()) line(partTimes[index], 1, `ms   ${name}`);
line(
  operations / step / 1e6,
  1,
  `Gflop/s achieved: ${(operations / 1e9).toFixed(1)} Gflop a step, counted as timePlan.ts says`,
);
line(PRODUCT_OPERATIONS / median(measured.products) / 1e6, 1, 'Gflop/s peak: ONNX Runtime, 2048³ product');
line(median(ratios), 3, `of peak (${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)})`);
line(measured.peakBytes / 1e6, 0, 'MB of memory at most');

const costs = await operatorCosts(trainingGraph(config, shape, { ...setup, frozen: new Map() }), THREADS);
const total = costs.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
console.log('\nby operator, in ONNX Runtime’s own profile:');
for (const { operator, milliseconds, nodes } of costs.filter((cost) => cost.milliseconds > 0.005 * total)) {
  line(
    milliseconds,
    1,
    `ms ${((100 * milliseconds) / total).toFixed(1).padStart(5)} %  ${operator} (${nodes.toFixed(0)})`,
  );
}
