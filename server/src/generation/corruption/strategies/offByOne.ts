// A count that is one too many or one too few.
import { sameValue } from '../calculation.ts';
import { changedCalculation } from '../changedCalculation.ts';
import { firstThat, type Strategy } from '../corruption.ts';

export const offByOne: Strategy = {
  name: 'off-by-one',
  title: 'a count of one too many or too few',
  corrupt(solution, random, consistent) {
    const { given, calculations } = solution;
    return firstThat(calculations, random, (place) =>
      firstThat(place.calculation.operands, random, (operand) => {
        // What is counted comes from the problem; results have their own strategy.
        if (!Number.isInteger(operand.value) || operand.value < 2) return undefined;
        if (!given.some((value) => sameValue(value, operand.value))) return undefined;
        const index = place.calculation.operands.indexOf(operand);
        const value = operand.value + (random.float() < 0.5 ? 1 : -1);
        return changedCalculation(
          solution,
          place,
          { operand: { index, value } },
          consistent ? 'carried' : 'computed',
        );
      }),
    );
  },
};
