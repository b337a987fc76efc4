// One number of the problem is taken for another.
import { sameValue } from '../calculation.ts';
import { changedCalculation } from '../changedCalculation.ts';
import { firstThat, type Strategy } from '../corruption.ts';
import { areAlike, isPartOfFraction } from './quantities.ts';

export const swappedQuantity: Strategy = {
  name: 'swap-quantity',
  title: 'one number of the problem taken for another',
  corrupt(solution, random, consistent) {
    const { given, calculations, steps } = solution;
    return firstThat(calculations, random, (place) => {
      const { operands } = place.calculation;
      const { mentions = [] } = steps[place.step] ?? {};
      return firstThat(operands, random, (operand) => {
        if (!given.some((value) => sameValue(value, operand.value))) return undefined;
        // "15 boxes of 80 make 15 * 5" would contradict itself.
        if (mentions.some(({ value }) => sameValue(value, operand.value))) return undefined;
        const index = operands.indexOf(operand);
        if (isPartOfFraction(place.calculation, index)) return undefined;
        const outcome = consistent ? 'carried' : 'computed';
        return firstThat(given, random, (value) =>
          // What stands there already is not taken for another: 43 - 43.
          areAlike(value, operand.value) && !operands.some((other) => sameValue(other.value, value))
            ? changedCalculation(solution, place, { operand: { index, value } }, outcome)
            : undefined,
        );
      });
    });
  },
};
