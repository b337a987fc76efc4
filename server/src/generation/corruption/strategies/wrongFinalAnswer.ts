// All steps are right, and then another number is given as the answer.
import { sameValue, type Mention } from '../calculation.ts';
import { changedStep } from '../changedCalculation.ts';
import { oneOf, type Strategy } from '../corruption.ts';
import { matchesOf } from '../matches.ts';
import { miscalculated } from '../numbers.ts';
import { canReplace, Revision } from '../revision.ts';

export const wrongFinalAnswer: Strategy = {
  name: 'wrong-answer',
  title: 'a wrong final answer behind right steps',
  corrupt(solution, random) {
    const { answerStep, calculations, given } = solution;
    if (answerStep === undefined) return undefined;
    const { text = '', mentions = [] } = solution.steps[answerStep] ?? {};
    const stated = statedIn(text, mentions);
    if (stated === undefined) return undefined;
    // The result of a step on the way, or a number of the problem, is the error that people make.
    const others = [...calculations.map(({ calculation }) => calculation.result.value), ...given];
    const candidates = others.filter((value) => isOther(value, stated.value));
    const value = random.float() < 0.6 ? oneOf(candidates, random) : miscalculated(stated.value, random);
    if (value === undefined) return undefined;
    const revision = new Revision(solution);
    const places = mentions.filter((mention) => sameValue(mention.value, stated.value));
    revision.replaceNumber(answerStep, places, value);
    return changedStep(solution, answerStep, revision, false);
  },
};

const MARKER = /####|^\s*A:|\banswer\b|\\boxed\b/gi;

/** The first number behind the last word for the answer, or behind "x =" there; the last number where none is behind it. */
function statedIn(text: string, mentions: readonly Mention[]): Mention | undefined {
  const from = matchesOf(MARKER, text).at(-1)?.index ?? 0;
  const behind = mentions.filter(({ start }) => start >= from);
  const isEquation = text.includes('=', from);
  return (isEquation ? behind.at(-1) : behind[0]) ?? mentions.at(-1);
}

/** Between units that people use: an hour and 60 minutes, 20% and 0.2. */
const FACTORS: readonly number[] = [1, 12, 60, 100, 1000, 3600];

/** Where an answer is off by more than this factor, everybody sees it. */
const FARTHEST = 20;

/** Whether it is believable as the answer, and not the same one in another unit. */
function isOther(value: number, answer: number): boolean {
  return (
    canReplace(value, answer) &&
    value <= FARTHEST * answer &&
    answer <= FARTHEST * value &&
    FACTORS.every((factor) => !sameValue(factor * value, answer) && !sameValue(factor * answer, value))
  );
}
