// The training engine, on every device of this machine: it learns, to the bit the same every time, resumes exactly, takes
// several batches as one, and stops where numbers break.
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DecoderConfig } from '../../../server/src/models/backbones/config.ts';
import { HEAD, trainedSpecs, type TrainingMethod } from '../../../server/src/models/backbones/method.ts';
import { initialParameters, parameterSpecs } from '../../../server/src/models/backbones/parameters.ts';
import type { Weights } from '../../../server/src/models/backbones/weight.ts';
import type { ChosenDevice } from '../../../server/src/models/devices/device.ts';
import { OutOfMemoryError } from '../../../server/src/models/memoryError.ts';
import { MINI_CONFIG } from '../../../server/src/models/families/mini.ts';
import { seededRandom } from '../../../server/src/support/random.ts';
import { HostStore } from '../../../server/src/training/hostStore.ts';
import type { TokenBatch } from '../../../server/src/training/tokenBatch.ts';
import {
  createTrainingEngine,
  NotFiniteError,
  type TrainingEngine,
  type TrainingEngineOptions,
} from '../../../server/src/training/trainingEngine.ts';
import { triedDevices } from '../../support/devices.ts';
import { relativeError } from '../graph/runGraph.ts';

const config: DecoderConfig = {
  ...MINI_CONFIG,
  vocab_size: 12,
  hidden_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 8,
  intermediate_size: 48,
};
const update = { learningRate: 3e-3, weightDecay: 0.01, maxGradientNorm: 1 };

const FULL: TrainingMethod = { kind: 'full' };
const LORA: TrainingMethod = {
  kind: 'lora',
  rank: 4,
  alpha: 8,
  dropout: 0,
  targets: ['q_proj', 'v_proj', 'down_proj'],
};
const METHODS: readonly TrainingMethod[] = [FULL, LORA, { kind: 'head' }];

/** Held weights of a new model. */
function weightsOf(model: DecoderConfig, seed = 1, changed: Record<string, Float32Array> = {}): Weights {
  const values = initialParameters(model, seed);
  return new Map(
    parameterSpecs(model).map(({ name, dims }) => [
      name,
      { dims, values: changed[name] ?? values.get(name) ?? new Float32Array() },
    ]),
  );
}

const engines: TrainingEngine[] = [];
async function engineOf(options: Partial<TrainingEngineOptions> = {}): Promise<TrainingEngine> {
  const model = options.config ?? config;
  const engine = await createTrainingEngine({
    config: model,
    device: 'cpu',
    threads: 1,
    method: FULL,
    weights: weightsOf(model),
    seed: 1,
    ...options,
  });
  engines.push(engine);
  return engine;
}
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.dispose();
});

/** Paths of random tokens. Every fourth position is scored: correct where the token before it is an even one. */
function lookBackBatch(seed: number, batch = 8, length = 16, vocabulary = config.vocab_size): TokenBatch {
  const random = seededRandom(seed);
  const rows = batch * length;
  const ids = Int32Array.from({ length: rows }, () => random.int(0, vocabulary - 1));
  return {
    batch,
    length,
    ids,
    targets: Float32Array.from({ length: rows }, (_, row) => (row > 0 && ids[row - 1] % 2 === 0 ? 1 : 0)),
    weights: Float32Array.from({ length: rows }, (_, row) => (row % 4 === 3 ? 1 : 0)),
  };
}

const copyOf = (tensors: ReadonlyMap<string, Float32Array>) =>
  new Map([...tensors].map(([name, values]) => [name, values.slice()]));

/** All that a resume needs, as it is now. */
async function stateOf(engine: TrainingEngine) {
  const { step, first, second } = await engine.optimizerState();
  return {
    parameters: copyOf(await engine.parameters()),
    optimizer: { step, first: copyOf(first), second: copyOf(second) },
  };
}

/** Rows of a batch as batches of their own. */
function parts({ batch, length, ids, targets, weights }: TokenBatch, sizes: readonly number[]): TokenBatch[] {
  let row = 0;
  return sizes.map((size) => {
    const range = [row * length, (row += size) * length] as const;
    expect(row).toBeLessThanOrEqual(batch);
    return {
      batch: size,
      length,
      ids: ids.slice(...range),
      targets: targets.slice(...range),
      weights: weights.slice(...range),
    };
  });
}

