// Carries a changed number through the rest of a solution, so that every later line agrees with the error.
import { evaluate, isChangeable, sameValue } from './calculation.ts';
import { canReplace, type Revision } from './revision.ts';
import { isOwnResult, type CalculationPlace, type Solution } from './solution.ts';

/**
 * Replaces the result of a calculation, where its step names it too, and everything that follows from it.
 *
 * A number stands for the result where it has the same value; so the value must be the result's own: no number of the
 * problem and no other result may have it, or a number could be changed that means something else.
 *
 * @returns whether anything after the calculation changed; undefined where the error cannot be carried on safely
 */
export function carryOn(
  solution: Solution,
  revision: Revision,
  from: CalculationPlace,
  newResult: number,
): boolean | undefined {
  const old = from.calculation.result;
  if (!canReplace(newResult, old.value) || !isOwnResult(solution, old.value)) return undefined;
  const changes = [{ from: old.value, to: newResult }];
  const changed = (value: number): number => {
    for (const change of changes) if (sameValue(change.from, value)) return change.to;
    return value;
  };
  // Where an equation is not understood, something in it could stay as it was.
  const isUnderstood = (step: number): boolean => solution.steps[step]?.understood === true;
  if (!isUnderstood(from.step)) return undefined;
  revision.replaceNumber(from.step, old.places, newResult);

  let reached = false;
  for (const { step, index, calculation } of solution.calculations) {
    if (step < from.step || (step === from.step && index <= from.index)) continue;
    if (!calculation.operands.some(({ value }) => changed(value) !== value)) continue;
    const operands = calculation.operands.map(({ value }) => changed(value));
    const result = evaluate(
      calculation.infix,
      operands,
      calculation.signs.map(({ value }) => value),
    );
    if (!canReplace(result, calculation.result.value) || !isUnderstood(step)) return undefined;
    for (const [at, term] of calculation.operands.entries()) {
      const value = operands[at] ?? term.value;
      if (value !== term.value) revision.replaceNumber(step, term.places, value);
    }
    reached = true;
    const { value, places } = calculation.result;
    if (sameValue(value, result)) continue;
    if (!isOwnResult(solution, value) || !isChangeable(calculation, calculation.result)) return undefined;
    revision.replaceNumber(step, places, result);
    changes.push({ from: value, to: result });
  }
  for (const [step, { mentions, unclear }] of solution.steps.entries()) {
    for (const mention of mentions) {
      const value = changed(mention.value);
      if (value === mention.value) continue;
      // What was said before the calculation came from elsewhere.
      if (step < from.step || !isUnderstood(step)) return undefined;
      revision.replaceNumber(step, [mention], value);
      if (step > from.step) reached = true;
    }
    if (unclear.some((value) => changed(value) !== value)) return undefined;
  }
  return reached;
}
