// Queries beside a naive filter and sort over rows in memory.
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RowCondition, RowQuery } from '../../../../protocol/src/datasets.ts';
import { findRows } from '../../../../server/src/datasets/query/findRows.ts';
import { openTable } from '../../../../server/src/datasets/table/openTable.ts';
import { querySchema } from '../../../../server/src/datasets/query/querySchema.ts';
import { CancelledError, PrmError } from '../../../../server/src/support/errors.ts';
import { memoryTable, type MemoryTable } from '../../../support/memoryTable.ts';

const SAMPLE = path.join(import.meta.dirname, '../../../../samples/gsm8k-stepwise-sample.parquet');

interface Row extends Record<string, unknown> {
  prompt: string;
  completions: string[];
  labels: (boolean | null)[];
}

/** The row that makes the layout known whatever the others are. */
const FIRST: Row = { prompt: 'What is 1 + 1?', completions: ['Add.', '#### 2'], labels: [true, true] };

/** Positions in the order of the result. */
async function found(table: MemoryTable, query: RowQuery): Promise<number[]> {
  const chunks: number[][] = [];
  const sorted = await findRows(table, query, { onFound: (positions) => chunks.push(Array.from(positions)) });
  const streamed = chunks.flat();
  expect(streamed).toEqual(streamed.toSorted((one, two) => one - two));
  if (sorted === undefined) return streamed;
  expect(Array.from(sorted).sort((one, two) => one - two)).toEqual(streamed);
  return Array.from(sorted);
}

const words = fc.constantFrom('apple', 'Apple pie', 'STRASSE', 'straße', 'ΟΔΟΣ', 'οδός', 'x', '10', '9', '');
const misfit: Row = { prompt: 'Problem apple', completions: ['a', 'b'], labels: [true] };
const row: fc.Arbitrary<Row | string> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .array(fc.tuple(words, fc.constantFrom(true, false, null)), { minLength: 1, maxLength: 4 })
      .chain((steps) =>
        fc.record(
          {
            prompt: words.map((word) => `Problem ${word}`),
            completions: fc.constant(steps.map(([word]) => `Step ${word}`)),
            labels: fc.constant(steps.map(([, label]) => label)),
            value: fc.oneof(
              fc.integer({ min: -3, max: 12 }),
              words,
              fc.boolean(),
              fc.constant(null),
              fc.bigInt(-3n, 12n),
            ),
          },
          { requiredKeys: ['prompt', 'completions', 'labels'] },
        ),
      )
      .map((fields): Row => ({ ...fields })),
  },
  fc.constant('the line is not JSON'),
  fc.constant(misfit),
);
const bound = fc.option(fc.nat(5));
const condition: fc.Arbitrary<RowCondition> = fc.oneof(
  fc.record({ kind: fc.constant('has-error' as const), value: fc.boolean() }),
  fc.constant({ kind: 'faulty' as const }),
  fc.record({ kind: fc.constant('text' as const), text: words }),
  fc.record({ kind: fc.constant('steps' as const), from: bound, to: bound }),
  fc.record({ kind: fc.constant('first-error' as const), from: bound, to: bound }),
  fc.record({
    kind: fc.constant('label' as const),
    label: fc.constantFrom(
      'correct' as const,
      'incorrect' as const,
      'neutral' as const,
      'unlabelled' as const,
    ),
  }),
  fc.record({
    kind: fc.constant('column' as const),
    column: fc.constantFrom('value', 'prompt', 'none'),
    test: fc.constantFrom('equals', 'not-equals', 'less', 'greater', 'contains', 'is-null', 'not-null'),
    value: fc.constantFrom('3', '10', ' 9 ', 'apple', 'Problem x', 'true', ''),
  }),
);

