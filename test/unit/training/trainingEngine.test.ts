// The training engine: it learns, to the bit the same every time, resumes exactly, and stops where numbers break.
import { afterEach, describe, expect, it } from 'vitest';
import type { DecoderConfig } from '../../../server/src/models/backbones/config.ts';
import { initialParameters, parameterSpecs } from '../../../server/src/models/backbones/parameters.ts';
import { MINI_CONFIG } from '../../../server/src/models/families/mini.ts';
import { PrmError } from '../../../server/src/support/errors.ts';
import { seededRandom } from '../../../server/src/support/random.ts';
import type { TokenBatch } from '../../../server/src/training/tokenBatch.ts';
import {
  createTrainingEngine,
  type TrainingEngine,
  type TrainingEngineOptions,
} from '../../../server/src/training/trainingEngine.ts';
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

const engines: TrainingEngine[] = [];
async function engineOf(options: Partial<TrainingEngineOptions> = {}): Promise<TrainingEngine> {
  const engine = await createTrainingEngine({ config, device: 'cpu', threads: 1, seed: 1, ...options });
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

const copyOf = (parameters: ReadonlyMap<string, Float32Array>) =>
  new Map([...parameters].map(([name, values]) => [name, values.slice()]));

describe('TrainingEngine', () => {
  it('learns what can be known only by looking back', async () => {
    const engine = await engineOf();
    const unseen = lookBackBatch(1_000);
    const before = await engine.forward(unseen);
    expect(before.loss).toBeCloseTo(Math.log(2), 1);
    for (let step = 0; step < 300; step++) await engine.trainStep(lookBackBatch(step), update);
    const { loss, logits } = await engine.forward(unseen);
    expect(loss).toBeLessThan(0.1);
    const right = [...unseen.weights.keys()].filter(
      (row) =>
        unseen.weights[row] > 0 && Number(logits[2 * row + 1] > logits[2 * row]) === unseen.targets[row],
    );
    expect(right).toHaveLength(32);
  });

  it('computes in training what it computes without', async () => {
    const engine = await engineOf();
    const batch = lookBackBatch(1);
    const { loss, logits } = await engine.forward(batch);
    const kept = { loss, logits: logits.slice() };
    const step = await engine.trainStep(batch, update);
    expect(step.loss).toBe(kept.loss);
    expect(step.logits).toEqual(kept.logits);
  });

  it('takes the weighted mean over scored positions, whatever lies in the padding', async () => {
    const engine = await engineOf();
    const short = lookBackBatch(1, 2, 8);
    const padded: TokenBatch = {
      batch: 2,
      length: 12,
      ids: new Int32Array(24).fill(5),
      targets: new Float32Array(24).fill(1),
      weights: new Float32Array(24),
    };
    for (let path = 0; path < 2; path++) {
      const part = [path * 8, path * 8 + 8] as const;
      padded.ids.set(short.ids.subarray(...part), path * 12);
      padded.targets.set(short.targets.subarray(...part), path * 12);
      padded.weights.set(
        short.weights.subarray(...part).map((weight) => weight * 3),
        path * 12,
      );
    }
    const expected = (await engine.forward(short)).loss;
    expect((await engine.forward(padded)).loss).toBeCloseTo(expected, 5);
  });

  it(
    'gives the same gradients to the bit at full size, with two threads, run after run',
    { timeout: 60_000 },
    async () => {
      const batch = lookBackBatch(7, 4, 64, MINI_CONFIG.vocab_size);
      const parameters = initialParameters(MINI_CONFIG, 1);
      const engine = await engineOf({ config: MINI_CONFIG, threads: 2, parameters });
      const { first, second } = engine.optimizerState();
      const start = { parameters, optimizer: { step: 0, first: copyOf(first), second: copyOf(second) } };
      const outcomes: ReadonlyMap<string, Float32Array>[] = [];
      for (let repetition = 0; repetition < 4; repetition++) {
        engine.loadState(start);
        await engine.trainStep(batch, update);
        // After one step the first moments are the clipped gradients, times 0.1.
        outcomes.push(copyOf(engine.optimizerState().first));
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

  it('goes on from a saved state to the bit', async () => {
    const straight = await engineOf();
    for (let step = 0; step < 6; step++) await straight.trainStep(lookBackBatch(step), update);

    const stopped = await engineOf();
    for (let step = 0; step < 3; step++) await stopped.trainStep(lookBackBatch(step), update);
    const { step, first, second } = stopped.optimizerState();
    const saved = {
      parameters: copyOf(stopped.parameters),
      optimizer: { step, first: copyOf(first), second: copyOf(second) },
    };
    await stopped.trainStep(lookBackBatch(99), update); // The copy is no part of it any more.

    const resumed = await engineOf({ seed: 2 });
    resumed.loadState(saved);
    for (let step = 3; step < 6; step++) await resumed.trainStep(lookBackBatch(step), update);
    expect(resumed.parameters).toEqual(straight.parameters);
    expect(resumed.optimizerState()).toEqual(straight.optimizerState());
  });

  it('limits the gradient norm, and reports it as it was', async () => {
    const [free, clipped] = [await engineOf(), await engineOf()];
    const batch = lookBackBatch(1);
    const { gradientNorm } = await free.trainStep(batch, { ...update, maxGradientNorm: 1e9 });
    const limited = await clipped.trainStep(batch, { ...update, maxGradientNorm: gradientNorm / 4 });
    expect(limited.gradientNorm).toBe(gradientNorm);
    for (const [name, moment] of free.optimizerState().first) {
      const quarter = clipped.optimizerState().first.get(name) ?? new Float32Array();
      expect(
        relativeError(
          quarter.map((value) => value * 4),
          moment,
        ),
        name,
      ).toBeLessThan(1e-5);
    }
  });

  it('does not move where nothing is scored, but for weight decay', async () => {
    const engine = await engineOf();
    const before = copyOf(engine.parameters);
    const batch = { ...lookBackBatch(1), weights: new Float32Array(128) };
    const { loss } = await engine.trainStep(batch, { ...update, weightDecay: 0 });
    expect(loss).toBe(0);
    expect(engine.parameters).toEqual(before);
  });

  it('stops at a loss that is not finite, with the parameters as they were', async () => {
    const parameters = initialParameters(config, 1);
    parameters.get('score.weight')?.fill(3e38);
    const engine = await engineOf({ parameters });
    const failure = await engine.trainStep(lookBackBatch(1), update).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PrmError);
    expect(String(failure)).toMatch(/diverged at step 1.*lower learning rate/);
    expect(engine.parameters).toEqual(parameters);
    expect(engine.optimizerState().step).toBe(0);
  });

  it('says which tensor of a state does not fit, and takes over nothing', async () => {
    const engine = await engineOf();
    const before = copyOf(engine.parameters);
    const { step, first, second } = engine.optimizerState();
    const parameters = initialParameters(config, 5);
    const wrong = new Map(second).set('score.weight', new Float32Array(3));
    expect(() => engine.loadState({ parameters, optimizer: { step, first, second: wrong } })).toThrow(
      'The tensor score.weight has 3 elements instead of 64.',
    );
    parameters.delete('model.norm.weight');
    expect(() => engine.loadState({ parameters, optimizer: { step, first, second } })).toThrow(
      'The tensor model.norm.weight is missing.',
    );
    expect(engine.parameters).toEqual(before);
  });
});
