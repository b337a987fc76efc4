// A step that claims what the problem does not say, and calculates on with it.
import { carryOn } from '../carry.ts';
import { firstThat, oneOf, type Corruption, type Strategy } from '../corruption.ts';
import { isWritable, Revision } from '../revision.ts';
import type { CalculationPlace, Solution } from '../solution.ts';
import type { Random } from '../../../support/random.ts';
import { claimsAbout, kindOfResult } from './claims.ts';

export const unsupportedClaim: Strategy = {
  name: 'unsupported-claim',
  title: 'a claim that the problem does not make',
  corrupt(solution, random, consistent) {
    return firstThat(solution.calculations, random, (place) =>
      claimAfter(solution, place, random, consistent),
    );
  },
};

/** Of less, no part can be taken that leaves more than one. */
const LEAST = 4;

function claimAfter(
  solution: Solution,
  place: CalculationPlace,
  random: Random,
  consistent: boolean,
): Corruption | undefined {
  const { step, calculation } = place;
  const { value } = calculation.result;
  const { text = '', calculations } = solution.steps[step] ?? {};
  // With a second calculation in the step, it would not be clear what the claim is about; behind the answer, it would come too late.
  if (calculations?.at(-1) !== calculation || step === solution.answerStep) return undefined;
  if (!Number.isInteger(value) || value < LEAST) return undefined;
  const kind = kindOfResult(text, calculation.result);
  const claim = kind === undefined ? undefined : oneOf(claimsAbout(kind), random);
  if (kind === undefined || claim === undefined) return undefined;
  const part = unknownPart(solution, value, claim.sign, random);
  if (part === undefined) return undefined;
  const left = claim.sign === '+' ? value + part : value - part;
  const money = kind.name === 'money' ? '$' : '';
  const written = `${value}${claim.sign}${part}`;
  const annotation = calculation.annotated ? `<<${written}=${left}>>` : '';
  const equation = `${money}${value} ${claim.sign} ${money}${part} = ${money}${annotation}${left}`;
  const after = claim.text(`${money}${part}`, equation, kind.noun);
  const steps = consistent ? carriedFrom(solution, place, left) : solution.texts;
  if (steps === undefined) return undefined;
  return { steps: steps.toSpliced(step + 1, 0, after), at: step + 1, before: null, after, consistent };
}

/** A tenth to two fifths of a result, which neither itself nor by what it leads to is a number that was known before. */
function unknownPart(
  solution: Solution,
  result: number,
  sign: '+' | '-',
  random: Random,
): number | undefined {
  for (let attempt = 0; attempt < 4; attempt++) {
    const share = Math.max(2, Math.round(result * (0.1 + 0.3 * random.float())));
    const unit = share < 20 ? 1 : 10 ** Math.floor(Math.log10(share));
    const part = Math.round(share / unit) * unit;
    const left = sign === '+' ? result + part : result - part;
    if (isWritable(left) && !isKnown(solution, part) && !isKnown(solution, left)) return part;
  }
  return undefined;
}

/** @param value a whole one, which needs no allowance for the rounding of binary fractions */
function isKnown({ given, spoken, steps }: Solution, value: number): boolean {
  if (given.includes(value) || spoken.includes(value)) return true;
  for (const { mentions, calculations } of steps) {
    for (const mention of mentions) if (mention.value === value) return true;
    for (const { operands, result } of calculations) {
      if (result.value === value) return true;
      for (const operand of operands) if (operand.value === value) return true;
    }
  }
  return false;
}

/** The steps behind the claim go on with what it left; the claimed-about step itself stays as it was. */
function carriedFrom(solution: Solution, place: CalculationPlace, value: number): string[] | undefined {
  const revision = new Revision(solution);
  if (carryOn(solution, revision, place, value) !== true) return undefined;
  return revision.steps().with(place.step, solution.steps[place.step]?.text ?? '');
}
