// Batches: every path once an epoch, in a shape that it fits, in an order that the seed alone decides.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chooseBuckets,
  planBatches,
  planEpoch,
  planSteps,
  tokenBatch,
  type Bucket,
} from '../../../server/src/training/batches.ts';
import type { TrainingPath } from '../../../server/src/training/data.ts';

const pathLengths = fc.array(fc.integer({ min: 2, max: 1024 }), { minLength: 1, maxLength: 300 });
const batchSizes = fc.integer({ min: 1, max: 32 });

/** Positions that one epoch computes, padding and empty rows included. */
function computed(lengths: readonly number[], buckets: readonly Bucket[]): number {
  const order = lengths.map((_, path) => path);
  return planBatches(order, lengths, buckets).reduce(
    (sum, { bucket }) => sum + bucket.rows * bucket.length,
    0,
  );
}

describe('chooseBuckets', () => {
  it('has room for every path, ascending, none of them useless', () => {
    fc.assert(
      fc.property(pathLengths, batchSizes, (lengths, batchSize) => {
        const buckets = chooseBuckets(lengths, { batchSize, epochs: 1 });
        expect(buckets.at(-1)?.length).toBe(Math.ceil(Math.max(...lengths) / 16) * 16);
        expect(buckets.map(({ length }) => length)).toEqual(
          buckets.map(({ length }) => length).toSorted((a, b) => a - b),
        );
        const used = new Set(
          planBatches(
            lengths.map((_, path) => path),
            lengths,
            buckets,
          ).map(({ bucket }) => bucket),
        );
        expect(used.size).toBe(buckets.length);
      }),
    );
  });

  it('never costs more than one bucket for all, or one for every length', () => {
    fc.assert(
      fc.property(pathLengths, batchSizes, (lengths, batchSize) => {
        const rounded = lengths.map((length) => Math.ceil(length / 16) * 16);
        const bucket = (length: number, paths: number): Bucket => ({
          length,
          rows: Math.max(1, Math.min(batchSize, paths, Math.floor((16 * 512 * 512) / length ** 2))),
        });
        const every = [...new Set(rounded)].sort((a, b) => a - b);
        const each = every.map((length) =>
          bucket(length, rounded.filter((other) => other === length).length),
        );
        const cost = (buckets: Bucket[]): number => computed(lengths, buckets) + 2048 * buckets.length;
        const chosen = cost(chooseBuckets(lengths, { batchSize, epochs: 1 }));
        expect(chosen).toBeLessThanOrEqual(cost([bucket(Math.max(...rounded), lengths.length)]));
        expect(chosen).toBeLessThanOrEqual(cost(each));
      }),
    );
  });

  it('keeps padding small on lengths like those of GSM8K solutions', () => {
    // A wide hump around 190 tokens.
    const lengths = Array.from({ length: 4000 }, (_, path) =>
      Math.round(190 + 110 * Math.sin(path * 12.9898) * Math.cos(path * 78.233)),
    );
    const buckets = chooseBuckets(lengths, { batchSize: 16, epochs: 1 });
    const tokens = lengths.reduce((sum, length) => sum + length, 0);
    expect(computed(lengths, buckets) / tokens).toBeLessThan(1.1);
    expect(buckets.length).toBeLessThanOrEqual(12);
  });

  it('takes fewer rows of very long paths, and no more than there are', () => {
    const times = (count: number, length: number): number[] => Array.from({ length: count }, () => length);
    expect(chooseBuckets([600, 600], { batchSize: 16, epochs: 1 })).toEqual([{ length: 608, rows: 2 }]);
    expect(chooseBuckets(times(20, 1024), { batchSize: 16, epochs: 1 })).toEqual([{ length: 1024, rows: 4 }]);
    expect(chooseBuckets(times(20, 512), { batchSize: 16, epochs: 1 })).toEqual([{ length: 512, rows: 16 }]);
  });
});

describe('planEpoch', () => {
  it('has every path once, in a bucket that it fits, and the same number of steps in every epoch', () => {
    fc.assert(
      fc.property(pathLengths, batchSizes, fc.integer(), (lengths, batchSize, seed) => {
        const buckets = chooseBuckets(lengths, { batchSize, epochs: 1 });
        const epochs = [0, 1, 2].map((epoch) => planEpoch(lengths, buckets, { stepPaths: 5, seed, epoch }));
        for (const steps of epochs) {
          const batches = steps.flat();
          const members = batches.flatMap((batch) => batch.members);
          expect(members.toSorted((a, b) => a - b)).toEqual(lengths.map((_, path) => path));
          for (const { bucket, members: inside } of batches) {
            expect(inside.length).toBeLessThanOrEqual(bucket.rows);
            for (const path of inside) expect(lengths[path]).toBeLessThanOrEqual(bucket.length);
          }
        }
        expect(new Set(epochs.map((steps) => steps.length)).size).toBe(1);
      }),
      { numRuns: 40 },
    );
  });

  it('is decided by seed and epoch', () => {
    const lengths = Array.from({ length: 100 }, (_, path) => 20 + path);
    const buckets = chooseBuckets(lengths, { batchSize: 4, epochs: 1 });
    const plan = (seed: number, epoch: number) =>
      JSON.stringify(planEpoch(lengths, buckets, { stepPaths: 4, seed, epoch }));
    expect(plan(1, 0)).toBe(plan(1, 0));
    expect(plan(1, 1)).not.toBe(plan(1, 0));
    expect(plan(2, 0)).not.toBe(plan(1, 0));
    expect(plan(2, 0)).not.toBe(plan(1, 1));
  });
});

describe('planSteps', () => {
  it('gives a step the same paths however many of them are computed at once', () => {
    fc.assert(
      fc.property(
        pathLengths,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        (lengths, stepPaths, rows) => {
          const order = lengths.map((_, path) => path);
          const plan = (inBatch: number) =>
            planSteps(order, lengths, [{ length: 4096, rows: inBatch }], stepPaths).map((step) =>
              step.flatMap(({ members }) => members),
            );
          expect(plan(rows)).toEqual(plan(stepPaths));
          expect(plan(rows).every((members) => members.length <= stepPaths)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('computes no more tokens at once than it may', () => {
    const lengths = [600, 600, 300, 300, 300, 100];
    for (const { length, rows } of chooseBuckets(lengths, { batchSize: 16, epochs: 1, maxTokens: 700 })) {
      expect(rows * length).toBeLessThanOrEqual(700);
    }
  });
});

describe('tokenBatch', () => {
  const path = (ids: number[], steps: [position: number, label: number, weight: number][]): TrainingPath => ({
    ids: Int32Array.from(ids),
    scorePositions: Int32Array.from(steps, ([position]) => position),
    labels: Uint8Array.from(steps, ([, label]) => label),
    targets: Float32Array.from(steps, ([, label]) => label),
    weights: Float32Array.from(steps, ([, , weight]) => weight),
  });

  it('pads on the right and puts labels and weights at the score positions', () => {
    const paths = [
      path([7, 8, 9], [[2, 1, 1]]),
      path(
        [1, 2, 3, 4],
        [
          [1, 1, 0],
          [3, 0, 1],
        ],
      ),
    ];
    expect(tokenBatch({ bucket: { length: 5, rows: 3 }, members: [1, 0] }, paths)).toEqual({
      batch: 3,
      length: 5,
      ids: Int32Array.from([1, 2, 3, 4, 0, 7, 8, 9, 0, 0, 0, 0, 0, 0, 0]),
      targets: Float32Array.from([0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
      weights: Float32Array.from([0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
    });
  });
});