/** What the conditions mean, written as plainly as can be. */
function naive(fields: Row | string, one: RowCondition): boolean {
  const readable = typeof fields !== 'string';
  const fits = readable && fields.completions.length === fields.labels.length;
  const labels = fits ? fields.labels : [];
  const firstError = labels.indexOf(false) + 1;
  const within = (value: number, { from, to }: { from: number | null; to: number | null }): boolean =>
    value >= (from ?? -Infinity) && value <= (to ?? Infinity);
  switch (one.kind) {
    case 'has-error':
      return fits && labels.includes(false) === one.value;
    case 'faulty':
      return !fits;
    case 'text': {
      if (one.text === '') return true;
      const texts = readable
        ? JSON.stringify(Object.values(fields), (_, part: unknown) =>
            typeof part === 'bigint' || typeof part === 'number' || typeof part === 'boolean' ? null : part,
          )
        : '';
      return texts.toUpperCase().includes(one.text.toUpperCase());
    }
    case 'steps':
      return fits && within(labels.length, one);
    case 'first-error':
      return firstError > 0 && within(firstError, one);
    case 'label': {
      const wanted = { correct: true, incorrect: false, neutral: undefined, unlabelled: null }[one.label];
      return labels.some((label) => label === wanted);
    }
    case 'column':
      return readable && naiveColumn(fields[one.column] as Plain, one);
  }
}

type Plain = string | number | bigint | boolean | null | undefined;

function naiveColumn(
  value: Plain,
  { test, value: typed }: Extract<RowCondition, { kind: 'column' }>,
): boolean {
  const isNull = value === null || value === undefined;
  const numeric = (typeof value === 'number' || typeof value === 'bigint') && /\d/.test(typed);
  const [left, right] = numeric ? [Number(value), Number(typed)] : [String(value), typed];
  switch (test) {
    case 'is-null':
      return isNull;
    case 'not-null':
      return !isNull;
    case 'equals':
      return !isNull && left === right;
    case 'not-equals':
      return isNull || left !== right;
    case 'less':
      return !isNull && left < right;
    case 'greater':
      return !isNull && left > right;
    case 'contains':
      return !isNull && String(value).toUpperCase().includes(typed.toUpperCase());
  }
}

