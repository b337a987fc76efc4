// By outcome: what the final answer alone can say of the steps.
import { finalAnswer, sameAnswer } from '../answers.ts';
import type { LabelMethod } from './labelMethod.ts';

export const outcome: LabelMethod = {
  name: 'outcome',
  title: 'a right answer makes all steps correct; a wrong one only its last step incorrect',
  needsAnswer: true,
  needsServer: false,
  cost: () => 0,
  label({ steps, answer }) {
    const given = finalAnswer(steps.join('\n'));
    if (given === undefined || answer === undefined) return Promise.resolve({ without: 'no final answer' });
    const right = sameAnswer(given, answer);
    // Where it went wrong, an answer does not say; steps before the last are not called wrong on suspicion.
    const labels = steps.map((_, step) =>
      right
        ? ('correct' as const)
        : step === steps.length - 1
          ? ('incorrect' as const)
          : ('unlabelled' as const),
    );
    return Promise.resolve({ labels });
  },
};
