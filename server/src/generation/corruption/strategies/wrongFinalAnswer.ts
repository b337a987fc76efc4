// All steps are right, and then another number is given as the answer.
import { sameValue } from '../calculation.ts';
import { changedStep } from '../changedCalculation.ts';
import { oneOf, type Strategy } from '../corruption.ts';
import { miscalculated } from '../numbers.ts';
import { Revision } from '../revision.ts';

export const wrongFinalAnswer: Strategy = {
  name: 'wrong-answer',
  title: 'a wrong final answer behind right steps',
  corrupt(solution, random) {
    const { answerStep, calculations, given } = solution;
    if (answerStep === undefined) return undefined;
    const { mentions = [] } = solution.steps[answerStep] ?? {};
    const stated = mentions.at(-1);
    if (stated === undefined) return undefined;
    // The result of a step on the way, or a number of the problem, is the error that people make.
    const others = [...calculations.map(({ calculation }) => calculation.result.value), ...given];
    // 0.2 for 20 may be the same share.
    const candidates = others.filter((value) =>
      [1, 100, 0.01].every((factor) => !sameValue(factor * value, stated.value)),
    );
    const value = random.float() < 0.6 ? oneOf(candidates, random) : miscalculated(stated.value, random);
    if (value === undefined) return undefined;
    const revision = new Revision(solution);
    const places = mentions.filter((mention) => sameValue(mention.value, stated.value));
    revision.replaceNumber(answerStep, places, value);
    return changedStep(solution, answerStep, revision, false);
  },
};
