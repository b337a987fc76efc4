// PRM800K's ratings, which other datasets took over.
import type { Label } from '../trace.ts';
import { wholeNumber } from './fields.ts';

const RATINGS: ReadonlyMap<number, Label> = new Map([
  [1, 'correct'],
  [0, 'neutral'],
  [-1, 'incorrect'],
]);

/** 1 correct, 0 neutral (neither wrong nor of use), -1 incorrect, null not rated. @returns undefined for anything else */
export function readRating(value: unknown): Label | undefined {
  if (value == null) return 'unlabelled';
  const rating = wholeNumber(value);
  return rating === undefined ? undefined : RATINGS.get(rating);
}
