// Carries a changed number through the rest of a solution, so that every later line agrees with the error.
import { evaluate, isChangeable, sameValue, type Place } from './calculation.ts';
import { saysNumber } from './numberWords.ts';
import { canReplace, type Revision } from './revision.ts';
import { isOwnResult, type CalculationPlace, type Solution } from './solution.ts';

/** Through more nothing is carried on: each may change, and is compared with all others and with every change. */
const MOST_CALCULATIONS = 500;

/**
 * Replaces the result of a calculation, where its step names it too, and everything that follows from it.
 *
 * A number stands for the result where it has the same value; so the value must be the result's own: no number of the
 * problem and no other result may have it, or a number could be changed that means something else.
 *
 * @returns whether the error reached the last step; false too where it cannot be carried on safely. The revision is of use
 *   only where it did.
 */
export function carryOn(
  solution: Solution,
  revision: Revision,
  from: CalculationPlace,
  newResult: number,
): boolean {
  const old = from.calculation.result;
  if (solution.calculations.length > MOST_CALCULATIONS) return false;
  if (!canReplace(newResult, old.value) || !isOwnResult(solution, old.value)) return false;
  const changes = [{ from: old.value, to: newResult }];
  const changed = (value: number): number => {
    for (const change of changes) if (sameValue(change.from, value)) return change.to;
    return value;
  };
  // Where an equation is not understood, something in it could stay as it was.
  const isUnderstood = (step: number): boolean => solution.steps[step]?.understood === true;
  if (!isUnderstood(from.step)) return false;
  revision.replaceNumber(from.step, old.places, newResult);

  let reached = from.step;
  for (const { step, index, calculation } of solution.calculations) {
    if (step < from.step || (step === from.step && index <= from.index)) continue;
    if (calculation.operands.some(({ value }) => isOtherForm(solution, changes, value))) return false;
    if (!calculation.operands.some(({ value }) => changed(value) !== value)) continue;
    const operands = calculation.operands.map(({ value }) => changed(value));
    const result = evaluate(
      calculation.infix,
      operands,
      calculation.signs.map(({ value }) => value),
    );
    if (!canReplace(result, calculation.result.value) || !isUnderstood(step)) return false;
    for (const [at, term] of calculation.operands.entries()) {
      const value = operands[at] ?? term.value;
      if (value !== term.value) revision.replaceNumber(step, term.places, value);
    }
    reached = step;
    const { value, places } = calculation.result;
    if (sameValue(value, result)) continue;
    if (!isOwnResult(solution, value) || !isChangeable(calculation, calculation.result)) return false;
    revision.replaceNumber(step, places, result);
    changes.push({ from: value, to: result });
  }
  for (const [step, { text, mentions, unclear }] of solution.steps.entries()) {
    for (const mention of mentions) {
      const value = changed(mention.value);
      if (value === mention.value) {
        if (step > from.step && isFromNowhere(solution, from, mention.value)) return false;
        continue;
      }
      // What was said before the calculation came from elsewhere; and what is compared may no longer be the greater one.
      if (step < from.step || !isUnderstood(step) || isCompared(text, mention)) return false;
      revision.replaceNumber(step, [mention], value);
      if (step > reached) reached = step;
    }
    if (unclear.some((value) => changed(value) !== value)) return false;
    if (changes.some((change) => saysNumber(text, change.from))) return false;
  }
  // An answer that the error does not change may be right, or follow from it in a way that was not understood.
  return reached > from.step && reached === solution.steps.length - 1;
}

/** Whether a number may be a changed one as a share or a percentage: 85% goes on as 0.85. */
function isOtherForm({ given }: Solution, changes: readonly { from: number }[], value: number): boolean {
  return (
    changes.some(({ from }) => sameValue(from, 100 * value) || sameValue(100 * from, value)) &&
    !given.includes(value)
  );
}

/** Up to here steps count without a word where a number is from. */
const SMALL = 12;

/** Whether a later step says a number that nothing before it gives: it may follow from the changed one. */
function isFromNowhere(
  { given, spoken, steps, calculations }: Solution,
  from: CalculationPlace,
  value: number,
): boolean {
  if (value <= SMALL || given.includes(value) || spoken.includes(value)) return false;
  const isSame = (other: { value: number }): boolean => sameValue(other.value, value);
  for (const { step, calculation } of calculations) {
    if (isSame(calculation.result) || (step <= from.step && calculation.operands.some(isSame))) return false;
  }
  for (let step = 0; step <= from.step; step++) if (steps[step]?.mentions.some(isSame) === true) return false;
  return true;
}

const COMPARED_BEFORE = /(?:[<>≤≥]|\bthan) ?\$?$/;
const COMPARED_BEHIND = /^ ?(?:[<>≤≥]|(?:\w+ )?(?:is|are) (?:not )?(?:\w+er|more|less) than)/;

function isCompared(text: string, { start, end }: Place): boolean {
  return (
    COMPARED_BEFORE.test(text.slice(Math.max(0, start - 7), start)) ||
    COMPARED_BEHIND.test(text.slice(end, end + 30))
  );
}
