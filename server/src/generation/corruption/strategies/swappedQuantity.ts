// One number of the problem is taken for another.
import { sameValue } from '../calculation.ts';
import { changedCalculation } from '../changedCalculation.ts';
import { firstThat, type Strategy } from '../corruption.ts';

export const swappedQuantity: Strategy = {
  name: 'swap-quantity',
  title: 'one number of the problem taken for another',
  corrupt(solution, random, consistent) {
    const { given, calculations } = solution;
    return firstThat(calculations, random, (place) =>
      firstThat(place.calculation.operands, random, (operand) => {
        if (!given.some((value) => sameValue(value, operand.value))) return undefined;
        const index = place.calculation.operands.indexOf(operand);
        const outcome = consistent ? 'carried' : 'computed';
        return firstThat(given, random, (value) =>
          sameValue(value, operand.value)
            ? undefined
            : changedCalculation(solution, place, { operand: { index, value } }, outcome),
        );
      }),
    );
  },
};
