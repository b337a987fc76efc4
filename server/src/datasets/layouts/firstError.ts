// Datasets that only say where a solution first goes wrong: what that says about each of its steps.
import type { Step } from '../trace.ts';

/**
 * Steps before the first error are correct and it is incorrect; about the steps behind it the dataset says nothing.
 * @param firstError 0-based; undefined: every step is correct
 */
export function stepsWithFirstError(texts: readonly string[], firstError: number | undefined): Step[] {
  const end = firstError ?? texts.length;
  return texts.map((text, index) => ({
    text,
    label: index < end ? 'correct' : index === end ? 'incorrect' : 'unlabelled',
  }));
}