/** The same paths with more padding, which holds other tokens. */
function padded(short: TokenBatch, length: number): TokenBatch {
  const rows = short.batch * length;
  const long: TokenBatch = {
    batch: short.batch,
    length,
    ids: new Int32Array(rows).fill(5),
    targets: new Float32Array(rows).fill(1),
    weights: new Float32Array(rows),
  };
  for (let path = 0; path < short.batch; path++) {
    const part = [path * short.length, (path + 1) * short.length] as const;
    long.ids.set(short.ids.subarray(...part), path * length);
    long.targets.set(short.targets.subarray(...part), path * length);
    long.weights.set(short.weights.subarray(...part), path * length);
  }
  return long;
}

/** The relative difference of two states' values, the largest over all tensors. */
function difference(
  actual: ReadonlyMap<string, Float32Array>,
  expected: ReadonlyMap<string, Float32Array>,
): number {
  expect([...actual.keys()]).toEqual([...expected.keys()]);
  return Math.max(...[...expected].map(([name, values]) => relativeError(actual.get(name) ?? [], values)));
}

for (const report of await triedDevices()) {
  const { device } = report;
  if (report.works) {
    // A software device makes a step in seconds.
    const slow = report.gigaflops < 1;
    describe(`TrainingEngine on ${device}`, { timeout: slow ? 300_000 : 30_000 }, () => {
      engineTests(device, slow);
    });
  } else {
    it.skip(`TrainingEngine on ${device}, which is absent: ${report.reason}`);
  }
}

