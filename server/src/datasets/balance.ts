// Down-samples the larger class to exactly as many steps as the smaller one, in a stream and without memory.
import { seededRandom } from '../support/random.ts';

/** Says, step by step, whether a labelled step is kept. */
export interface Balance {
  keep(correct: boolean): boolean;
}

export const KEEP_ALL: Balance = { keep: () => true };

/**
 * Selection sampling (Knuth, vol. 2, 3.4.2, algorithm S): of `available` steps exactly `wanted` are kept, every choice
 * equally likely, with the counts known beforehand.
 * @param counts all steps that `keep` will be asked about, by class
 */
export function balanceClasses(counts: { correct: number; incorrect: number }, seed: number): Balance {
  const wanted = Math.min(counts.correct, counts.incorrect);
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
