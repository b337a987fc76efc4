// A step is left out; the first one that uses its result has it from nowhere.
import { sameValue } from '../calculation.ts';
import { firstThat, type Strategy } from '../corruption.ts';
import { isOwnResult, type CalculationPlace, type Solution } from '../solution.ts';

export const droppedStep: Strategy = {
  name: 'drop-step',
  title: 'a step left out that a later one builds on',
  corrupt(solution, random) {
    return firstThat(solution.calculations, random, (place) => {
      const user = firstUser(solution, place);
      if (user === undefined) return undefined;
      const { texts } = solution;
      return {
        steps: texts.toSpliced(place.step, 1),
        at: user - 1,
        before: texts[place.step] ?? null,
        after: null,
        consistent: false,
      };
    });
  },
};

/** The step that first needs the result, where nothing else says it. */
function firstUser(
  { steps, ...solution }: Solution,
  { step, calculation }: CalculationPlace,
): number | undefined {
  const { value } = calculation.result;
  // With two calculations, what else the step says would be missing too.
  if ((steps[step]?.calculations.length ?? 0) !== 1 || !isOwnResult({ steps, ...solution }, value))
    return undefined;
  const saidBefore = steps
    .slice(0, step)
    .some(({ mentions }) => mentions.some((one) => sameValue(one.value, value)));
  if (saidBefore) return undefined;
  const user = solution.calculations.find(
    (later) =>
      later.step > step && later.calculation.operands.some((operand) => sameValue(operand.value, value)),
  )?.step;
  // Words in between may have brought it up already.
  const between = steps
    .slice(step + 1, user)
    .some(({ mentions }) => mentions.some((one) => sameValue(one.value, value)));
  return between ? undefined : user;
}
