// A step that claims what the problem does not say, and calculates on with it.
import { carryOn } from '../carry.ts';
import { firstThat, type Corruption, type Strategy } from '../corruption.ts';
import { isWritable, Revision } from '../revision.ts';
import type { CalculationPlace, Solution } from '../solution.ts';
import type { Random } from '../../../support/random.ts';

/** What is claimed of a result, and what is left of it. `calculation` stands for the whole equation. */
const CLAIMS: readonly { sign: '+' | '-'; text: (part: number, calculation: string) => string }[] = [
  {
    sign: '-',
    text: (part, calculation) => `But ${part} of these do not count, which leaves ${calculation}.`,
  },
  {
    sign: '-',
    text: (part, calculation) => `Since ${part} of them were lost on the way, there are ${calculation}.`,
  },
  {
    sign: '+',
    text: (part, calculation) => `There were ${part} more from the day before, so it is ${calculation}.`,
  },
  {
    sign: '+',
    text: (part, calculation) => `As usual, ${part} extra are added, so the total is ${calculation}.`,
  },
];

export const unsupportedClaim: Strategy = {
  name: 'unsupported-claim',
  title: 'a claim that the problem does not make',
  corrupt(solution, random, consistent) {
    return firstThat(solution.calculations, random, (place) =>
      claimAfter(solution, place, random, consistent),
    );
  },
};

function claimAfter(
  solution: Solution,
  place: CalculationPlace,
  random: Random,
  consistent: boolean,
): Corruption | undefined {
  const { step, calculation } = place;
  const result = calculation.result.value;
  const claims = CLAIMS.filter(({ sign }) => sign === '+' || result > 2);
  return firstThat(claims, random, ({ sign, text }) => {
    if (!Number.isInteger(result) || result < 1) return undefined;
    const part = random.int(1, Math.max(1, Math.min(10, result - 1)));
    const left = sign === '+' ? result + part : result - part;
    if (!isWritable(left)) return undefined;
    const written = `${result}${sign}${part}`;
    const equation = calculation.annotated
      ? `${written}=<<${written}=${left}>>${left}`
      : `${written}=${left}`;
    const claim = text(part, equation);
    const steps = consistent ? carriedFrom(solution, place, left) : [...solution.texts];
    return steps === undefined
      ? undefined
      : { steps: steps.toSpliced(step + 1, 0, claim), at: step + 1, before: null, after: claim, consistent };
  });
}

/** The steps behind the claim go on with what it left; the claimed-about step itself stays as it was. */
function carriedFrom(solution: Solution, place: CalculationPlace, value: number): string[] | undefined {
  // With a second calculation in the step, what follows would begin before the claim.
  if (solution.steps[place.step]?.calculations.at(-1) !== place.calculation) return undefined;
  const revision = new Revision(solution);
  if (carryOn(solution, revision, place, value) !== true) return undefined;
  return revision.steps().with(place.step, solution.steps[place.step]?.text ?? '');
}
