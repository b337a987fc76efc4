// By outcome: what the final answer alone can say of the steps.
import { finalAnswer, sameAnswer, statedAnswer } from '../answers.ts';
import { labelsUpTo, type LabelMethod, type UnlabelledSolution } from './labelMethod.ts';

export const outcome: LabelMethod = {
  name: 'outcome',
  title: 'a right answer makes all steps correct; a wrong one only its last step incorrect',
  needsAnswer: true,
  needsServer: false,
  estimates: false,
  cost: () => 0,
  label(solution) {
    const { steps } = solution;
    const isRight = isAnswerRight(solution);
    if (isRight === undefined) return Promise.resolve({ without: 'no final answer' });
    if (isRight) return Promise.resolve({ labels: labelsUpTo(undefined, steps.length) });
    // Where it went wrong, an answer does not say; steps before the last are not called wrong on suspicion.
    const last = steps.length - 1;
    return Promise.resolve({
      labels: steps.map((_, step) => (step === last ? ('incorrect' as const) : ('unlabelled' as const))),
    });
  },
};

/** @returns undefined where there is no answer: the last number of a text that was cut, or of a branch, need not be one */
function isAnswerRight({ steps, answer = '', isBranch, isCut }: UnlabelledSolution): boolean | undefined {
  const text = steps.join('\n');
  const stated = statedAnswer(text);
  if (stated !== undefined) return sameAnswer(stated, answer);
  if (isBranch === true || isCut === true) return undefined;
  const last = finalAnswer(text);
  return last !== undefined && sameAnswer(last, answer) ? true : undefined;
}
