// What getting data ready costs beside learning from it: reading and tokenising a file, planning an epoch and packing its batches,
// against steps of `mini`, the model with the fastest steps. `npm run bench pipeline`; BENCH_ROUNDS measured steps (5).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { formatDataset } from '../server/src/datasets/format/format.ts';
import { loadTokenizer } from '../server/src/models/tokenizer.ts';
import { chooseBuckets, planEpoch, tokenBatch } from '../server/src/training/batches.ts';
import { readPaths } from '../server/src/training/data.ts';
import { miniModel } from '../server/src/training/trainableModels.ts';
import { createTrainingEngine } from '../server/src/training/trainingEngine.ts';
import { ROOT } from '../scripts/lib/paths.ts';
import { median, setting, THREADS, timed } from './trainingJob.ts';

const BATCH_SIZE = 16;
const rounds = setting('ROUNDS', 5);
const scratch = await mkdtemp(path.join(tmpdir(), 'prm-bench-pipeline-'));
try {
  await formatDataset({
    inputs: [{ dataset: path.join(ROOT, 'samples/gsm8k-stepwise-sample.parquet'), weight: undefined }],
    outputDir: scratch,
    balance: true,
    valRatio: 0.1,
    seed: 1,
    completions: 'auto',
    neutral: 'neutral',
    afterError: 'as-given',
    emptySteps: 'drop',
    overwrite: true,
  });
  const model = miniModel();
  const encoder = {
    family: model.family,
    tokenizer: loadTokenizer(model.tokenizerFile()),
    maxLength: 1024,
    vocabularySize: model.config.vocab_size,
  };
  const read = () => readPaths(path.join(scratch, 'prm_train.jsonl'), encoder);
  const { paths } = await read();
  const readTimes: number[] = [];
  for (let round = 0; round < 3; round++) readTimes.push(await timed(read));

  const lengths = paths.map(({ ids }) => ids.length);
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const plan = () => {
    const buckets = chooseBuckets(lengths, { batchSize: BATCH_SIZE, epochs: 1 });
    return planEpoch(lengths, buckets, { stepPaths: BATCH_SIZE, seed: 1, epoch: 0 });
  };
  const steps = plan();
  const packAll = () => plan().map((step) => step.map((batch) => tokenBatch(batch, paths)));
  const packTimes: number[] = [];
  for (let round = 0; round < 5; round++) packTimes.push(await timed(packAll));

  // Steps of the most frequent shape; a step's first run makes its graph and is not counted.
  const engine = await createTrainingEngine({
    config: model.config,
    device: 'cpu',
    threads: THREADS,
    method: { kind: 'full' },
    weights: await model.weights(1),
    seed: 1,
  });
  const update = { learningRate: 1e-4, weightDecay: 0.01, maxGradientNorm: 1 };
  const alike = steps.filter(
    ([first]) => first.bucket === mostFrequent(steps.map(([batch]) => batch.bucket)),
  );
  const stepTimes: number[] = [];
  let stepTokens = 0;
  for (const [index, step] of alike.slice(0, rounds + 1).entries()) {
    const time = await timed(() =>
      engine.trainStep(
        step.map((batch) => tokenBatch(batch, paths)),
        update,
      ),
    );
    if (index === 0) continue;
    stepTimes.push(time);
    stepTokens += step.flatMap(({ members }) => members).reduce((sum, member) => sum + lengths[member], 0);
  }
  await engine.dispose();

  const microseconds = (milliseconds: number, count: number) => (1000 * milliseconds) / count;
  const parts = {
    'reading and tokenising': microseconds(median(readTimes), tokens),
    'planning and packing': microseconds(median(packTimes), tokens),
  };
  const learning = microseconds(
    stepTimes.reduce((sum, time) => sum + time, 0),
    stepTokens,
  );
  console.log(
    `${paths.length} paths, ${tokens} tokens, ${THREADS} threads; microseconds a token, and part of a step of mini:`,
  );
  for (const [name, cost] of Object.entries(parts)) {
    console.log(
      `${cost.toFixed(2).padStart(9)} ${((100 * cost) / learning).toFixed(2).padStart(6)} %  ${name}`,
    );
  }
  console.log(`${learning.toFixed(2).padStart(9)}           learning`);
} finally {
  await rm(scratch, { recursive: true, force: true });
}

function mostFrequent<T>(values: readonly T[]): T | undefined {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