describe('findRows', () => {
  it('finds what a naive filter finds, in file order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 12 }),
        fc.array(condition, { maxLength: 3 }),
        fc.integer({ min: 1, max: 5 }),
        async (more, conditions, batchRows) => {
          const rows = [FIRST, ...more];
          const expected = rows.flatMap((fields, position) =>
            conditions.every((one) => naive(fields, one)) ? [position] : [],
          );
          expect(await found(memoryTable(rows, { batchRows }), { conditions })).toEqual(expected);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('sorts as a naive stable sort does, rows without the key last either way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 12 }),
        fc.constantFrom('steps' as const, 'first-error' as const, 'errors' as const),
        fc.boolean(),
        async (more, by, descending) => {
          const rows = [FIRST, ...more];
          const keyed = rows.map((fields, position) => {
            const fits = typeof fields !== 'string' && fields.completions.length === fields.labels.length;
            const labels = fits ? fields.labels : [];
            const firstError = labels.indexOf(false) + 1;
            const errors = labels.filter((label) => label === false).length;
            const keys = {
              steps: labels.length,
              'first-error': firstError === 0 ? null : firstError,
              errors,
            };
            return { position, key: fits ? keys[by] : null };
          });
          const sign = descending ? -1 : 1;
          const expected = [
            ...keyed
              .filter(({ key }) => key !== null)
              .sort((one, two) => sign * ((one.key ?? 0) - (two.key ?? 0))),
            ...keyed.filter(({ key }) => key === null),
          ].map(({ position }) => position);
          expect(
            await found(memoryTable(rows), { conditions: [], sort: { key: { by }, descending } }),
          ).toEqual(expected);
        },
      ),
    );
  });

  it('sorts by a column: numbers, then texts, then what is null', async () => {
    const values = [null, 'b', 10, undefined, 9n, 'B', Number.NaN, -0.5, true, 'a', 10];
    const table = memoryTable([FIRST, ...values.map((value) => ({ ...FIRST, value }))]);
    const sort = (descending: boolean): RowQuery => ({
      conditions: [],
      sort: { key: { by: 'column', column: 'value' }, descending },
    });
    const none = [0, 1, 4, 7];
    expect(await found(table, sort(false))).toEqual([8, 9, 5, 3, 11, 6, 10, 2, ...none]);
    expect(await found(table, sort(true))).toEqual([2, 10, 6, 3, 11, 5, 9, 8, ...none]);
  });

  it('asks the table for no more columns than it needs', async () => {
    const columnsOf = async (query: RowQuery): Promise<unknown> => {
      const table = memoryTable([FIRST]);
      await findRows(table, query);
      return table.passes[0];
    };
    const byColumn: RowCondition = { kind: 'column', column: 'value', test: 'is-null', value: '' };
    expect(await columnsOf({ conditions: [byColumn] })).toEqual(['value']);
    expect(await columnsOf({ conditions: [{ kind: 'has-error', value: true }, byColumn] })).toEqual([
      'prompt',
      'completions',
      'labels',
      'answer',
      'source_row',
      'finish_reason',
      'value',
    ]);
    expect(
      await columnsOf({ conditions: [], sort: { key: { by: 'column', column: 'id' }, descending: false } }),
    ).toEqual(['id']);
    expect(await columnsOf({ conditions: [{ kind: 'text', text: 'a' }, byColumn] })).toBeUndefined();
  });

  it('scans a real Parquet file', async () => {
    const table = await openTable(SAMPLE);
    const countOf = async (conditions: RowCondition[]): Promise<number> => {
      let count = 0;
      await findRows(table, { conditions }, { onFound: ({ length }) => (count += length) });
      return count;
    };
    try {
      const wrong = await countOf([{ kind: 'has-error', value: true }]);
      expect(wrong).toBeGreaterThan(0);
      expect(await countOf([{ kind: 'first-error', from: 1, to: null }])).toBe(wrong);
      expect(wrong + (await countOf([{ kind: 'has-error', value: false }]))).toBe(5998);
      expect(await countOf([{ kind: 'faulty' }])).toBe(0);
      // No such column: nothing at all has to be read, and yet there are rows.
      expect(await countOf([{ kind: 'column', column: 'none', test: 'is-null', value: '' }])).toBe(5998);
      // Case does not count.
      expect(await countOf([{ kind: 'text', text: '<|USER|>' }])).toBe(5998);
    } finally {
      await table.close();
    }
  });

  it('reads rows of one column that the layout does not know', async () => {
    const table = memoryTable([{ a: 1 }, { a: 2 }, 'broken']);
    const equals: RowCondition = { kind: 'column', column: 'a', test: 'equals', value: '2' };
    expect(await found(table, { conditions: [equals] })).toEqual([1]);
    expect(await found(table, { conditions: [{ kind: 'faulty' }] })).toEqual([2]);
    await expect(findRows(table, { conditions: [{ kind: 'has-error', value: true }] })).rejects.toThrow(
      PrmError,
    );
  });

  it('tells how far it is, and stops when asked', async () => {
    const rows = Array.from({ length: 100 }, () => FIRST);
    const stop = new AbortController();
    const seen: { scanned: number; share: number }[] = [];
    let count = 0;
    const query: RowQuery = { conditions: [{ kind: 'has-error', value: false }] };
    const scan = findRows(memoryTable(rows, { batchRows: 10 }), query, {
      signal: stop.signal,
      onFound: ({ length }) => (count += length),
      onProgress: (progress) => {
        seen.push(progress);
        if (progress.scanned === 30) stop.abort();
      },
    });
    await expect(scan).rejects.toThrow(CancelledError);
    expect(seen).toEqual([
      { scanned: 10, share: 0.1 },
      { scanned: 20, share: 0.2 },
      { scanned: 30, share: 0.3 },
    ]);
    expect(count).toBe(30);
  });
});

describe('querySchema', () => {
  it('takes every query that the protocol knows', () => {
    fc.assert(
      fc.property(fc.array(condition, { maxLength: 5 }), (conditions) => {
        expect(querySchema.parse({ conditions })).toEqual({ conditions });
      }),
    );
    const sorted = { conditions: [], sort: { key: { by: 'column', column: 'a' }, descending: true } };
    expect(querySchema.parse(sorted)).toEqual(sorted);
  });

  it.each([
    [null],
    [{}],
    [{ conditions: {} }],
    [{ conditions: [{ kind: 'sql', text: 'drop' }] }],
    [{ conditions: [{ kind: 'steps', from: 'a', to: null }] }],
    [{ conditions: [{ kind: 'label', label: 'good' }] }],
    [{ conditions: [{ kind: 'column', column: 'a', test: 'like', value: '' }] }],
    [{ conditions: [{ kind: 'text', text: 'x'.repeat(10_001) }] }],
    [{ conditions: Array.from({ length: 51 }, () => ({ kind: 'faulty' })) }],
    [{ conditions: [], sort: { key: { by: 'size' }, descending: true } }],
    [{ conditions: [], sort: { key: { by: 'steps' } } }],
  ])('refuses %j', (query) => {
    expect(querySchema.safeParse(query).success).toBe(false);
  });
});
