// The right calculation with a wrong result.
import { changedResult } from '../changedCalculation.ts';
import { firstThat, type Strategy } from '../corruption.ts';
import { miscalculated } from '../numbers.ts';

export const calculationError: Strategy = {
  name: 'calculation-error',
  title: 'a wrong result of a right calculation',
  corrupt(solution, random, consistent) {
    return firstThat(solution.calculations, random, (place) => {
      const value = miscalculated(place.calculation.result.value, random);
      return value === undefined
        ? undefined
        : changedResult(solution, place, value, consistent ? 'carried' : 'computed');
    });
  },
};
