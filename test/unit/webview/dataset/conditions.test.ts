import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COLUMN_TESTS, STEP_LABELS, type RowCondition } from '../../../../protocol/src/datasets.ts';
import {
  conditionWords,
  draftOf,
  emptyDraft,
  readDraft,
  takesValue,
} from '../../../../webview/src/dataset/filter/conditions.ts';

const hasColumn = (name: string) => name === 'answer' || name === '<b>';

const range = (least: number) =>
  fc
    .tuple(fc.option(fc.integer({ min: least })), fc.option(fc.integer({ min: least })))
    .filter(([from, to]) => (from !== null || to !== null) && (from === null || to === null || from <= to))
    .map(([from, to]) => ({ from, to }));

const condition: fc.Arbitrary<RowCondition> = fc.oneof(
  fc.boolean().map((value): RowCondition => ({ kind: 'has-error', value })),
  fc.constant<RowCondition>({ kind: 'faulty' }),
  fc.string({ minLength: 1 }).map((text): RowCondition => ({ kind: 'text', text })),
  range(0).map((ends): RowCondition => ({ kind: 'steps', ...ends })),
  range(1).map((ends): RowCondition => ({ kind: 'first-error', ...ends })),
  fc.constantFrom(...STEP_LABELS).map((label): RowCondition => ({ kind: 'label', label })),
  fc
    .tuple(fc.constantFrom('answer', '<b>'), fc.constantFrom(...COLUMN_TESTS), fc.string())
    .map(([column, test, value]): RowCondition => ({
      kind: 'column',
      column,
      test,
      value: takesValue(test) ? value : '',
    })),
);

describe('filter conditions', () => {
  it('come back from the fields that show them', () => {
    fc.assert(
      fc.property(condition, (given) => {
        expect(readDraft(draftOf(given, 0), hasColumn)).toEqual(given);
      }),
    );
  });

  it('say in words what they hold', () => {
    expect(conditionWords({ kind: 'steps', from: 3, to: 3 })).toBe('Steps 3');
    expect(conditionWords({ kind: 'steps', from: null, to: 1200 })).toBe('Steps up to 1,200');
    expect(conditionWords({ kind: 'has-error', value: false })).toBe('Has no wrong step');
    expect(conditionWords({ kind: 'column', column: 'a', test: 'is-null', value: '' })).toBe(
      'a is null or missing',
    );
  });

  it('are refused at the field that is wrong', () => {
    const steps = (from: string, to: string) => readDraft({ ...emptyDraft('steps'), from, to }, hasColumn);
    expect(steps('', '')).toMatchObject({ field: 'from' });
    expect(steps('-1', '')).toMatchObject({ field: 'from' });
    expect(steps('1e3', '')).toMatchObject({ field: 'from' });
    expect(steps('1', 'x')).toMatchObject({ field: 'to' });
    expect(steps('99999999999999999999', '')).toMatchObject({ field: 'from' });
    expect(steps('1,000', '2,000')).toEqual({ kind: 'steps', from: 1000, to: 2000 });
    expect(readDraft({ ...emptyDraft('first-error'), from: '0' }, hasColumn)).toMatchObject({
      field: 'from',
    });
    expect(readDraft(emptyDraft('text'), hasColumn)).toMatchObject({ field: 'text' });
    expect(readDraft({ ...emptyDraft('column'), column: 'b' }, hasColumn)).toMatchObject({ field: 'column' });
  });
});
