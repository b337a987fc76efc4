// The memory plan against the truth: what memoryPlan.ts computes for a training step beside the most that a process of its own
// held. `npm run bench memory`; BENCH_CASES=2 takes only the first two.
import { MINI_CONFIG } from '../server/src/models/families/mini.ts';
import { estimateMemory } from '../server/src/training/memoryPlan.ts';
import { REFERENCE_MODELS } from '../server/src/training/referenceModels.ts';
import { LORA, setting, takeSteps, THREADS, type StepJob } from './trainingJob.ts';

const FULL = { kind: 'full' } as const;
const HEAD = { kind: 'head' } as const;
const mini = (batch: number, length: number, recompute: boolean) =>
  ({ model: 'mini', method: FULL, storedType: 'held', shape: { batch, length }, recompute }) as const;
const smol = (
  method: StepJob['method'],
  batch: number,
  length: number,
  recompute: boolean,
  storedType: 'F32' | 'BF16',
) => ({ model: 'SmolLM2-135M', method, storedType, shape: { batch, length }, recompute }) as const;

const CASES = [
  mini(16, 256, false),
  mini(16, 256, true),
  mini(4, 512, false),
  smol(LORA, 4, 256, false, 'BF16'),
  smol(LORA, 4, 256, true, 'BF16'),
  smol(LORA, 4, 256, true, 'F32'),
  smol(LORA, 1, 1024, false, 'BF16'),
  smol(LORA, 2, 1024, true, 'BF16'),
  smol(HEAD, 4, 256, false, 'BF16'),
  smol(FULL, 1, 256, true, 'BF16'),
];

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`.padStart(9);
console.log('model, method, weights, paths x tokens                     computed  measured');
for (const job of CASES.slice(0, setting('CASES', CASES.length))) {
  const config = REFERENCE_MODELS.find(({ model }) => model === job.model)?.config ?? MINI_CONFIG;
  const { total } = estimateMemory({ ...job, config, device: 'cpu' });
  const { peakBytes } = await takeSteps({ ...job, steps: 1, threads: THREADS, products: false });
  const what = `${job.model} ${job.method.kind} ${job.storedType} ${job.shape.batch} x ${job.shape.length}`;
  const error = (100 * (total / peakBytes - 1)).toFixed(0);
  console.log(
    `${(what + (job.recompute ? ', recomputed' : '')).padEnd(55)} ${megabytes(total)} ${megabytes(peakBytes)}  ${error} %`,
  );
}
