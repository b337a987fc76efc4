// Takes some training steps in a process of its own, so that its memory is measured alone. Started by the benchmarks with
// a job as JSON; answers with the measurements as JSON on the last line.
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { elementCount } from '../server/src/graph/shape.ts';
import type { DecoderConfig } from '../server/src/models/backbones/config.ts';
import { initialParameters, parameterSpecs } from '../server/src/models/backbones/parameters.ts';
import type { Weight, Weights } from '../server/src/models/backbones/weight.ts';
import { seededRandom } from '../server/src/support/random.ts';
import { REFERENCE_MODELS } from '../server/src/training/referenceModels.ts';
import { createTrainingEngine } from '../server/src/training/trainingEngine.ts';
import { matrixProduct, randomBatch, timed, type StepJob, type StepMeasurement } from './trainingJob.ts';

const job = JSON.parse(process.argv[2] ?? '{}') as StepJob;
const model = REFERENCE_MODELS.find((known) => known.model === job.model);
if (!model) throw new Error(`No model ${job.model}.`);
const folder = await mkdtemp(path.join(tmpdir(), 'prm-bench-weights-'));
try {
  console.log(JSON.stringify(await measure(model.config, job)));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(
  config: DecoderConfig,
  { method, shape, recompute, steps, threads, storedType, products }: StepJob,
) {
  const weights = storedType === 'held' ? heldWeights(config) : storedWeights(config, storedType);
  const engine = await createTrainingEngine({
    config,
    device: 'cpu',
    threads,
    method,
    weights,
    seed: 1,
    recompute,
  });
  const batch = randomBatch(config, shape);
  const update = { learningRate: 1e-4, weightDecay: 0.01, maxGradientNorm: 1 };
  const product = products ? await matrixProduct(threads) : undefined;
  const times: StepMeasurement = { first: 0, steps: [], products: [], loss: 0, peakBytes: 0 };
  for (let step = 0; step <= steps; step++) {
    const rate = product && Math.min(await timed(product), await timed(product));
    const start = performance.now();
    const { loss } = await engine.trainStep([batch], update);
    const time = performance.now() - start;
    if (step === 0) times.first = time;
    else times.steps.push(time);
    if (step > 0 && rate !== undefined) times.products.push(rate);
    times.loss = loss;
  }
  times.peakBytes = process.resourceUsage().maxRSS * 1024;
  await engine.dispose();
  return times;
}

function heldWeights(config: DecoderConfig): Weights {
  const values = initialParameters(config, 1);
  return new Map(
    parameterSpecs(config).map(({ name, dims }): [string, Weight] => [
      name,
      { dims, values: values.get(name) ?? new Float32Array(elementCount(dims)) },
    ]),
  );
}

/** Small random numbers in a file, as a model folder's weights lie in theirs. What they are does not matter to time. */
function storedWeights(config: DecoderConfig, type: 'F32' | 'BF16'): Weights {
  const file = path.join(folder, 'weights.bin');
  const descriptor = openSync(file, 'w');
  const random = seededRandom(1);
  // Drawn once and repeated: 135 million draws would take longer than the steps.
  const some = Float32Array.from({ length: 65_537 }, () => 0.07 * (random.float() - 0.5));
  let offset = 0;
  const weights = new Map<string, Weight>();
  for (const { name, dims, initial } of parameterSpecs(config)) {
    const numbers = new Float32Array(elementCount(dims)).fill(1);
    if (initial === 'normal') {
      for (let from = 0; from < numbers.length; from += some.length) {
        numbers.set(some.subarray(0, Math.min(some.length, numbers.length - from)), from);
      }
    }
    // The upper half of a float32 is the same number as a bfloat16, rounded towards zero.
    const data =
      type === 'F32' ? numbers : new Uint16Array(numbers.buffer).filter((_, index) => index % 2 === 1);
    const length = data.byteLength;
    writeSync(descriptor, new Uint8Array(data.buffer), 0, length, offset);
    weights.set(name, { dims, type, file, offset, length });
    offset += length;
  }
  closeSync(descriptor);
  return weights;
}
