// Values in messages, and whole numbers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shown, wholeNumber } from '../../../../server/src/datasets/layouts/fields.ts';

describe('shown', () => {
  it.each([
    ['a\nb', '"a\\nb"'],
    [12n, '12'],
    [Number.NaN, 'NaN'],
    [null, 'null'],
    [undefined, 'undefined'],
    [[1, 'a', null, [2n]], '[1,"a",null,[2]]'],
    [{ a: { b: [] } }, '{"a":{"b":[]}}'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [new Date(Number.NaN), 'no date'],
    ['x'.repeat(100), `"${'x'.repeat(56)}…`],
  ])('shows %o', (value, text) => {
    expect(shown(value)).toBe(text);
  });

  it('is short whatever the value, and says what JSON says where that is short', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withTypedArray: true, withNullPrototype: true }),
        (value) => {
          expect(shown(value).length).toBeLessThanOrEqual(60);
        },
      ),
    );
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const json = JSON.stringify(value);
        fc.pre(json.length <= 50);
        expect(JSON.parse(shown(value))).toEqual(JSON.parse(json));
      }),
    );
  });

  it('does not walk through a large or deep value', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(shown(deep)).toMatch(/^\[{57}…$/);
    expect(shown('x'.repeat(50_000_000))).toHaveLength(58);
  });
});

describe('wholeNumber', () => {
  it.each([
    [3, 3],
    [-1n, -1],
    [' 7 ', 7],
    ['+2', 2],
    [2.0, 2],
    [2.5, undefined],
    ['2.5', undefined],
    ['', undefined],
    ['9'.repeat(30), undefined],
    [2n ** 60n, undefined],
    [Number.NaN, undefined],
    [true, undefined],
    [null, undefined],
    [[1], undefined],
  ])('reads %o as %o', (value, number) => {
    expect(wholeNumber(value)).toBe(number);
  });
});