function engineTests(device: ChosenDevice, slow: boolean) {
  const here = (options: Partial<TrainingEngineOptions> = {}) => engineOf({ device, ...options });

  it('computes what the CPU does, step by step', async () => {
    const batches = (step: number) => [lookBackBatch(step), lookBackBatch(step + 100, 4)];
    const [engine, reference] = [await here({ method: LORA }), await engineOf({ method: LORA })];
    for (let step = 0; step < 3; step++) {
      const expected = await reference.trainStep(batches(step), update);
      const { loss, gradientNorm } = await engine.trainStep(batches(step), update);
      expect(Math.abs(loss - expected.loss)).toBeLessThan(1e-4);
      expect(Math.abs(gradientNorm / expected.gradientNorm - 1)).toBeLessThan(1e-3);
    }
    expect(difference(await engine.parameters(), await reference.parameters())).toBeLessThan(1e-3);
  });

  it.skipIf(slow)('learns what can be known only by looking back', async () => {
    const engine = await here();
    const unseen = lookBackBatch(1_000);
    const before = await engine.forward(unseen);
    expect(before.loss).toBeCloseTo(Math.log(2), 1);
    for (let step = 0; step < 300; step++) await engine.trainStep([lookBackBatch(step)], update);
    const { loss, logits } = await engine.forward(unseen);
    expect(loss).toBeLessThan(0.1);
    const right = [...unseen.weights.keys()].filter(
      (row) =>
        unseen.weights[row] > 0 && Number(logits[2 * row + 1] > logits[2 * row]) === unseen.targets[row],
    );
    expect(right).toHaveLength(32);
  });

  it.each(METHODS)('$kind: computes in training what it computes without', async (method) => {
    const engine = await here({ method });
    const batch = lookBackBatch(1);
    const { loss, logits } = await engine.forward(batch);
    const step = await engine.trainStep([batch], update);
    expect(step.loss).toBeCloseTo(loss, 6);
    expect(relativeError(step.logits[0], logits)).toBeLessThan(1e-5);
  });

  it.each(METHODS)('$kind: trains its own tensors, lowers the loss, and moves no other', async (method) => {
    const weights = weightsOf(config);
    const before = [...weights.values()].map((weight) =>
      'values' in weight ? weight.values.slice() : weight,
    );
    const engine = await here({ method, weights });
    const start = copyOf(await engine.parameters());
    expect([...start.keys()]).toEqual(trainedSpecs(config, method).map(({ name }) => name));
    const batch = lookBackBatch(1);
    const { loss } = await engine.forward(batch);
    for (let step = 0; step < 4; step++) await engine.trainStep([batch], update);
    expect((await engine.forward(batch)).loss).toBeLessThan(loss);
    for (const [name, values] of await engine.parameters()) expect(values, name).not.toEqual(start.get(name));
    expect([...weights.values()].map((weight) => ('values' in weight ? weight.values : weight))).toEqual(
      before,
    );
  });

  it('takes the weighted mean over scored positions, whatever lies in the padding', async () => {
    const engine = await here();
    const short = lookBackBatch(1, 2, 8);
    const long = padded(short, 12);
    const heavier = { ...long, weights: long.weights.map((weight) => weight * 3) };
    const expected = (await engine.forward(short)).loss;
    expect((await engine.forward(heavier)).loss).toBeCloseTo(expected, 5);
  });

  it.each(METHODS)(
    '$kind: takes 8 paths at once as 4 and 4, and as 5 and 3 of other lengths',
    async (method) => {
      const batch = lookBackBatch(1);
      batch.weights.set([2, 0.5], 3); // Other weights in each part: a mean of means would differ.
      const [three] = parts(batch, [3]);
      const five = parts(batch, [3, 5])[1];
      const ways = [[batch], parts(batch, [4, 4]), [padded(five, 24), three]];
      const states: Awaited<ReturnType<typeof stateOf>>[] = [];
      const results: { loss: number; gradientNorm: number }[] = [];
      for (const batches of ways) {
        const engine = await here({ method });
        results.push(await engine.trainStep(batches, { ...update, maxGradientNorm: 1e9 }));
        states.push(await stateOf(engine));
      }
      for (const [index, { loss, gradientNorm }] of results.entries()) {
        expect(Math.abs(loss - results[0].loss)).toBeLessThan(1e-6);
        expect(Math.abs(gradientNorm - results[0].gradientNorm)).toBeLessThan(1e-5);
        // After one step the first moments are the gradients, times 0.1.
        expect(difference(states[index].optimizer.first, states[0].optimizer.first)).toBeLessThan(2e-5);
      }
    },
  );

  it.skipIf(slow)('learns a probability from soft targets', async () => {
    const engine = await here();
    const batch = lookBackBatch(1);
    batch.targets.fill(0.3);
    for (let step = 0; step < 60; step++) await engine.trainStep([batch], update);
    const { loss, logits } = await engine.forward(batch);
    // The entropy of 0.3 is the least that the loss can be.
    expect(loss).toBeCloseTo(-0.3 * Math.log(0.3) - 0.7 * Math.log(0.7), 3);
    const logOdds = logits[2 * 3 + 1] - logits[2 * 3];
    expect(1 / (1 + Math.exp(-logOdds))).toBeCloseTo(0.3, 1);
  });

  it.each([...METHODS, { ...LORA, dropout: 0.3 }])(
    '$kind: goes on from a saved state to the bit',
    async (method) => {
      const straight = await here({ method });
      const accumulated = (step: number) => [lookBackBatch(step), lookBackBatch(step + 100, 4)];
      for (let step = 0; step < 4; step++) await straight.trainStep(accumulated(step), update);

      const stopped = await here({ method });
      for (let step = 0; step < 2; step++) await stopped.trainStep(accumulated(step), update);
      const saved = await stateOf(stopped);
      await stopped.trainStep(accumulated(99), update); // The copy is no part of it any more.

      const resumed = await here({ method, weights: weightsOf(config, 1) });
      await resumed.loadState(saved);
      for (let step = 2; step < 4; step++) await resumed.trainStep(accumulated(step), update);
      expect(await stateOf(resumed)).toEqual(await stateOf(straight));
    },
  );

  it('limits the gradient norm, and reports it as it was', async () => {
    const [free, clipped] = [await here(), await here()];
    const batch = lookBackBatch(1);
    const { gradientNorm } = await free.trainStep([batch], { ...update, maxGradientNorm: 1e9 });
    const limited = await clipped.trainStep([batch], { ...update, maxGradientNorm: gradientNorm / 4 });
    expect(limited.gradientNorm).toBe(gradientNorm);
    const { first } = await clipped.optimizerState();
    const times4 = new Map([...first].map(([name, moment]) => [name, moment.map((value) => value * 4)]));
    expect(difference(times4, (await free.optimizerState()).first)).toBeLessThan(1e-5);
  });

  it('does not move where nothing is scored, but for weight decay', async () => {
    const engine = await here();
    const before = await stateOf(engine);
    const batch = { ...lookBackBatch(1), weights: new Float32Array(128) };
    const { loss } = await engine.trainStep([batch], { ...update, weightDecay: 0 });
    expect(loss).toBe(0);
    expect(await engine.parameters()).toEqual(before.parameters);
  });

  it('stops at a loss that is not finite, with everything as it was', async () => {
    const head = initialParameters(config, 1).get(HEAD) ?? new Float32Array();
    const engine = await here({ weights: weightsOf(config, 1, { [HEAD]: head.fill(3e38) }) });
    const before = await stateOf(engine);
    const failure = await engine
      .trainStep([lookBackBatch(1), lookBackBatch(2)], update)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NotFiniteError);
    const { loss, gradientNorm } = failure as NotFiniteError;
    expect(Number.isFinite(loss + gradientNorm)).toBe(false);
    expect(await stateOf(engine)).toEqual(before);
  });

  it('says which tensor of a state does not fit, and takes over nothing', async () => {
    const engine = await here();
    const before = await stateOf(engine);
    const { parameters, optimizer } = await stateOf(await here({ weights: weightsOf(config, 5) }));
    const wrong = new Map(optimizer.second).set(HEAD, new Float32Array(3));
    await expect(
      engine.loadState({ parameters, optimizer: { ...optimizer, second: wrong } }),
    ).rejects.toThrow('The tensor score.weight has 3 elements instead of 64.');
    parameters.delete('model.norm.weight');
    await expect(engine.loadState({ parameters, optimizer })).rejects.toThrow(
      'The tensor model.norm.weight is missing.',
    );
    expect(await stateOf(engine)).toEqual(before);
  });
}

