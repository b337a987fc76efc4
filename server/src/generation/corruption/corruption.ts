// A solution with one error, and what a strategy is that makes it.
import type { Random } from '../../support/random.ts';
import type { Solution } from './solution.ts';

export interface Corruption {
  /** All steps of the corrupted path. */
  steps: string[];
  /** Index, in `steps`, of the first wrong one. */
  at: number;
  /** The step of the solution that was changed or dropped; null where a step was added. */
  before: string | null;
  /** What stands there now; null where a step was dropped. */
  after: string | null;
  /** Whether the error is carried through what follows, so that arithmetic alone does not give it away. */
  consistent: boolean;
}

export interface Strategy {
  /** As `--strategies` and the rows name it. */
  readonly name: string;
  /** For people, one line. */
  readonly title: string;
  /**
   * Makes one error of this kind at a random place.
   * @param consistent whether it shall be carried on; where the kind knows only one way, that one is taken
   * @returns undefined where the solution has no place for it
   */
  corrupt(solution: Solution, random: Random, consistent: boolean): Corruption | undefined;
}

/** One of the list; undefined where it is empty. */
export function oneOf<T>(list: readonly T[], random: Random): T | undefined {
  return list.length === 0 ? undefined : list[random.int(0, list.length - 1)];
}

/** No more items are tried: of a very long solution each takes long, and no other holds as many. */
const MOST_TRIES = 32;

/** The first result that is not undefined, over the list from a random item on. */
export function firstThat<T, R>(
  list: readonly T[],
  random: Random,
  attempt: (item: T) => R | undefined,
): R | undefined {
  if (list.length === 0) return undefined;
  // From a random item on: none is tried twice, without a copy of the list.
  const start = random.int(0, list.length - 1);
  for (let index = 0; index < Math.min(list.length, MOST_TRIES); index++) {
    const item = list[(start + index) % list.length];
    const result = item === undefined ? undefined : attempt(item);
    if (result !== undefined) return result;
  }
  return undefined;
}
