// Other numbers in place of a right one, as people mistake them.
import type { Random } from '../../support/random.ts';
import { sameValue } from './calculation.ts';
import { isWritable } from './revision.ts';

/**
 * A number with one digit changed or two digits exchanged, as in a slip of the pen; never the same, never off by one, and never 1,
 * which what is counted would have to follow ("1 boxes").
 */
export function slippedNumber(value: number, random: Random): number | undefined {
  const text = String(value);
  // The 0 of 0.2 and the 1 of 1.2 stay, or a share would be many times the whole.
  const first = value < 2 && !Number.isInteger(value) ? 2 : 0;
  for (let attempt = 0; attempt < 8; attempt++) {
    const at = random.int(first, text.length - 1);
    const [digit, next] = [text[at] ?? '.', text[at + 1] ?? '.'];
    if (digit === '.') continue;
    const exchanged = next !== '.' && next !== digit && random.float() < 0.3;
    const changed = exchanged
      ? text.slice(0, at) + next + digit + text.slice(at + 2)
      : text.slice(0, at) + String((Number(digit) + random.int(1, 9)) % 10) + text.slice(at + 1);
    const number = Number(changed);
    // A leading zero would make it a much smaller number, which is another kind of slip.
    if (changed.startsWith('0') && !changed.startsWith('0.')) continue;
    if (number > 0 && number !== 1 && isWritable(number) && !sameValue(Math.abs(number - value), 1))
      return number;
  }
  return undefined;
}

/** Where a result is off by more than this factor, one who calculates sees it. */
const FARTHEST = 3;

/** A result that is a little off: by one, by ten, or by a digit. */
export function miscalculated(value: number, random: Random): number | undefined {
  const choice = random.float();
  const sign = random.float() < 0.5 ? -1 : 1;
  const near = choice < 0.35 ? value + sign : choice < 0.6 ? value + 10 * sign : slippedNumber(value, random);
  if (near === undefined || near <= 0 || near > FARTHEST * value || value > FARTHEST * near) return undefined;
  return !isWritable(near) || isRounding(near, value) ? undefined : near;
}

/** Whether one number may be the other, rounded: 0.2 for 0.15 is no error. */
export function isRounding(number: number, value: number): boolean {
  // Whole numbers, as nearly all are, need no text.
  if (Number.isInteger(value)) return false;
  const decimals = String(number).split('.')[1]?.length ?? 0;
  return Math.abs(number - value) < 10 ** -decimals;
}
