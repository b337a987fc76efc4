// A calculation with another number or sign in it: the core of most strategies.
import { carryOn } from './carry.ts';
import {
  evaluate,
  hasValue,
  includesValue,
  isChangeable,
  isFormal,
  sameValue,
  type Place,
  type Sign,
} from './calculation.ts';
import type { Corruption } from './corruption.ts';
import { isRounding } from './numbers.ts';
import { canReplace, isWritable, Revision } from './revision.ts';
import { isOwnResult, type CalculationPlace, type Solution } from './solution.ts';

export interface CalculationChange {
  /** Another number in place of an operand. */
  operand?: { index: number; value: number };
  /** Another sign in place of one. */
  sign?: { index: number; value: Sign };
  /** Changes in the step's words that belong to it. */
  words?: readonly { place: Place; text: string }[];
}

/** What becomes of the result: as it was (then the line no longer adds up), computed anew, or computed anew and carried on. */
export type Outcome = 'kept' | 'computed' | 'carried';

/** @returns undefined where nothing would be wrong, or what would have to be written cannot stand in a solution */
export function changedCalculation(
  solution: Solution,
  place: CalculationPlace,
  { operand, sign, words: wordChanges = [] }: CalculationChange,
  wanted: Outcome,
): Corruption | undefined {
  const { step, calculation } = place;
  // "We use that 17 * 6 = 102" is true, though 17 * 5 was wanted: only the old result makes it wrong.
  const outcome = wanted === 'computed' && !claimsResult(solution, step) ? 'kept' : wanted;
  const operands = calculation.operands.map(({ value }, index) =>
    operand?.index === index ? operand.value : value,
  );
  const signs = calculation.signs.map(({ value }, index) => (sign?.index === index ? sign.value : value));
  const result = evaluate(calculation.infix, operands, signs);
  // 2 x 2 for 2 + 2, or 5 + 3 for 3 + 5: the text differs, its meaning does not.
  if (!Number.isFinite(result) || sameValue(result, calculation.result.value)) return undefined;
  if (outcome !== 'kept' && !isBelievable(result, calculation.result.value)) return undefined;
  // 2 * .73 = 1.5 may be right, rounded.
  if (outcome === 'kept' && isRounding(calculation.result.value, result)) return undefined;
  if (isSaidElsewhere(solution, operands, result)) return undefined;

  const revision = new Revision(solution);
  if (operand !== undefined) {
    const term = calculation.operands[operand.index];
    if (term === undefined || !isChangeable(calculation, term) || !isWritable(operand.value))
      return undefined;
    revision.replaceNumber(step, term.places, operand.value);
  }
  if (sign !== undefined) {
    const term = calculation.signs[sign.index];
    if (term === undefined || !isChangeable(calculation, term)) return undefined;
    for (const signPlace of term.places) revision.replaceSign(step, signPlace, sign.value);
  }
  for (const { place: words, text } of wordChanges) revision.replace(step, words, text);
  return withResult(solution, place, revision, result, outcome);
}

const CONTENT =
  /\b(?!(?:and|get|have|hence|is|now|ok|okay|right|so|that|then|therefore|this|thus|we|yes)\b)[a-z]{2}/i;

/** Whether a step says of something in the problem that it comes to its result; a lone or a formal equation says it of nothing. */
function claimsResult({ problem, texts }: Solution, step: number): boolean {
  const text = texts[step] ?? '';
  return CONTENT.test(text) && !isFormal(text) && !isFormal(problem);
}

/** Where a result is off by more than this factor, nobody would write it down. */
const FARTHEST = 50;

function isBelievable(result: number, right: number): boolean {
  return result <= FARTHEST * right && right <= FARTHEST * result;
}

/** Whether the solution itself makes this calculation in some step: out of its place it is hardly an error. */
function isSaidElsewhere({ calculations }: Solution, operands: readonly number[], result: number): boolean {
  for (const { calculation } of calculations) {
    if (!sameValue(calculation.result.value, result) || calculation.operands.length !== operands.length)
      continue;
    if (calculation.operands.every(({ value }) => includesValue(operands, value))) return true;
  }
  return false;
}

/** Another result of a calculation that is right but for it. */
export function changedResult(
  solution: Solution,
  place: CalculationPlace,
  result: number,
  outcome: Exclude<Outcome, 'kept'>,
): Corruption | undefined {
  if (sameValue(result, place.calculation.result.value)) return undefined;
  return withResult(solution, place, new Revision(solution), result, outcome);
}

function withResult(
  solution: Solution,
  place: CalculationPlace,
  revision: Revision,
  result: number,
  outcome: Outcome,
): Corruption | undefined {
  const { step, calculation } = place;
  if (outcome !== 'kept') {
    if (!isChangeable(calculation, calculation.result) || !canReplace(result, calculation.result.value))
      return undefined;
    if (outcome === 'carried') {
      if (carryOn(solution, revision, place, result) !== true) return undefined;
    } else if (!writeResult(solution, revision, place, result)) {
      return undefined;
    }
  }
  return changedStep(solution, step, revision, outcome === 'carried');
}

/**
 * The new result in its own step alone, also where words name it: "24 want one because 80 * .8 = 64" would contradict itself; and so
 * would a step that calculates on with the old one.
 */
function writeResult(
  solution: Solution,
  revision: Revision,
  { step, calculation }: CalculationPlace,
  newResult: number,
): boolean {
  const { result } = calculation;
  const { mentions = [], calculations = [] } = solution.steps[step] ?? {};
  for (const other of calculations)
    if (other !== calculation && hasValue(other.operands, result.value)) return false;
  const said = mentions.filter(({ value }) => sameValue(value, result.value));
  if (said.length > 0 && !isOwnResult(solution, result.value)) return false;
  revision.replaceNumber(step, [...result.places, ...said], newResult);
  return true;
}

/** The corrupted path of a revision whose first change is in `step`; undefined where it changed nothing there. */
export function changedStep(
  solution: Solution,
  step: number,
  revision: Revision,
  consistent: boolean,
): Corruption | undefined {
  const steps = revision.steps();
  const [before, after] = [solution.steps[step]?.text, steps[step]];
  if (before === undefined || after === undefined || before === after) return undefined;
  return { steps, at: step, before, after, consistent };
}
