import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isStored } from '../../../server/src/models/backbones/weight.ts';
import { bucketLength } from '../../../server/src/models/backbones/graphs.ts';
import { mini } from '../../../server/src/models/families/mini.ts';
import { writeModelFolder } from '../../../server/src/models/modelFolder.ts';
import { loadTokenizer } from '../../../server/src/models/tokenizer.ts';
import { Scorer } from '../../../server/src/scoring/scorer.ts';
import { createTrainingEngine } from '../../../server/src/training/trainingEngine.ts';
import { SMALL_CONFIG, smallModel } from '../../support/smallModel.ts';

const PATH = {
  problem: 'Tom has 3 boxes of 12 pens and gives 5 pens away. How many pens are left?',
  steps: ['He has 3 x 12 = 36 pens.', 'He gives away 5, so 36 - 5 = 30 are left.', '#### 30'],
};

let folder: string;
let scorer: Scorer;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'prm-scorer-'));
  await writeModelFolder(path.join(folder, 'best_model'), smallModel());
  scorer = await Scorer.load(folder, { device: 'cpu', threads: 1 });
});
afterAll(async () => {
  await scorer.dispose();
  await rm(folder, { recursive: true, force: true });
});

describe('Scorer', () => {
  it('says what it loaded, out of a run folder too', () => {
    expect(scorer.loaded).toMatchObject({
      modelFolder: path.join(folder, 'best_model'),
      name: 'small',
      family: 'mini',
      device: 'cpu',
      threshold: 0.5,
      maxTokens: 512,
    });
    expect(scorer.loaded.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('gives the probabilities of the training forward pass', async () => {
    const { weights, config, tokenizerFile } = smallModel();
    const { ids, scorePositions } = mini.encode(PATH, loadTokenizer(tokenizerFile));
    // Another padding than the scorer's: right padding must not matter.
    const length = 2 * bucketLength(ids.length);
    const padded = new Int32Array(length);
    padded.set(ids);
    const targets = new Float32Array(length);
    const scored = new Float32Array(length);
    for (const position of scorePositions) scored[position] = 1;
    const engine = await createTrainingEngine({
      config,
      method: { kind: 'full' },
      weights,
      seed: 1,
      device: 'cpu',
      threads: 1,
    });
    const { logits } = await engine.forward({ batch: 1, length, ids: padded, targets, weights: scored });
    const expected = Array.from(scorePositions, (position) => {
      const [incorrect, correct] = [0, 1].map((index) => Math.exp(logits[2 * position + index] ?? NaN));
      return (correct ?? NaN) / ((incorrect ?? NaN) + (correct ?? NaN));
    });
    await engine.dispose();

    const { scores, tokens } = await scorer.score(PATH);
    expect(tokens).toBe(ids.length);
    expect(scores).toHaveLength(3);
    for (const [step, score] of scores.entries()) expect(score).toBeCloseTo(expected[step] ?? NaN, 5);
    // Random weights tell the steps apart, so the comparison above says something.
    expect(new Set(scores.map((score) => score.toFixed(4))).size).toBe(3);
  });

  it('scores a step from the steps before it alone', async () => {
    const whole = await scorer.score(PATH);
    const beginning = await scorer.score({ ...PATH, steps: PATH.steps.slice(0, 2) });
    expect(beginning.scores).toHaveLength(2);
    for (const [step, score] of beginning.scores.entries()) {
      expect(score).toBeCloseTo(whole.scores[step] ?? NaN, 5);
    }
  });

  it('keeps its answers straight over many lengths asked at once', async () => {
    const paths = [1, 9, 2, 14, 5, 20, 1].map((count) => ({
      problem: PATH.problem,
      steps: Array.from({ length: count }, (_, step) => PATH.steps[step % 3] ?? ''),
    }));
    const together = await Promise.all(paths.map((path) => scorer.score(path)));
    expect(together.map(({ scores }) => scores.length)).toEqual([1, 9, 2, 14, 5, 20, 1]);
    const last = together.at(-1)?.scores[0] ?? NaN;
    expect(together[0]?.scores[0]).toBe(last);
    for (const { scores } of together) expect(scores[0]).toBeCloseTo(last, 5);
  });

  it('has no scores for no steps', async () => {
    expect((await scorer.score({ problem: 'Two and two?', steps: [] })).scores).toEqual([]);
  });

  it('refuses a trace beyond the model with its size, and one far beyond it in no time', async () => {
    const steps = Array.from({ length: 60 }, () => 'He has 3 x 12 = 36 pens.');
    await expect(scorer.score({ problem: PATH.problem, steps })).rejects.toThrow(
      /^The trace has \d+ tokens, but the model reads at most 512\. Score one solution at a time/,
    );
    const started = performance.now();
    await expect(scorer.score({ problem: 'x'.repeat(10_000_000), steps })).rejects.toThrow(
      /^The trace has 10001440 characters, far more than the model reads \(512 tokens\)\./,
    );
    expect(performance.now() - started).toBeLessThan(1000);
    expect((await scorer.score(PATH)).scores).toHaveLength(3);
  });

  it('refuses to pass on a score that is no number', async () => {
    const broken = smallModel(2, SMALL_CONFIG);
    const head = broken.weights.get('score.weight');
    if (head === undefined || isStored(head)) throw new Error('The small model has its head in memory.');
    head.values.fill(NaN);
    const place = path.join(folder, 'broken');
    await writeModelFolder(place, broken);
    const scorerOfBroken = await Scorer.load(place, { device: 'cpu', threads: 1 });
    await expect(scorerOfBroken.score(PATH)).rejects.toThrow(/broken: .*no number as score of step 1/);
    await scorerOfBroken.dispose();
  });
});
