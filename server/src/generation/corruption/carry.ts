// Carries a changed number through the rest of a solution, so that every later line agrees with the error.
import { evaluate, isChangeable, sameValue } from './calculation.ts';
import { canReplace, type Revision } from './revision.ts';
import { isOwnResult, type CalculationPlace, type Solution } from './solution.ts';

/**
 * Replaces the result of a calculation and everything that follows from it.
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
  const changed = (value: number): number =>
    changes.find((change) => sameValue(change.from, value))?.to ?? value;
  // Where an equation is not understood, something in it could stay as it was.
  const isUnderstood = (step: number): boolean => solution.steps[step]?.understood === true;
  if (!isUnderstood(from.step)) return undefined;
  revision.replaceNumber(from.step, old.places, newResult);

  let reached = false;
  for (const { step, index, calculation } of solution.calculations) {
    if (step < from.step || (step === from.step && index <= from.index)) continue;
    const operands = calculation.operands.map(({ value }) => changed(value));
    if (operands.every((value, at) => value === calculation.operands[at]?.value)) continue;
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
  for (const [step, { mentions }] of solution.steps.entries()) {
    if (step < from.step) continue;
    for (const mention of mentions) {
      // In the step itself, what stands before the result is what the result was made of.
      if (step === from.step && mention.start < (old.places[0]?.start ?? 0)) continue;
      const value = changed(mention.value);
      if (value === mention.value) continue;
      if (!isUnderstood(step)) return undefined;
      revision.replaceNumber(step, [mention], value);
      reached = true;
    }
  }
  return reached;
}
