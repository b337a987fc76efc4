import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findPlace, type JumpTable } from '../../../../webview/src/dataset/jump.ts';

/** A table whose rows have these numbers, and how often it was asked. */
function table(numbers: readonly number[], more: Partial<JumpTable> = {}): JumpTable & { asked: number } {
  const subject = {
    rows: numbers.length,
    complete: true,
    sorted: false,
    filtered: true,
    asked: 0,
    numberAt: (place: number) => {
      subject.asked++;
      const number = numbers[place];
      return number === undefined ? Promise.reject(new Error(`no place ${place}`)) : Promise.resolve(number);
    },
    ...more,
  };
  return subject;
}

const ascending = fc
  .uniqueArray(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 500 })
  .map((numbers) => numbers.sort((a, b) => a - b));

describe('a jump to a row', () => {
  it('finds every row of any table by its number', async () => {
    await fc.assert(
      fc.asyncProperty(ascending, fc.nat(), async (numbers, pick) => {
        const place = pick % numbers.length;
        const subject = table(numbers);
        expect(await findPlace(numbers[place] ?? 0, subject)).toEqual({ place });
        expect(subject.asked).toBeLessThanOrEqual(2 + Math.ceil(Math.log2(numbers.length + 1)));
      }),
    );
  });

  it('shows the next row, and says so, where there is none with the number', async () => {
    await fc.assert(
      fc.asyncProperty(ascending, fc.integer({ min: 1, max: 120_000 }), async (numbers, number) => {
        fc.pre(!numbers.includes(number));
        const { place, problem } = await findPlace(number, table(numbers));
        const next = numbers.findIndex((candidate) => candidate > number);
        expect(place).toBe(next === -1 ? numbers.length - 1 : next);
        expect(problem).toBeDefined();
      }),
    );
  });

  it('asks once where numbers are places', async () => {
    const plain: JumpTable = {
      rows: 10_000_000,
      complete: true,
      sorted: false,
      filtered: false,
      numberAt: (place) => Promise.resolve(place + 1),
    };
    expect(await findPlace(7_654_321, plain)).toEqual({ place: 7_654_320 });
  });

  it('says why it cannot go', async () => {
    const problem = async (number: number, more: Partial<JumpTable>) =>
      (await findPlace(number, table([1, 2, 4], more))).problem;
    expect(await problem(0, {})).toBe('Enter a row number: a whole number from 1.');
    expect(await problem(1.5, {})).toBe('Enter a row number: a whole number from 1.');
    expect(await problem(NaN, {})).toBe('Enter a row number: a whole number from 1.');
    expect(await problem(1, { rows: 0 })).toBe('There are no rows to go to.');
    expect(await problem(1, { sorted: true })).toContain(
      'Sorted rows are not in the order of their numbers.',
    );
    expect(await problem(9, {})).toBe('The last row found is 4.');
    expect(await problem(9, { filtered: false })).toBe('The last row is 4.');
    expect(await problem(9, { complete: false })).toBe(
      'So far rows up to 4 are known; the file is still being read.',
    );
    expect(await problem(3, { filtered: false })).toBe('Line 3 holds no row; row 4 is shown.');
    expect(await problem(3, {})).toBe('Row 3 is not among the rows found; row 4 is shown.');
  });
});
