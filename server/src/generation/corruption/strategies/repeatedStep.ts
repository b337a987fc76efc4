// A step is made twice: said once more without need, or done once more to its own result.
import { hasValue } from '../calculation.ts';
import { changedCalculation } from '../changedCalculation.ts';
import { firstThat, type Corruption, type Strategy } from '../corruption.ts';
import type { CalculationPlace, Solution } from '../solution.ts';
import type { Random } from '../../../support/random.ts';
import { areAlike } from './quantities.ts';

/**
 * What is only said again holds, and yet is labelled incorrect: it takes the solution nowhere. So PRMBench counts redundant steps among
 * its `error_steps`; for ReasonEval they are valid but redundant (rating 0). Who wants labels of validity alone leaves the
 * strategy out, or the rows of it that are not consistent.
 */
export const repeatedStep: Strategy = {
  name: 'repeat-step',
  title: 'a step made again without need',
  corrupt(solution, random, consistent) {
    return consistent
      ? firstThat(solution.calculations, random, (place) => doneAgain(solution, place, random))
      : saidAgain(solution, random);
  },
};

/** The same words, right behind the step or anywhere later before the answer. */
function saidAgain({ texts, steps, answerStep }: Solution, random: Random): Corruption | undefined {
  const end = answerStep ?? texts.length;
  const choices = steps.slice(0, end).flatMap(({ text, calculations, mentions }, step) => {
    // Headings and the like may stand twice.
    if (calculations.length + mentions.length === 0 || text.length < SHORTEST) return [];
    return texts.indexOf(text) === texts.lastIndexOf(text) ? [{ text, step }] : [];
  });
  return firstThat(choices, random, ({ text, step }) => {
    const at = random.float() < 0.5 ? step + 1 : random.int(step + 1, end);
    return { steps: texts.toSpliced(at, 0, text), at, before: null, after: text, consistent: false };
  });
}

/** Characters of a step that is worth repeating. */
const SHORTEST = 12;

/** `60 - 10 = 50`, and once more `50 - 10 = 40`, with which the rest goes on. */
function doneAgain(solution: Solution, place: CalculationPlace, random: Random): Corruption | undefined {
  const { step, calculation } = place;
  const { operands, signs, result } = calculation;
  const { text = '', calculations, mentions } = solution.steps[step] ?? {};
  if (operands.length !== 2 || calculations?.length !== 1) return undefined;
  const sign = signs[0]?.value;
  const index = sign === '-' || sign === '/' ? 0 : random.int(0, 1);
  if (!areAlike(result.value, operands[index]?.value ?? NaN)) return undefined;
  // "There are 60, so 50 - 10" would say what is wrong with it.
  if (mentions === undefined || hasValue(mentions, operands[index]?.value ?? NaN)) return undefined;
  const made = changedCalculation(solution, place, { operand: { index, value: result.value } }, 'carried');
  if (made === undefined) return undefined;
  return { ...made, steps: made.steps.toSpliced(step, 0, text), at: step + 1, before: null };
}
