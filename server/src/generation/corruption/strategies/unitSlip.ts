// A wrong unit behind a result, or a percentage a factor of ten off.
import { changedCalculation, changedStep } from '../changedCalculation.ts';
import { firstThat, type Corruption, type Strategy } from '../corruption.ts';
import { Revision } from '../revision.ts';
import type { CalculationPlace, Solution } from '../solution.ts';
import type { Random } from '../../../support/random.ts';

/** Each unit with one that it is mistaken for. */
const MISTAKEN: Readonly<Record<string, string>> = {
  second: 'minute',
  minute: 'hour',
  hour: 'day',
  day: 'week',
  week: 'month',
  month: 'year',
  year: 'month',
  cent: 'dollar',
  dollar: 'cent',
  inch: 'foot',
  foot: 'yard',
  yard: 'foot',
  mile: 'kilometer',
  kilometer: 'meter',
  meter: 'kilometer',
  centimeter: 'meter',
  gram: 'kilogram',
  kilogram: 'gram',
  pound: 'ounce',
  ounce: 'pound',
  cup: 'pint',
  pint: 'quart',
  quart: 'gallon',
  gallon: 'quart',
  liter: 'milliliter',
  milliliter: 'liter',
};

const PLURALS: Readonly<Record<string, string>> = { inch: 'inches', foot: 'feet' };
const pluralOf = (unit: string): string => PLURALS[unit] ?? `${unit}s`;

/** Singular for singular, plural for plural. */
const OTHER = new Map(
  Object.entries(MISTAKEN).flatMap(([unit, other]) => [
    [unit, other] as const,
    [pluralOf(unit), pluralOf(other)] as const,
  ]),
);
const BEHIND = new RegExp(`^ (${[...OTHER.keys()].join('|')})\\b(?!-)`);

const LENGTH =
  /\b(?:foot|inch|yard|mile|squares?|long|tall|high|wide|deep|length|height|width|depth|distance)/i;

export const unitSlip: Strategy = {
  name: 'unit-slip',
  title: 'a wrong unit, or a percentage a factor of ten off',
  corrupt(solution, random, consistent) {
    const { calculations } = solution;
    const percentage = (): Corruption | undefined =>
      firstThat(calculations, random, (place) => wrongPercentage(solution, place, random, consistent));
    const unit = (): Corruption | undefined =>
      firstThat(calculations, random, (place) => wrongUnit(solution, place));
    // A unit has nothing that later lines could carry on.
    return consistent || random.float() < 0.5 ? (percentage() ?? unit()) : (unit() ?? percentage());
  },
};

function wrongUnit(solution: Solution, { step, calculation }: CalculationPlace): Corruption | undefined {
  const { text = '' } = solution.steps[step] ?? {};
  const { places, value } = calculation.result;
  const said = places.at(-1);
  // No minutes are no hours.
  if (said === undefined || value === 0) return undefined;
  const unit = BEHIND.exec(text.slice(said.end))?.[1];
  // Of "12 second graders" and "40 pound bags" none is a unit that the number has.
  if (unit === undefined || (value > 1 && unit in MISTAKEN)) return undefined;
  // Those of people and animals have no other unit.
  if (unit === 'feet' && !LENGTH.test(solution.problem)) return undefined;
  const revision = new Revision(solution);
  const start = said.end + 1;
  revision.replace(step, { start, end: start + unit.length }, OTHER.get(unit) ?? unit);
  return changedStep(solution, step, revision, false);
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
