// A wrong unit behind a result, a wrong factor between two units, or a percentage a factor of ten off.
import { sameValue } from '../calculation.ts';
import { changedCalculation, changedStep } from '../changedCalculation.ts';
import { firstThat, type Corruption, type Strategy } from '../corruption.ts';
import { Revision } from '../revision.ts';
import type { CalculationPlace, Solution } from '../solution.ts';
import type { Random } from '../../../support/random.ts';
import { FACTORS, isSingular, LENGTH, mistakenUnit, unitBehind } from './units.ts';

export const unitSlip: Strategy = {
  name: 'unit-slip',
  title: 'a wrong unit or factor between units, or a percentage a factor of ten off',
  corrupt(solution, random, consistent) {
    const { calculations } = solution;
    const number = (): Corruption | undefined =>
      firstThat(calculations, random, (place) =>
        firstThat([wrongPercentage, wrongFactor], random, (wrong) =>
          wrong(solution, place, random, consistent),
        ),
      );
    const unit = (): Corruption | undefined =>
      firstThat(calculations, random, (place) => wrongUnit(solution, place));
    // A unit has nothing that later lines could carry on.
    return consistent || random.float() < 0.5 ? (number() ?? unit()) : (unit() ?? number());
  },
};

function wrongUnit(solution: Solution, { step, calculation }: CalculationPlace): Corruption | undefined {
  const { text = '' } = solution.steps[step] ?? {};
  const { places, value } = calculation.result;
  const said = places.at(-1);
  // No minutes are no hours.
  if (said === undefined || value === 0) return undefined;
  const unit = unitBehind(text, said.end);
  // Of "12 second graders" and "40 pound bags" none is a unit that the number has.
  if (unit === undefined || (value > 1 && isSingular(unit))) return undefined;
  // Those of people and animals have no other unit.
  if (unit === 'feet' && !LENGTH.test(solution.problem)) return undefined;
  const revision = new Revision(solution);
  const start = said.end + 1;
  revision.replace(step, { start, end: start + unit.length }, mistakenUnit(unit));
  return changedStep(solution, step, revision, false);
}

/** 2 hours are 2 * 100 minutes. */
function wrongFactor(
  solution: Solution,
  place: CalculationPlace,
  random: Random,
  consistent: boolean,
): Corruption | undefined {
  const { problem, given, spoken, calculations } = solution;
  const { text = '', mentions = [] } = solution.steps[place.step] ?? {};
  const { operands } = place.calculation;
  return firstThat(operands, random, ({ value: right }) => {
    const units = FACTORS.get(right);
    // Elsewhere it would be a number of the problem or a result, and in words the step would say what is wrong with it.
    if (units === undefined || given.includes(right) || spoken.includes(right)) return undefined;
    if (mentions.some(({ value }) => value === right)) return undefined;
    if (calculations.some(({ calculation: { result } }) => sameValue(result.value, right))) return undefined;
    const factor = units.find(({ small, large }) => {
      const [saysSmall, saysLarge] = [small.test(text), large.test(text)];
      return (saysSmall && (saysLarge || large.test(problem))) || (saysLarge && small.test(problem));
    });
    const index = operands.findIndex(({ value }) => value === right);
    return firstThat(factor?.wrong ?? [], random, (value) =>
      changedCalculation(solution, place, { operand: { index, value } }, consistent ? 'carried' : 'computed'),
    );
  });
}

function wrongPercentage(
  solution: Solution,
  place: CalculationPlace,
  random: Random,
  consistent: boolean,
): Corruption | undefined {
  return firstThat(place.calculation.operands, random, (operand) => {
    const index = place.calculation.operands.indexOf(operand);
    const isShare = operand.value > 0 && operand.value < 1;
    const isHundredth = operand.value === 100 && place.calculation.signs[index - 1]?.value === '/';
    if (!isShare && !isHundredth) return undefined;
    // Ten times a tenth would be no share any more.
    const isLarger = operand.value !== 0.1 && random.float() < 0.5;
    const value = isLarger ? operand.value * 10 : operand.value / 10;
    return changedCalculation(
      solution,
      place,
      { operand: { index, value } },
      consistent ? 'carried' : 'computed',
    );
  });
}
