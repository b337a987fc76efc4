// Splits by problem, never by step: all rows of a problem fall on one side, or validation leaks.
import type { ProblemCounts } from '../problemTable.ts';

export const SIDES = ['train', 'validation'] as const;
export type Side = (typeof SIDES)[number];

interface SideCounts {
  problems: number;
  correct: number;
  incorrect: number;
}

export interface Split {
  /** Which side a problem is on, by its key. */
  sideOf: (key: number) => Side;
  /** Labelled steps by side, before balancing. */
  counts: Record<Side, SideCounts>;
}

/**
 * The problems with the smallest keys go to validation: `ratio` of them, rounded; at least one and not all, where
 * there are two problems or more and the ratio is above 0. Keys are hashes of the seed and the problem, so the choice
 * is random, repeatable, independent of the rows' order, and costs no memory for texts.
 * @param problems those without a labelled step are not counted
 * @param ratio share of problems for validation, from 0 to below 1
 */
export function splitProblems(problems: Iterable<ProblemCounts>, ratio: number): Split {
  const labelled = [...problems].filter(({ correct, incorrect }) => correct + incorrect > 0);
  const keys = Float64Array.from(labelled, ({ key }) => key).sort();
  const wanted = ratio === 0 || keys.length < 2 ? 0 : Math.round(keys.length * ratio);
  const count = ratio === 0 || keys.length < 2 ? 0 : Math.min(Math.max(wanted, 1), keys.length - 1);
  const lastOfValidation = count === 0 ? 0 : (keys[count - 1] ?? 0);
  const sideOf = (key: number): Side => (key <= lastOfValidation ? 'validation' : 'train');
  const counts: Split['counts'] = {
    train: { problems: 0, correct: 0, incorrect: 0 },
    validation: { problems: 0, correct: 0, incorrect: 0 },
  };
  for (const { key, correct, incorrect } of labelled) {
    const side = counts[sideOf(key)];
    side.problems++;
    side.correct += correct;
    side.incorrect += incorrect;
  }
  return { sideOf, counts };
}
