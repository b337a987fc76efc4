// Balanced sampling and the weights of classes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TrainingPath } from '../../../server/src/training/data.ts';
import { balancedPaths, classWeights, weighPaths } from '../../../server/src/training/sampling.ts';

const path = (labels: number[], targets = labels): TrainingPath => ({
  ids: new Int32Array(labels.length),
  scorePositions: Int32Array.from(labels, (_, index) => index),
  labels: Uint8Array.from(labels),
  targets: Float32Array.from(targets),
  weights: new Float32Array(labels.length).fill(1),
});
const isWrong = ({ labels }: TrainingPath): boolean => labels.includes(0);

describe('balancedPaths', () => {
  it('shows as many paths with a wrong step as without, every path at least once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer(),
        (right, wrong, seed) => {
          const paths = [
            ...Array.from({ length: right }, () => path([1, 1])),
            ...Array.from({ length: wrong }, () => path([1, 0])),
          ];
          const shown = balancedPaths(paths, seed);
          expect(shown.filter(isWrong)).toHaveLength(Math.max(right, wrong));
          expect(shown).toHaveLength(2 * Math.max(right, wrong));
          expect(new Set(shown).size).toBe(paths.length);
          const times = (item: TrainingPath) => shown.filter((other) => other === item).length;
          const rarer = paths.filter((item) => isWrong(item) === wrong < right).map(times);
          expect(Math.max(...rarer) - Math.min(...rarer)).toBeLessThanOrEqual(1);
          expect(balancedPaths(paths, seed)).toEqual(shown);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('shows all paths once where all are of one kind', () => {
    const paths = [path([1]), path([1, 1])];
    expect(balancedPaths(paths, 1)).toEqual(paths);
  });

  it('does not take a step without a label for a wrong one', () => {
    const unlabelled = path([0, 1]);
    unlabelled.weights[0] = 0;
    expect(balancedPaths([unlabelled, path([0]), path([0])], 1)).toHaveLength(4);
  });
});

describe('classWeights', () => {
  it('gives each class half of the loss when balanced, with a mean weight of 1', () => {
    const counts = { correct: 30, incorrect: 10 };
    const weights = classWeights({ class_weights: 'balanced' }, counts);
    expect(weights).toEqual({ incorrect: 2, correct: 40 / 60 });
    expect(30 * (weights?.correct ?? 0)).toBeCloseTo(10 * (weights?.incorrect ?? 0), 12);
  });

  it('reads two numbers, incorrect first, and refuses a class that would not count', () => {
    expect(classWeights({ class_weights: '2,.5' }, { correct: 1, incorrect: 1 })).toEqual({
      incorrect: 2,
      correct: 0.5,
    });
    expect(classWeights({ class_weights: 'none' }, { correct: 1, incorrect: 1 })).toBeUndefined();
    expect(() => classWeights({ class_weights: '0,1' }, { correct: 1, incorrect: 1 })).toThrow(
      '--class_weights 0,1: a class of weight 0 would not be learned.',
    );
  });
});

describe('weighPaths', () => {
  it('weighs labelled steps by their class, soft targets in between, others not at all', () => {
    const one = path([1, 0, 1, 1], [1, 0, 0.25, 1]);
    one.weights[3] = 0;
    weighPaths([one], { incorrect: 4, correct: 2 });
    expect([...one.weights]).toEqual([2, 4, 3.5, 0]);
  });
});
