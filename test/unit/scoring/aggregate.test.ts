import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregateScores, firstDoubtfulStep, runningScores } from '../../../server/src/scoring/aggregate.ts';

const SCORES = [0.9, 0.5, 0.8];
const anyScores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 });

describe('aggregateScores', () => {
  it.each([
    ['min', 0.5],
    ['product', 0.36],
    ['last', 0.8],
    ['mean', 2.2 / 3],
  ] as const)('%s', (aggregate, expected) => {
    expect(aggregateScores(SCORES, aggregate)).toBeCloseTo(expected, 12);
  });

  it('has no score for a trace without steps', () => {
    expect(aggregateScores([], 'min')).toBeNull();
    expect(aggregateScores([], 'mean')).toBeNull();
  });

  it('counts a score that underflowed to 0', () => {
    expect(aggregateScores([0.9, 0, 0.9], 'min')).toBe(0);
    expect(aggregateScores([0.9, 0, 0.9], 'mean')).toBeCloseTo(0.6, 12);
  });

  it('lies between product and 1, and min is at most the mean', () => {
    fc.assert(
      fc.property(anyScores, (scores) => {
        const [min, product, mean] = (['min', 'product', 'mean'] as const).map(
          (aggregate) => aggregateScores(scores, aggregate) ?? NaN,
        );
        expect(product).toBeLessThanOrEqual(min ?? NaN);
        expect(min).toBeLessThanOrEqual((mean ?? NaN) + 1e-12);
      }),
    );
  });
});

describe('runningScores', () => {
  it('ends at the aggregates of the whole trace, and of every beginning of it', () => {
    fc.assert(
      fc.property(anyScores, (scores) => {
        const expected = scores.map((_, index) => ({
          min: aggregateScores(scores.slice(0, index + 1), 'min'),
          product: aggregateScores(scores.slice(0, index + 1), 'product'),
        }));
        expect(runningScores(scores)).toEqual(expected);
      }),
    );
  });
});

describe('firstDoubtfulStep', () => {
  it('is the first step under the threshold, not the lowest', () => {
    expect(firstDoubtfulStep([0.9, 0.4, 0.1], 0.5)).toBe(1);
  });

  it('takes a score at the threshold for correct', () => {
    expect(firstDoubtfulStep([0.5, 0.5], 0.5)).toBeNull();
    expect(firstDoubtfulStep([], 0.5)).toBeNull();
  });
});
