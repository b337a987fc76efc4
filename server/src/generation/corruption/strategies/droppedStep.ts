// A step is forgotten: the later one that builds on it takes a number that went into it for its result.
import { hasValue, sameValue } from '../calculation.ts';
import { changedCalculation } from '../changedCalculation.ts';
import { firstThat, type Corruption, type Strategy } from '../corruption.ts';
import { isOwnResult, type CalculationPlace, type Solution } from '../solution.ts';
import type { Random } from '../../../support/random.ts';
import { areAlike, isMoney, isQuantity } from './quantities.ts';

/**
 * Without `14 * 3 = 42 hours`, `42 * 60` becomes `14 * 60`: that is the first wrong step. Were the 42 left, every reader could make the
 * step for himself, and no step would be wrong.
 */
export const droppedStep: Strategy = {
  name: 'drop-step',
  title: 'a step left out that a later one builds on',
  corrupt(solution, random, consistent) {
    return firstThat(solution.calculations, random, (place) =>
      withoutStep(solution, place, random, consistent),
    );
  },
};

function withoutStep(
  solution: Solution,
  place: CalculationPlace,
  random: Random,
  consistent: boolean,
): Corruption | undefined {
  const user = onlyUser(solution, place);
  if (user === undefined || solution.steps[user.step]?.understood !== true) return undefined;
  const { operands } = user.calculation;
  const result = place.calculation.result.value;
  const index = operands.findIndex(({ value }) => sameValue(value, result));
  return firstThat(likeResult(solution, place), random, (value) => {
    if (hasValue(operands, value)) return undefined;
    const outcome = consistent ? 'carried' : 'computed';
    const made = changedCalculation(solution, user, { operand: { index, value } }, outcome);
    if (made === undefined) return undefined;
    return {
      steps: made.steps.toSpliced(place.step, 1),
      at: made.at - 1,
      before: solution.texts[place.step] ?? null,
      after: null,
      consistent,
    };
  });
}

/** Numbers of a calculation that may be taken for its result: of its size, and money for money where the text says so. */
function likeResult({ texts }: Solution, { step, calculation }: CalculationPlace): number[] {
  const text = texts[step] ?? '';
  const { operands, result } = calculation;
  const money = isMoney(text, result) && operands.some((operand) => isMoney(text, operand));
  return operands
    .filter((operand, index) => isQuantity(calculation, index) && (!money || isMoney(text, operand)))
    .map(({ value }) => value)
    .filter((value) => areAlike(value, result.value));
}

/** The one calculation that uses a result, once, where no other step names it: of two uses one would be left. */
function onlyUser(solution: Solution, { step, calculation }: CalculationPlace): CalculationPlace | undefined {
  const { value } = calculation.result;
  const { steps, calculations } = solution;
  // With two calculations in it, what else the step says would be missing too.
  if (steps[step]?.calculations.length !== 1) return undefined;
  let user: CalculationPlace | undefined;
  for (const other of calculations) {
    for (const operand of other.calculation.operands) {
      if (!sameValue(operand.value, value)) continue;
      if (user !== undefined || other.step <= step) return undefined;
      user = other;
    }
  }
  if (user === undefined || !isOwnResult(solution, value)) return undefined;
  for (const [at, { mentions, unclear, calculations: made }] of steps.entries()) {
    if (at === step) continue;
    // What calculates nothing in between may speak of it: "Oh yeah. That's 1."
    if (at > step && at < user.step && made.length === 0) return undefined;
    if (unclear.includes(value) || hasValue(mentions, value)) return undefined;
  }
  return isTwice(solution.texts, step) ? undefined : user;
}

function isTwice(texts: readonly string[], step: number): boolean {
  const text = texts[step] ?? '';
  return texts.indexOf(text) !== texts.lastIndexOf(text);
}
