// Sorting by keys in bounded memory, beside a naive stable sort.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SortKeys } from '../../../../server/src/datasets/query/sortKeys.ts';

describe('SortKeys', () => {
  it('sorts texts by their UTF-16 units, equal ones in the order in which they came', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 80 }),
        fc.boolean(),
        (texts, descending) => {
          const keys = new SortKeys({ capacity: 1 });
          texts.forEach((text, index) => {
            keys.add(10 * index, text);
          });
          const order = texts.map((_, index) => index).filter((index) => texts[index] !== null);
          const sign = descending ? -1 : 1;
          order.sort((one, two) => {
            const [left, right] = [texts[one] ?? '', texts[two] ?? ''];
            return left === right ? 0 : left < right ? -sign : sign;
          });
          const none = texts.flatMap((text, index) => (text === null ? [index] : []));
          expect(Array.from(keys.sorted(descending))).toEqual([...order, ...none].map((index) => 10 * index));
        },
      ),
    );
  });

  it('compares fewer characters of each text where not all fit', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 40 }), { minLength: 1, maxLength: 40 }), (texts) => {
        const storeUnits = 200;
        const keys = new SortKeys({ storeUnits });
        texts.forEach((text, index) => {
          keys.add(index, text);
        });
        // The longest beginning, of those tried, with which all fit at any time before.
        const fits = (longest: number): boolean =>
          texts.reduce((sum, text) => sum + 1 + Math.min(text.length, longest), 0) <= storeUnits;
        let longest = 256;
        while (!fits(longest)) longest >>= 1;
        const expected = texts
          .map((text, index) => ({ text: text.slice(0, longest), index }))
          .sort((one, two) => (one.text === two.text ? 0 : one.text < two.text ? -1 : 1))
          .map(({ index }) => index);
        expect(Array.from(keys.sorted(false))).toEqual(expected);
      }),
    );
  });

  it('sorts numbers, and grows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true }), { maxLength: 300 }),
        fc.boolean(),
        (numbers, descending) => {
          const keys = new SortKeys({ capacity: 1 });
          numbers.forEach((number, index) => {
            keys.add(index, number);
          });
          const sign = descending ? -1 : 1;
          const expected = numbers
            .map((_, index) => index)
            .sort((one, two) => {
              const [left, right] = [numbers[one] ?? 0, numbers[two] ?? 0];
              return left === right ? 0 : left < right ? -sign : sign;
            });
          expect(Array.from(keys.sorted(descending))).toEqual(expected);
        },
      ),
    );
  });

  it('can be stopped', () => {
    const keys = new SortKeys();
    for (let index = 0; index < 100; index++) keys.add(index, -index);
    expect(() =>
      keys.sorted(false, () => {
        throw new Error('stop');
      }),
    ).toThrow('stop');
  });

  it('sorts half a million rows', () => {
    const rows = 500_000;
    const keys = new SortKeys({ capacity: rows });
    for (let index = 0; index < rows; index++) keys.add(index, (index * 7919) % rows);
    const sorted = keys.sorted(false);
    expect(sorted.every((position, place) => (position * 7919) % rows === place)).toBe(true);
  });
});
