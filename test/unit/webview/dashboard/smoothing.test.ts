import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { smoothed } from '../../../../webview/src/dashboard/charts/smoothing.ts';

const values = fc.array(fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true })), { maxLength: 60 });
const weight = fc.double({ min: 0, max: 0.99, noNaN: true });

describe('smoothing', () => {
  it('leaves values as they are at weight 0', () => {
    expect(smoothed([3, null, 1, 4], 0)).toEqual([3, null, 1, 4]);
  });

  it('is the weighted mean of what came before', () => {
    const [first, second, third] = smoothed([1, 2, 4], 0.5);
    expect(first).toBe(1);
    expect(second).toBeCloseTo((1 * 0.5 + 2) / 1.5, 12);
    expect(third).toBeCloseTo((1 * 0.25 + 2 * 0.5 + 4) / 1.75, 12);
  });

  it('keeps gaps, which do not count', () => {
    const [first, gap, last] = smoothed([2, null, 2], 0.9);
    expect(first).toBe(2);
    expect(gap).toBeNull();
    expect(last).toBeCloseTo(2, 12);
  });

  it('stays between the extremes, and of a constant is that constant', () => {
    fc.assert(
      fc.property(values, weight, (given, by) => {
        const numbers = given.filter((value) => value !== null);
        const low = Math.min(...numbers);
        const high = Math.max(...numbers);
        const slack = 1e-9 * Math.max(1, Math.abs(low), Math.abs(high));
        smoothed(given, by).forEach((value, index) => {
          expect(value === null).toBe(given[index] === null);
          if (value === null) return;
          expect(value).toBeGreaterThanOrEqual(low - slack);
          expect(value).toBeLessThanOrEqual(high + slack);
        });
      }),
    );
  });
});
