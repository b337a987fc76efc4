// Keeps exactly as many steps as are wanted, in a stream and without memory: for balance, and for the parts of a mix.
import { seededRandom } from '../../support/random.ts';
import type { ClassCounts } from './formatReport.ts';

/** Says, step by step, whether a labelled step is kept. */
export interface Balance {
  keep(correct: boolean): boolean;
}

export const KEEP_ALL: Balance = { keep: () => true };

/**
 * Down-samples to as many correct as incorrect steps. Selection sampling (Knuth, vol. 2, 3.4.2, algorithm S): of
 * `available` steps exactly `wanted` are kept, every choice equally likely, with the counts known beforehand.
 * @param counts all steps that `keep` will be asked about, by class
 * @param wanted steps to keep of each class; as many as the smaller one has where missing
 */
export function balanceClasses(
  counts: ClassCounts,
  seed: number,
  wanted = Math.min(counts.correct, counts.incorrect),
): Balance {
  const random = seededRandom(seed);
  const left = {
    correct: { wanted, available: counts.correct },
    incorrect: { wanted, available: counts.incorrect },
  };
  return {
    keep: (correct) => {
      const classLeft = correct ? left.correct : left.incorrect;
      // The smaller class is kept whole: it draws no random number, so its size does not shift the other's choices.
      const kept =
        classLeft.wanted === classLeft.available || random.float() * classLeft.available < classLeft.wanted;
      classLeft.available--;
      if (kept) classLeft.wanted--;
      return kept;
    },
  };
}

/** As `balanceClasses`, whatever the class: of all steps exactly `wanted` are kept. */
export function keepSome({ correct, incorrect }: ClassCounts, wanted: number, seed: number): Balance {
  const whole = balanceClasses({ correct: correct + incorrect, incorrect: 0 }, seed, wanted);
  return { keep: () => whole.keep(true) };
}
