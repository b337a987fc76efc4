// One number of a calculation is written wrong; the result stays, follows, or is carried on.
import { changedCalculation } from '../changedCalculation.ts';
import { firstThat, type Strategy } from '../corruption.ts';
import { staysFraction } from '../fractions.ts';
import { slippedNumber } from '../numbers.ts';

export const flippedNumber: Strategy = {
  name: 'flip-number',
  title: 'a number copied wrong',
  corrupt(solution, random, consistent) {
    return firstThat(solution.calculations, random, (place) =>
      firstThat(place.calculation.operands, random, (operand) => {
        // What makes a share a percentage everybody knows by heart.
        if (operand.value === 100 && !solution.given.includes(100)) return undefined;
        const value = slippedNumber(operand.value, random);
        const index = place.calculation.operands.indexOf(operand);
        if (value === undefined || !staysFraction(place.calculation, index, value)) return undefined;
        const outcome = consistent ? 'carried' : random.float() < 0.5 ? 'kept' : 'computed';
        return changedCalculation(solution, place, { operand: { index, value } }, outcome);
      }),
    );
  },
};
