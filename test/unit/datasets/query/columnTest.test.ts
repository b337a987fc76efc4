// One column's value against what a person typed, where the kinds of values make a difference.
import { describe, expect, it } from 'vitest';
import type { COLUMN_TESTS } from '../../../../protocol/src/datasets.ts';
import { columnTest, containsText } from '../../../../server/src/datasets/query/columnTest.ts';

function passes(cell: unknown, test: (typeof COLUMN_TESTS)[number], value: string): boolean {
  return columnTest({ kind: 'column', column: 'c', test, value })(cell);
}

describe('columnTest', () => {
  it('compares long integers exactly', () => {
    expect(passes(9007199254740993n, 'equals', '9007199254740993')).toBe(true);
    expect(passes(9007199254740993n, 'equals', '9007199254740992')).toBe(false);
    expect(passes(9007199254740993n, 'greater', '9007199254740992')).toBe(true);
    expect(passes(5n, 'less', '5.5')).toBe(true);
    expect(passes(5, 'equals', '5.0')).toBe(true);
  });

  it('takes NaN as a value that is equal to nothing', () => {
    expect(passes(Number.NaN, 'equals', '0')).toBe(false);
    expect(passes(Number.NaN, 'not-equals', '0')).toBe(true);
    expect(passes(Number.NaN, 'is-null', '')).toBe(false);
  });

  it('compares times by their text, so that a day is enough', () => {
    const time = new Date('2024-03-05T06:07:08Z');
    expect(passes(time, 'greater', '2024-03-05')).toBe(true);
    expect(passes(time, 'less', '2024-03-05')).toBe(false);
    expect(passes(time, 'equals', '2024-03-05T06:07:08.000Z')).toBe(true);
    expect(passes(time, 'contains', '-03-')).toBe(true);
  });

  it('compares lists and objects as JSON on one line', () => {
    expect(passes(['a', 1], 'equals', '["a", 1]')).toBe(true);
    expect(passes(['a', 1, 2], 'equals', '["a", 1]')).toBe(false);
    expect(passes([], 'equals', '[]')).toBe(true);
    expect(passes({ a: ['Deep inside'] }, 'contains', 'deep')).toBe(true);
    expect(passes({ deep: 1 }, 'contains', 'deep')).toBe(false);
    expect(passes(true, 'equals', 'true')).toBe(true);
    expect(passes(1234, 'contains', '23')).toBe(true);
  });

  it('takes null for less and greater than nothing', () => {
    for (const test of ['less', 'greater', 'equals', 'contains', 'not-null'] as const) {
      expect(passes(null, test, '')).toBe(false);
      expect(passes(undefined, test, '0')).toBe(false);
    }
    expect(passes(null, 'not-equals', 'x')).toBe(true);
    expect(passes('', 'is-null', '')).toBe(false);
  });
});

describe('containsText', () => {
  it('ends also in a value nested 100,000 deep', () => {
    const nested: unknown = JSON.parse(`${'['.repeat(100_000)}"x"${']'.repeat(100_000)}`);
    expect(containsText(nested, 'X')).toBe(false);
    expect(containsText([[['x']]], 'X')).toBe(true);
  });
});
