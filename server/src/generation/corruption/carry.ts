// Carries a changed number through the rest of a solution, so that every later line agrees with the error.
import { evaluate, hasValue, isChangeable, sameValue, type Place } from './calculation.ts';
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
  // Where an equation is not understood, something in it could stay as it was.
  if (!isUnderstood(solution, from.step)) return false;
  revision.replaceNumber(from.step, old.places, newResult);

  const changes: Change[] = [{ from: old.value, to: newResult }];
  let reached = from.step;
  for (const place of solution.calculations) {
    if (place.step < from.step || (place.step === from.step && place.index <= from.index)) continue;
    const carried = carryInto(solution, revision, place, changes);
    if (carried === 'unsafe') return false;
    if (carried === 'changed') reached = place.step;
  }
  for (let step = 0; step < solution.steps.length; step++) {
    const carried = carryIntoWords(solution, revision, from, step, changes);
    if (carried === 'unsafe') return false;
    if (carried === 'changed' && step > reached) reached = step;
  }
  // An answer that the error does not change may be right, or follow from it in a way that was not understood.
  return reached > from.step && reached === solution.steps.length - 1;
}

/** A result that is another one now. */
interface Change {
  from: number;
  to: number;
}

type Carried = 'changed' | 'untouched' | 'unsafe';

function changedValue(changes: readonly Change[], value: number): number {
  for (const change of changes) if (sameValue(change.from, value)) return change.to;
  return value;
}

function isUnderstood({ steps }: Solution, step: number): boolean {
  return steps[step]?.understood === true;
}

/** Into a calculation that uses changed numbers; its own result becomes one of the changes. */
function carryInto(
  solution: Solution,
  revision: Revision,
  { step, calculation }: CalculationPlace,
  changes: Change[],
): Carried {
  const { infix, operands, signs, result: old } = calculation;
  let isTouched = false;
  for (const { value } of operands) {
    if (isOtherForm(solution, changes, value)) return 'unsafe';
    if (changedValue(changes, value) !== value) isTouched = true;
  }
  if (!isTouched) return 'untouched';
  const values = operands.map(({ value }) => changedValue(changes, value));
  const result = evaluate(
    infix,
    values,
    signs.map(({ value }) => value),
  );
  if (!canReplace(result, old.value) || !isUnderstood(solution, step)) return 'unsafe';
  for (let at = 0; at < operands.length; at++) {
    const [term, value] = [operands[at], values[at]];
    if (term === undefined || value === undefined || value === term.value) continue;
    revision.replaceNumber(step, term.places, value);
  }
  if (sameValue(old.value, result)) return 'changed';
  if (!isOwnResult(solution, old.value) || !isChangeable(calculation, old)) return 'unsafe';
  revision.replaceNumber(step, old.places, result);
  changes.push({ from: old.value, to: result });
  return 'changed';
}

/** Into the words of a step. */
function carryIntoWords(
  solution: Solution,
  revision: Revision,
  from: CalculationPlace,
  step: number,
  changes: readonly Change[],
): Carried {
  const read = solution.steps[step];
  if (read === undefined) return 'untouched';
  let carried: Carried = 'untouched';
  for (const mention of read.mentions) {
    const value = changedValue(changes, mention.value);
    if (value === mention.value) {
      if (step > from.step && isFromNowhere(solution, from, value)) return 'unsafe';
      continue;
    }
    // What was said before the calculation came from elsewhere; and what is compared may no longer be the greater one.
    if (step < from.step || !read.understood || isCompared(read.text, mention)) return 'unsafe';
    revision.replaceNumber(step, [mention], value);
    carried = 'changed';
  }
  for (const value of read.unclear) if (changedValue(changes, value) !== value) return 'unsafe';
  for (const change of changes) if (saysNumber(read.text, change.from)) return 'unsafe';
  return carried;
}

/** Whether a number may be a changed one as a share or a percentage: 85% goes on as 0.85. */
function isOtherForm({ given }: Solution, changes: readonly Change[], value: number): boolean {
  for (const { from } of changes)
    if (sameValue(from, 100 * value) || sameValue(100 * from, value)) return !given.includes(value);
  return false;
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
  for (const { step, calculation } of calculations) {
    if (sameValue(calculation.result.value, value)) return false;
    if (step <= from.step && hasValue(calculation.operands, value)) return false;
  }
  for (let step = 0; step <= from.step; step++)
    if (hasValue(steps[step]?.mentions ?? [], value)) return false;
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
