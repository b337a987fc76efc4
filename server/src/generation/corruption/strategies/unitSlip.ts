// A wrong unit behind a result, or a percentage a factor of ten off.
import { changedCalculation, changedStep } from '../changedCalculation.ts';
import { firstThat, type Corruption, type Strategy } from '../corruption.ts';
import { Revision } from '../revision.ts';
import type { CalculationPlace, Solution } from '../solution.ts';
import type { Random } from '../../../support/random.ts';

/** Each unit with one that it is mistaken for; singular and plural by pattern. */
const UNITS: readonly (readonly [string, string])[] = [
  ['second', 'minute'],
  ['minute', 'hour'],
  ['hour', 'day'],
  ['day', 'week'],
  ['week', 'month'],
  ['month', 'year'],
  ['cent', 'dollar'],
  ['inch', 'yard'],
  ['mile', 'kilometer'],
  ['meter', 'kilometer'],
  ['gram', 'kilogram'],
  ['pound', 'ounce'],
  ['cup', 'pint'],
  ['pint', 'quart'],
  ['quart', 'gallon'],
  ['liter', 'milliliter'],
];

const OTHER = new Map(UNITS.flatMap(([one, other]) => [[one, other] as const, [other, one] as const]));
const BEHIND = new RegExp(`^ (${[...OTHER.keys()].join('|')})(s|es)?\\b`);

export const unitSlip: Strategy = {
  name: 'unit-slip',
  title: 'a wrong unit, or a percentage a factor of ten off',
  corrupt(solution, random, consistent) {
    const percentage = firstThat(solution.calculations, random, (place) =>
      wrongPercentage(solution, place, random, consistent),
    );
    // A unit has nothing that later lines could carry on.
    return percentage ?? firstThat(solution.calculations, random, (place) => wrongUnit(solution, place));
  },
};

function wrongUnit(solution: Solution, { step, calculation }: CalculationPlace): Corruption | undefined {
  const { text = '' } = solution.steps[step] ?? {};
  const said = calculation.result.places.at(-1);
  // No minutes are no hours.
  if (said === undefined || calculation.result.value === 0) return undefined;
  const match = BEHIND.exec(text.slice(said.end));
  if (match === null) return undefined;
  const [all, unit = '', ending = ''] = match;
  const other = OTHER.get(unit);
  if (other === undefined) return undefined;
  const revision = new Revision(solution);
  const start = said.end + 1;
  const plural = ending === '' ? other : other === 'inch' ? 'inches' : `${other}s`;
  revision.replace(step, { start, end: start + all.length - 1 }, plural);
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
    const value = random.float() < 0.5 ? operand.value * 10 : operand.value / 10;
    return changedCalculation(
      solution,
      place,
      { operand: { index, value } },
      consistent ? 'carried' : 'computed',
    );
  });
}
