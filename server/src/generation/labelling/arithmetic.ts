// By arithmetic: an equation that surely fails is a wrong step. Costs nothing, and sees no other error.
import { findEquations } from '../../models/arithmetic/index.ts';
import type { LabelMethod } from './labelMethod.ts';

export const arithmetic: LabelMethod = {
  name: 'arithmetic',
  title: 'a step whose equation fails is incorrect; those before it are correct where theirs hold',
  needsAnswer: false,
  needsServer: false,
  estimates: false,
  cost: () => 0,
  label({ steps }) {
    const verdicts = steps.map((step) => {
      const equations = findEquations(step);
      if (equations.some(({ verdict }) => verdict === 'fails')) return 'incorrect' as const;
      return equations.some(({ verdict }) => verdict === 'holds')
        ? ('correct' as const)
        : ('unlabelled' as const);
    });
    if (verdicts.every((label) => label === 'unlabelled')) {
      return Promise.resolve({ without: 'no equation that can be evaluated' });
    }
    const first = verdicts.indexOf('incorrect');
    // Behind an error a line may add up and still be wrong.
    const labels = verdicts.map((label, step) =>
      first >= 0 && step > first ? ('unlabelled' as const) : label,
    );
    return Promise.resolve({ labels });
  },
};
