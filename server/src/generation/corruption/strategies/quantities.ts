// What a number is in its calculation, so that only such are mistaken for each other as people mistake.
import type { Calculation, Term } from '../calculation.ts';
import { isFraction } from '../fractions.ts';

/** How many times as large a number may be as the one that it is taken for: nobody takes 6000 dollars for 2 years. */
const MOST = 20;

/** Whether one number can be taken for another by its size; one itself is mostly no quantity, but an article or the one of 1/4. */
export function areAlike(left: number, right: number): boolean {
  return left > 1 && right > 1 && left <= MOST * right && right <= MOST * left;
}

/** Whether an operand is a quantity of its own: neither half of a fraction, as the 2 and the 3 of `2/3*12`, nor the 100 of a percentage. */
export function isQuantity(calculation: Calculation, index: number): boolean {
  if (isFraction(calculation, index - 1)) return false;
  return !isFraction(calculation, index) || calculation.operands[index + 1]?.value === 100;
}

/** Whether a currency stands before a number in the words, or before the annotation of `$<<48/2=24>>24`. */
export function isMoney(text: string, { places }: Term<number>): boolean {
  return places.some(({ start }) => {
    const before = text.startsWith('>>', start - 2) ? text.lastIndexOf('<<', start) : start;
    return text.charAt(before - 1) === '$';
  });
}
