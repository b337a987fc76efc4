// The learning rate rises to its peak, falls to its floor, and is never zero.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learningRateAt } from '../../../server/src/training/schedule.ts';

describe('learningRateAt', () => {
  const schedule = { peak: 1e-3, totalSteps: 100, shape: 'cosine' as const, warmupRatio: 0.1 };

  it('warms up in a straight line and ends at 5 % of the peak', () => {
    expect(learningRateAt(schedule, 1)).toBeCloseTo(1e-4, 12);
    expect(learningRateAt(schedule, 5)).toBeCloseTo(5e-4, 12);
    expect(learningRateAt(schedule, 10)).toBeCloseTo(1e-3, 12);
    expect(learningRateAt(schedule, 55)).toBeCloseTo(1e-3 * (0.05 + 0.95 / 2), 12);
    expect(learningRateAt(schedule, 100)).toBeCloseTo(5e-5, 12);
  });

  it('falls in a straight line, or not at all', () => {
    expect(learningRateAt({ ...schedule, shape: 'linear' }, 55)).toBeCloseTo(1e-3 * (0.05 + 0.95 / 2), 12);
    expect(learningRateAt({ ...schedule, shape: 'linear' }, 32)).toBeCloseTo(
      1e-3 * (0.05 + 0.95 * (68 / 90)),
      12,
    );
    expect(learningRateAt({ ...schedule, shape: 'linear' }, 100)).toBeCloseTo(5e-5, 12);
    expect(learningRateAt({ ...schedule, shape: 'constant' }, 5)).toBeCloseTo(5e-4, 12);
    expect(learningRateAt({ ...schedule, shape: 'constant' }, 100)).toBe(1e-3);
  });

  it('stays in (0, peak] for any run', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom('cosine' as const, 'linear' as const, 'constant' as const),
        (totalSteps, warmupRatio, shape) => {
          for (let step = 1; step <= totalSteps; step++) {
            const rate = learningRateAt({ peak: 2, totalSteps, warmupRatio, shape }, step);
            expect(rate).toBeGreaterThan(0);
            expect(rate).toBeLessThanOrEqual(2 + 1e-12);
          }
        },
      ),
    );
  });
});
