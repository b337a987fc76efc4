// The right calculation with a wrong result.
import { isChangeable } from '../calculation.ts';
import { changedResult, changedStep } from '../changedCalculation.ts';
import { firstThat, type Strategy } from '../corruption.ts';
import { miscalculated } from '../numbers.ts';
import { Revision } from '../revision.ts';

export const calculationError: Strategy = {
  name: 'calculation-error',
  title: 'a wrong result of a right calculation',
  corrupt(solution, random, consistent) {
    return firstThat(solution.calculations, random, (place) => {
      const { result } = place.calculation;
      const value = miscalculated(result.value, random);
      if (value === undefined || !isChangeable(place.calculation, result)) return undefined;
      if (consistent) return changedResult(solution, place, value, 'carried');
      const revision = new Revision(solution);
      revision.replaceNumber(place.step, result.places, value);
      return changedStep(solution, place.step, revision, false);
    });
  },
};
