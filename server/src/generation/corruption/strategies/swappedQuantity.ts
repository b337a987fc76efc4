// One number of the problem is taken for another.
import { hasValue, includesValue } from '../calculation.ts';
import { changedCalculation } from '../changedCalculation.ts';
import { firstThat, type Strategy } from '../corruption.ts';
import { staysFraction } from '../fractions.ts';
import { areAlike, isQuantity } from './quantities.ts';

export const swappedQuantity: Strategy = {
  name: 'swap-quantity',
  title: 'one number of the problem taken for another',
  corrupt(solution, random, consistent) {
    const { given, calculations, steps } = solution;
    return firstThat(calculations, random, (place) => {
      const { operands, result } = place.calculation;
      // What the problem says itself, as "the fact that 17 * 5 = 85", would be another fact.
      if ([...operands, result].every(({ value }) => given.includes(value))) return undefined;
      const { mentions = [] } = steps[place.step] ?? {};
      return firstThat(operands, random, (operand) => {
        if (!includesValue(given, operand.value)) return undefined;
        // "15 boxes of 80 make 15 * 5" would contradict itself.
        if (hasValue(mentions, operand.value)) return undefined;
        const index = operands.indexOf(operand);
        if (!isQuantity(place.calculation, index)) return undefined;
        const outcome = consistent ? 'carried' : 'computed';
        return firstThat(given, random, (value) =>
          areAlike(value, operand.value) &&
          staysFraction(place.calculation, index, value) &&
          // What stands there already is not taken for another: 43 - 43.
          !hasValue(operands, value)
            ? changedCalculation(solution, place, { operand: { index, value } }, outcome)
            : undefined,
        );
      });
    });
  },
};
