// Low-rank adapters on a backbone of SmolLM2-135M's shape (random weights): tokens a second and memory, with activations kept
// and computed twice, weights stored in bfloat16 and float32; each in a process of its own.
// `npm run bench lora`; BENCH_BATCH, BENCH_LENGTH, BENCH_THREADS, BENCH_ROUNDS; BENCH_MODEL names another of referenceModels.ts.
// test/reference/peer_lora.py does the same step in PyTorch.
import { cpus } from 'node:os';
import { estimateMemory } from '../server/src/training/memoryPlan.ts';
import { REFERENCE_MODELS } from '../server/src/training/referenceModels.ts';
import { stepOperations } from '../server/src/training/timePlan.ts';
import { LORA, median, PRODUCT_OPERATIONS, setting, takeSteps, THREADS } from './trainingJob.ts';

const shape = { batch: setting('BATCH', 4), length: setting('LENGTH', 256) };
const rounds = setting('ROUNDS', 5);
const tokens = shape.batch * shape.length;
const known = REFERENCE_MODELS.find(({ model }) => model === (process.env.BENCH_MODEL ?? 'SmolLM2-135M'));
if (!known)
  throw new Error(`BENCH_MODEL is one of ${REFERENCE_MODELS.map(({ model }) => model).join(', ')}.`);
const { model, config } = known;

console.log(
  `${model}, adapters of rank 16 beside every linear layer, ${shape.batch} paths of ${shape.length} tokens`,
);
console.log(`${THREADS} threads, ${cpus()[0].model.trim()}; medians of ${rounds} steps\n`);
console.log('                        tokens/s  ms a step  Gflop/s  of peak  memory at most (computed)');
for (const storedType of ['BF16', 'F32'] as const) {
  for (const recompute of [false, true]) {
    const setup = { method: LORA, shape, recompute, storedType };
    const { steps, products, peakBytes } = await takeSteps({
      ...setup,
      model,
      steps: rounds,
      threads: THREADS,
      products: true,
    });
    const operations = stepOperations({ config, ...setup });
    const ratio = median(
      steps.map((time, index) => operations / time / (PRODUCT_OPERATIONS / products[index])),
    );
    const step = median(steps);
    const { total } = estimateMemory({ config, device: 'cpu', ...setup });
    console.log(
      [
        `${storedType === 'F32' ? 'float32' : 'bfloat16'}${recompute ? ', recomputed' : ''}`.padEnd(22),
        ((tokens / step) * 1000).toFixed(0).padStart(9),
        step.toFixed(0).padStart(10),
        (operations / step / 1e6).toFixed(1).padStart(8),
        ratio.toFixed(3).padStart(8),
        `${(peakBytes / 1e6).toFixed(0)} MB (${(total / 1e6).toFixed(0)} MB)`.padStart(18),
      ].join(' '),
    );
  }
}
