// Divisions that a calculation writes but that are numbers: 3/4 of something, 20/100 for 20%.
import type { Calculation } from './calculation.ts';

const PER_CENT = 100;

/** Whether the sign stands in a fraction or in front of the 100 of a percentage. Sign i is between operands i and i + 1. */
export function isFraction({ operands, signs }: Calculation, sign: number): boolean {
  if (sign < 0 || signs[sign]?.value !== '/') return false;
  const [over, under] = [operands[sign]?.value ?? 0, operands[sign + 1]?.value ?? 0];
  // 3/4, and 3/2 where 30/2 is a division.
  return under === PER_CENT || over < under || (over < 10 && over % under !== 0);
}

/** Whether an operand is part of such a fraction. */
export function isInFraction(calculation: Calculation, operand: number): boolean {
  return isFraction(calculation, operand - 1) || isFraction(calculation, operand);
}

/** Whether a fraction stays below one, and a percentage one of a hundred, where this value takes the place of its part. */
export function staysFraction(calculation: Calculation, operand: number, value: number): boolean {
  const { operands } = calculation;
  if (isFraction(calculation, operand - 1)) {
    return operands[operand]?.value !== PER_CENT && (operands[operand - 1]?.value ?? 0) < value;
  }
  return !isFraction(calculation, operand) || value < (operands[operand + 1]?.value ?? 0);
}
