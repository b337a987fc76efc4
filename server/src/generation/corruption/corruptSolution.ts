// Several different errors of one solution.
import type { Random } from '../../support/random.ts';
import type { Corruption, Strategy } from './corruption.ts';
import type { Solution } from './solution.ts';

export interface NamedCorruption extends Corruption {
  strategy: string;
}

export interface CorruptionWish {
  strategies: readonly Strategy[];
  /** How many paths, at most. */
  count: number;
  /** Part of them whose error is carried on, where their kind of error can be. */
  consistentShare: number;
}

/**
 * Paths that differ from the solution and from each other: one of each strategy in random order, then again from the first, as
 * long as new ones come. Fewer than asked for where the solution gives no more.
 *
 * @param solution a sound one: of an error in another, nobody could tell whether it is the first
 */
export function corruptSolution(
  solution: Solution,
  { strategies, count, consistentShare }: CorruptionWish,
  random: Random,
): NamedCorruption[] {
  const order = random.shuffle([...strategies]);
  const found: NamedCorruption[] = [];
  for (let before = -1; found.length < count && found.length > before;) {
    before = found.length;
    for (const strategy of order) {
      if (found.length === count) break;
      const consistent = random.float() < consistentShare;
      const corruption =
        strategy.corrupt(solution, random, consistent) ??
        (consistent ? strategy.corrupt(solution, random, false) : undefined);
      if (corruption === undefined || sameSteps(corruption.steps, solution.texts)) continue;
      if (found.some(({ steps }) => sameSteps(steps, corruption.steps))) continue;
      const { steps, at, before: was, after, consistent: isCarried } = corruption;
      found.push({ steps, at, before: was, after, consistent: isCarried, strategy: strategy.name });
    }
  }
  return found;
}

/** Compared one by one: a path shares most strings with the others, and most differ in the first that they do not share. */
function sameSteps(left: readonly string[], right: readonly string[]): boolean {
  if (left.length !== right.length) return false;
  for (let step = 0; step < left.length; step++) if (left[step] !== right[step]) return false;
  return true;
}
