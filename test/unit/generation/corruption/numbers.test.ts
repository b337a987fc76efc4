import { describe, expect, it } from 'vitest';
import { miscalculated, slippedNumber } from '../../../../server/src/generation/corruption/numbers.ts';
import { seededRandom } from '../../../../server/src/support/random.ts';

/** What many seeds make of a number. */
function all(make: typeof slippedNumber, value: number): number[] {
  const random = seededRandom(7);
  const found = new Set<number>();
  for (let attempt = 0; attempt < 500; attempt++) {
    const number = make(value, random);
    if (number !== undefined) found.add(number);
  }
  return [...found].sort((a, b) => a - b);
}

describe('numbers in place of a right one', () => {
  it('a slip changes one digit or exchanges two, and is never the number, one off, or 1', () => {
    expect(all(slippedNumber, 5)).toEqual([2, 3, 7, 8, 9]);
    const found = all(slippedNumber, 48);
    expect(found).toContain(84);
    expect(found).toContain(98);
    for (const number of [47, 48, 49, 8]) expect(found).not.toContain(number);
  });

  it('a slip leaves a share a share: 0.9 never becomes 8.9, nor 1.2 7.2', () => {
    for (const number of all(slippedNumber, 0.9)) expect(number).toBeLessThan(1);
    for (const number of all(slippedNumber, 1.2)) expect(Math.floor(number)).toBe(1);
  });

  it('a wrong result is near the right one, and not the right one rounded', () => {
    expect(all(miscalculated, 144)).toEqual(expect.arrayContaining([134, 143, 145, 154]));
    for (const number of all(miscalculated, 144)) expect(number).toBeLessThanOrEqual(432);
    expect(all(miscalculated, 0.15)).not.toContain(0.2);
  });
});
