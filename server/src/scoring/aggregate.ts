// From the scores of a trace's steps: one score for the trace, its course step by step, the first doubtful step.
import type { Aggregate } from '../../../protocol/src/engine.ts';

/**
 * One score for a trace.
 * @param scores probability that each step is correct, in order
 * @returns 0 to 1, or null for a trace without steps
 */
export function aggregateScores(scores: readonly number[], aggregate: Aggregate): number | null {
  const last = scores.at(-1);
  if (last === undefined) return null;
  switch (aggregate) {
    case 'min':
      return scores.reduce((least, score) => Math.min(least, score), 1);
    case 'product':
      return scores.reduce((product, score) => product * score, 1);
    case 'last':
      return last;
    case 'mean':
      return scores.reduce((sum, score) => sum + score, 0) / scores.length;
  }
}

/** How far a trace stands after one of its steps. */
export interface RunningScore {
  /** Least score so far. */
  min: number;
  /** Product of the scores so far. */
  product: number;
}

/** The running minimum and product after each step, as many as scores. */
export function runningScores(scores: readonly number[]): RunningScore[] {
  let min = 1;
  let product = 1;
  return scores.map((score) => {
    min = Math.min(min, score);
    product *= score;
    return { min, product };
  });
}

/**
 * Index of the first step whose score is under the threshold: ProcessBench's predicted first error.
 * @returns null where every step reaches the threshold
 */
export function firstDoubtfulStep(scores: readonly number[], threshold: number): number | null {
  const index = scores.findIndex((score) => score < threshold);
  return index === -1 ? null : index;
}
