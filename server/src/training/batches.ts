// Batches: paths of similar length together, so that little padding is computed; the same order for the same seed.
import { seededRandom } from '../support/random.ts';
import type { TrainingPath } from './data.ts';
import type { TokenBatch } from './tokenBatch.ts';

/** A shape of batch. The engine builds one graph for each, so there are few. */
export interface Bucket {
  /** Tokens of every row, padding included. */
  length: number;
  /** Paths in a full batch; the last batch of a step is filled up with empty rows. */
  rows: number;
}

/** Paths that are computed at once, as indices, and the shape they fit in. */
export interface PlannedBatch {
  bucket: Bucket;
  members: number[];
}

/** Bucket lengths are multiples of this. */
const LENGTH_STEP = 16;

/** What building one more graph is worth, in tokens that padding may waste instead: about half a second of a CPU. */
const BUCKET_COST = 2048;

/**
 * Most positions squared that a batch may have: attention holds rows * length * length numbers a head and layer.
 * 16 paths of 512 tokens fit; batches of longer paths have fewer rows, and a step more of them.
 */
const MAX_ATTENTION_CELLS = 16 * 512 * 512;

/** What is computed at once at most. */
export interface BatchLimits {
  /** Paths. */
  batchSize: number;
  /** Tokens, padding included; one path always is. Left out: as many as attention allows. */
  maxTokens?: number | undefined;
}

/**
 * The set of buckets that computes the fewest tokens in a run, empty rows and the cost of a further bucket included.
 * Found exactly, by dynamic programming over the lengths that occur.
 *
 * @param lengths tokens of each path
 */
export function chooseBuckets(
  lengths: readonly number[],
  { epochs, ...limits }: { epochs: number } & BatchLimits,
): Bucket[] {
  const counts = new Map<number, number>();
  for (const length of lengths) {
    const rounded = paddedLength(length);
    counts.set(rounded, (counts.get(rounded) ?? 0) + 1);
  }
  const candidates = [...counts.keys()].sort((a, b) => a - b);
  /** Cheapest way to cover the first k candidates: what it costs, and its last bucket. */
  const cheapest: { cost: number; begin: number; bucket: Bucket }[] = [
    { cost: 0, begin: 0, bucket: { length: 0, rows: 0 } },
  ];
  candidates.forEach((length, last) => {
    let best = { cost: Infinity, begin: last, bucket: { length, rows: 0 } };
    let paths = 0;
    for (let begin = last; begin >= 0; begin--) {
      paths += counts.get(candidates[begin] ?? 0) ?? 0;
      // Fewer paths than rows of a full batch: no row need stay empty.
      const rows = Math.min(rowsOf(length, limits), paths);
      const cost =
        (cheapest[begin]?.cost ?? Infinity) + Math.ceil(paths / rows) * rows * length + BUCKET_COST / epochs;
      if (cost < best.cost) best = { cost, begin, bucket: { length, rows } };
    }
    cheapest.push(best);
  });
  const buckets: Bucket[] = [];
  for (let covered = candidates.length; covered > 0;) {
    const { begin, bucket } = cheapest[covered] ?? { begin: 0, bucket: { length: 0, rows: 0 } };
    buckets.unshift(bucket);
    covered = begin;
  }
  return buckets;
}

/** Tokens that a path takes in its batch at least. */
export function paddedLength(length: number): number {
  return Math.ceil(length / LENGTH_STEP) * LENGTH_STEP;
}

/** The longest paths of which a whole batch is computed at once: no other batch holds more tokens, whatever its length. */
export function fullestLength(batchSize: number): number {
  const longest = Math.sqrt(MAX_ATTENTION_CELLS / batchSize);
  return Math.max(1, Math.floor(longest / LENGTH_STEP)) * LENGTH_STEP;
}

/** Paths of a length that are computed at once. */
export function rowsOf(length: number, { batchSize, maxTokens = Infinity }: BatchLimits): number {
  const most = Math.min(MAX_ATTENTION_CELLS / length ** 2, maxTokens / length);
  return Math.max(1, Math.min(batchSize, Math.floor(most)));
}

/** Groups paths into batches in the order given: the evaluation's plan. */
export function planBatches(
  order: readonly number[],
  lengths: readonly number[],
  buckets: readonly Bucket[],
): PlannedBatch[] {
  return grouped(order, lengths, buckets, ({ rows }) => rows);
}

/** The batches of each optimiser step, all of one bucket, so that little padding is computed. */
export type PlannedStep = readonly PlannedBatch[];

/**
 * Groups paths into optimiser steps in the order given. How many of a step's paths are computed at once is the bucket's
 * matter: it does not change which paths a step has.
 * @param stepPaths paths of a step; the last step of each bucket may have fewer
 */
export function planSteps(
  order: readonly number[],
  lengths: readonly number[],
  buckets: readonly Bucket[],
  stepPaths: number,
): PlannedStep[] {
  return grouped(order, lengths, buckets, () => stepPaths).map(({ bucket, members }) =>
    Array.from({ length: Math.ceil(members.length / bucket.rows) }, (_, part) => ({
      bucket,
      members: members.slice(part * bucket.rows, (part + 1) * bucket.rows),
    })),
  );
}

function grouped(
  order: readonly number[],
  lengths: readonly number[],
  buckets: readonly Bucket[],
  size: (bucket: Bucket) => number,
): PlannedBatch[] {
  const batches: PlannedBatch[] = [];
  const open = new Map<Bucket, PlannedBatch>();
  for (const path of order) {
    const length = lengths[path] ?? 0;
    const bucket = buckets.find((candidate) => candidate.length >= length);
    if (bucket === undefined) throw new RangeError(`No bucket holds a path of ${length} tokens.`);
    let batch = open.get(bucket);
    if (batch === undefined) {
      batch = { bucket, members: [] };
      open.set(bucket, batch);
      batches.push(batch);
    }
    batch.members.push(path);
    if (batch.members.length === size(bucket)) open.delete(bucket);
  }
  return batches;
}

/**
 * All optimiser steps of one epoch, in order. Depends on nothing but its arguments, so a resumed run finds its place by
 * counting. Every epoch has the same number of steps.
 */
export function planEpoch(
  lengths: readonly number[],
  buckets: readonly Bucket[],
  { stepPaths, seed, epoch }: { stepPaths: number; seed: number; epoch: number },
): PlannedStep[] {
  // An odd multiplier spreads neighbouring seeds, so that epoch 1 of seed 1 is not epoch 0 of seed 2.
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) + epoch);
  const order = random.shuffle(lengths.map((_, path) => path));
  // Without the second shuffle the half-filled steps, and with them rare lengths, would gather at places.
  return random.shuffle(planSteps(order, lengths, buckets, stepPaths));
}

/** Lays paths out as the engine reads them: rows padded on the right, weight 0 wherever no labelled step is scored. */
export function tokenBatch({ bucket, members }: PlannedBatch, paths: readonly TrainingPath[]): TokenBatch {
  const { rows, length } = bucket;
  const batch: TokenBatch = {
    batch: rows,
    length,
    ids: new Int32Array(rows * length),
    targets: new Float32Array(rows * length),
    weights: new Float32Array(rows * length),
  };
  members.forEach((member, row) => {
    const path = paths[member];
    if (path === undefined) throw new RangeError(`There is no path ${member}.`);
    batch.ids.set(path.ids, row * length);
    path.scorePositions.forEach((position, step) => {
      batch.targets[row * length + position] = path.targets[step] ?? 0;
      batch.weights[row * length + position] = path.weights[step] ?? 0;
    });
  });
  return batch;
}