describe('TrainingEngine', () => {
  it('is not read any more where an update broke off between two tensors', async () => {
    const engine = await engineOf();
    const broken = vi.spyOn(HostStore.prototype, 'update').mockRejectedValueOnce(new Error('device lost'));
    await expect(engine.trainStep([lookBackBatch(1)], update)).rejects.toThrow('device lost');
    broken.mockRestore();
    const torn = /Update 1 broke off on cpu: .* Go on from the last checkpoint\./;
    await expect(engine.parameters()).rejects.toThrow(torn);
    await expect(engine.optimizerState()).rejects.toThrow(torn);
    await expect(engine.trainStep([lookBackBatch(1)], update)).rejects.toThrow(torn);
    await engine.loadState(await stateOf(await engineOf()));
    await expect(engine.trainStep([lookBackBatch(1)], update)).resolves.toBeDefined();
  });

  it.each([
    [FULL, false, '--recompute, --max_memory or --method lora.'],
    [LORA, true, 'a shorter --max_length or --max_memory.'],
  ])('advises where memory does not suffice, and changes nothing', async (method, recompute, remedy) => {
    const engine = await engineOf({ method, recompute });
    const before = await stateOf(engine);
    const failure = await engine
      .trainStep([lookBackBatch(1, 1, 200_000)], update)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OutOfMemoryError);
    const { what, remedy: advice } = failure as OutOfMemoryError;
    expect(what).toMatch(/^The memory of cpu ran out in step 1, with batches of 1 x 200000 tokens \(.+\)$/);
    expect(advice).toContain(remedy);
    expect(await stateOf(engine)).toEqual(before);
  });

  it('is told of another run on its device', async () => {
    const [one, other] = [`/runs/${randomUUID()}`, `/runs/${randomUUID()}`];
    const first = await engineOf({ runFolder: one });
    const second = await engineOf({ runFolder: other });
    const notes = (engine: TrainingEngine) => engine.deviceNotes.join(' ');
    expect(notes(first)).not.toContain(other);
    expect(notes(second)).toContain(`Another run (process ${process.pid}, ${one}) is training on cpu.`);
    await first.dispose();
    expect(notes(await engineOf({ runFolder: `/runs/${randomUUID()}` }))).not.toContain(one);
  });

  it(
    'gives the same gradients to the bit at full size, with two threads, run after run',
    { timeout: 60_000 },
    async () => {
      const batch = lookBackBatch(7, 2, 64, MINI_CONFIG.vocab_size);
      const engine = await engineOf({ config: MINI_CONFIG, threads: 2 });
      const start = await stateOf(engine);
      const outcomes: ReadonlyMap<string, Float32Array>[] = [];
      for (let repetition = 0; repetition < 3; repetition++) {
        await engine.loadState(start);
        await engine.trainStep([batch], update);
        // After one step the first moments are the clipped gradients, times 0.1.
        outcomes.push(copyOf((await engine.optimizerState()).first));
      }
      for (const { name } of parameterSpecs(MINI_CONFIG)) {
        const bytes = outcomes.map(
          (outcome) => new Uint8Array(outcome.get(name)?.buffer ?? new ArrayBuffer(0)),
        );
        expect(
          bytes[0].some((byte) => byte !== 0),
          name,
        ).toBe(true);
        expect(
          bytes.every((other) => Buffer.compare(other, bytes[0]) === 0),
          name,
        ).toBe(true);
      }
    },
  );
});
