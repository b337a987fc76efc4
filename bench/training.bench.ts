// Training speed of `mini`: tokens a second, and the ratio of achieved to peak floating-point rate. Peak is an ONNX
// Runtime 2048³ single-precision product in this process, with the session options of training; it is measured between
// the steps, so that other work on the machine weighs on both alike.
// `npm run bench training`; BENCH_BATCH, BENCH_LENGTH, BENCH_THREADS and BENCH_ROUNDS change the defaults below.
import { availableParallelism, cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { Graph } from '../server/src/graph/graph.ts';
import * as onnx from '../server/src/graph/nodes.ts';
import { EMBEDDING, parameterCount } from '../server/src/models/backbones/parameters.ts';
import { MINI_CONFIG as config } from '../server/src/models/families/mini.ts';
import { createSession } from '../server/src/models/runtime.ts';
import { seededRandom } from '../server/src/support/random.ts';
import { adamW, globalNorm } from '../server/src/training/adamw.ts';
import { gatherEmbeddings, scatterGradients } from '../server/src/training/embedding.ts';
import type { TokenBatch } from '../server/src/training/tokenBatch.ts';
import { createTrainingEngine } from '../server/src/training/trainingEngine.ts';

const setting = (name: string, usual: number) => Number(process.env[`BENCH_${name}`] ?? usual);
/** Paths, tokens of each, threads, and measured steps after the first. */
const batch = setting('BATCH', 16);
const length = setting('LENGTH', 256);
const threads = setting('THREADS', availableParallelism());
const rounds = setting('ROUNDS', 10);
const tokens = batch * length;

const embeddingCount = config.vocab_size * config.hidden_size;
const weights = parameterCount(config) - embeddingCount;
// A product of m × k and k × n is 2 m k n operations; the backward pass has two for each of the forward pass. Attention
// has two products of length² × heads × head_dim in each path and layer; the masked half is computed, so it counts.
const attention =
  12 * config.num_hidden_layers * batch * length ** 2 * config.num_attention_heads * config.head_dim;
const stepOperations = 6 * weights * tokens + attention;

const milliseconds = async (work: () => unknown): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];
const fixed = (value: number, digits = 0) => value.toFixed(digits).padStart(8);

/** A product of two square matrices, ready to be timed. */
async function matrixProduct(size: number): Promise<() => Promise<void>> {
  const graph = new Graph();
  const shape = [size, size];
  graph.output('product', onnx.gemm(graph.input('left', shape), graph.input('right', shape)));
  const { session } = await createSession(graph.toModel(), { device: 'cpu', threads });
  const half = new Float32Array(size * size).fill(0.5);
  const product = new Float32Array(size * size);
  return () => session.run({ left: half, right: half }, { product });
}

function randomBatch(): TokenBatch {
  const random = seededRandom(1);
  return {
    batch,
    length,
    ids: Int32Array.from({ length: tokens }, () => random.int(0, config.vocab_size - 1)),
    targets: Float32Array.from({ length: tokens }, () => random.int(0, 1)),
    weights: Float32Array.from({ length: tokens }, (_, row) => (row % 32 === 31 ? 1 : 0)),
  };
}

const engine = await createTrainingEngine({ config, device: 'cpu', threads, seed: 1 });
const product = await matrixProduct(2048);
const tokenBatch = randomBatch();
const update = { learningRate: 1e-4, weightDecay: 0.01, maxGradientNorm: 1 };

const firstStep = await milliseconds(() => engine.trainStep(tokenBatch, update));
const stepTimes: number[] = [];
const productTimes: number[] = [];
const ratios: number[] = [];
for (let round = 0; round < rounds; round++) {
  const productTime = Math.min(await milliseconds(product), await milliseconds(product));
  const stepTime = await milliseconds(() => engine.trainStep(tokenBatch, update));
  productTimes.push(productTime);
  stepTimes.push(stepTime);
  ratios.push(stepOperations / stepTime / ((2 * 2048 ** 3) / productTime));
}
const step = median(stepTimes);
const peak = (2 * 2048 ** 3) / median(productTimes);

/** The share of a step that is spent outside the graph, each part timed alone. */
const table = engine.parameters.get(EMBEDDING) ?? new Float32Array(embeddingCount);
const rows = new Float32Array(tokens * config.hidden_size);
const tableGradient = new Float32Array(embeddingCount);
const { step: updates, first, second } = engine.optimizerState();
const tensors = [...engine.parameters].map(([name, values]) => ({
  values,
  gradient: new Float32Array(values.length).fill(1e-3),
  first: first.get(name) ?? new Float32Array(values.length),
  second: second.get(name) ?? new Float32Array(values.length),
  decay: true,
}));
const parts: [name: string, work: () => unknown][] = [
  ['embedding gather', () => gatherEmbeddings(table, config.hidden_size, tokenBatch.ids, rows)],
  ['embedding gradient scatter', () => scatterGradients(rows, tokenBatch.ids, tableGradient)],
  ['gradient norm', () => globalNorm(tensors.map(({ gradient }) => gradient))],
  [
    'AdamW',
    () => tensors.forEach((tensor) => adamW(tensor, { ...update, step: updates + 1, gradientScale: 1 })),
  ],
];
const partTimes: number[] = [];
for (const [, work] of parts) {
  const times: number[] = [];
  for (let round = 0; round < 5; round++) times.push(await milliseconds(work));
  partTimes.push(median(times));
}
const outside = partTimes.reduce((sum, time) => sum + time, 0);

console.log(
  `mini: ${(weights + embeddingCount).toLocaleString('en')} parameters, ${weights.toLocaleString('en')} outside the embedding`,
);
console.log(
  `${batch} paths of ${length} tokens, ${threads} threads, ${cpus()[0].model.trim()}; medians of ${rounds} steps\n`,
);
console.log(`${fixed((tokens / step) * 1000)} tokens/s trained`);
console.log(
  `${fixed(step)} ms a step (${Math.min(...stepTimes).toFixed(0)} best, ${firstStep.toFixed(0)} the first, with its graph)`,
);
console.log(`${fixed(step - outside)} ms   loss and gradients in ONNX Runtime`);
for (const [index, [name]] of parts.entries()) console.log(`${fixed(partTimes[index], 1)} ms   ${name}`);
console.log(
  `${fixed(stepOperations / step / 1e6, 1)} Gflop/s achieved: ${(stepOperations / 1e9).toFixed(1)} Gflop a step`,
);
console.log(
  '              = 6 · parameters outside the embedding · tokens + 12 · layers · batch · length² · heads · head_dim',
);
console.log(`${fixed(peak / 1e6, 1)} Gflop/s peak: ONNX Runtime, 2048³ product`);
console.log(
  `${fixed(median(ratios), 3)} of peak (${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)})`,
);
console.log(`${fixed(process.resourceUsage().maxRSS / 1024)} MiB of memory at most`);
await engine.dispose();
