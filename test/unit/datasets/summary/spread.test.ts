// Median, mean and histogram of streamed values, beside what sorting all of them says.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Spread } from '../../../../protocol/src/datasetSummary.ts';
import { SpreadCounter } from '../../../../server/src/datasets/summary/spread.ts';

function spreadOf(values: readonly number[]): Spread | null {
  const counter = new SpreadCounter();
  for (const value of values) counter.add(value);
  return counter.spread();
}

const values = (max: number): fc.Arbitrary<number[]> =>
  fc.array(fc.oneof(fc.nat(20), fc.nat(max)), { minLength: 1, maxLength: 200 });

describe('SpreadCounter', () => {
  it('says what sorting says', () => {
    fc.assert(
      fc.property(values(65_535), (all) => {
        const sorted = all.toSorted((one, two) => one - two);
        const middle = sorted.length >> 1;
        const median =
          sorted.length % 2 === 1
            ? sorted[middle]
            : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
        const spread = spreadOf(all);
        expect(spread).toMatchObject({ min: sorted[0], max: sorted.at(-1), median });
        expect(spread?.mean).toBeCloseTo(all.reduce((sum, value) => sum + value, 0) / all.length, 9);
        expect(spread).not.toHaveProperty('medianAbout');
      }),
    );
  });

  it('puts every value into its bin', () => {
    fc.assert(
      fc.property(values(65_535), (all) => {
        const { edges, counts } = spreadOf(all)?.histogram ?? { edges: [], counts: [] };
        expect(edges).toHaveLength(counts.length + 1);
        expect(edges).toEqual([...new Set(edges)].sort((one, two) => one - two));
        for (const [bin, count] of counts.entries()) {
          const [from = 0, to = 0] = edges.slice(bin, bin + 2);
          expect(count).toBe(all.filter((value) => from <= value && value < to).length);
        }
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(all.length);
        expect(counts.length).toBeLessThanOrEqual(25);
      }),
    );
  });

  it('is right to 1.1 % where the median is a very large value, and says so', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 65_536, max: 2 ** 40 }), { minLength: 1, maxLength: 99 }),
        (all) => {
          const odd = all.length % 2 === 0 ? all.slice(1) : all;
          const median = odd.toSorted((one, two) => one - two)[odd.length >> 1] ?? Number.NaN;
          const spread = spreadOf(odd);
          expect(Math.abs((spread?.median ?? 0) / median - 1)).toBeLessThan(0.011);
          expect(spread?.medianAbout).toBe(true);
          const total = spread?.histogram.counts.reduce((sum, count) => sum + count, 0);
          expect(total).toBe(odd.length);
        },
      ),
    );
  });

  it('gives small values a bin each', () => {
    expect(spreadOf([3, 3, 5])?.histogram).toEqual({ edges: [3, 4, 5, 6], counts: [2, 0, 1] });
    expect(spreadOf([7])).toEqual({
      min: 7,
      median: 7,
      mean: 7,
      max: 7,
      histogram: { edges: [7, 8], counts: [1] },
    });
  });

  it('has round edges, and one bin for a long thin tail', () => {
    const common = Array.from({ length: 1000 }, (_, index) => index % 200);
    expect(spreadOf([...common, 50_000])?.histogram).toMatchObject({
      edges: [...Array.from({ length: 21 }, (_, bin) => 10 * bin), 50_001],
      counts: [...Array.from({ length: 20 }, () => 50), 1],
    });
  });

  it('knows of no values', () => {
    expect(new SpreadCounter().spread()).toBeNull();
  });
});
