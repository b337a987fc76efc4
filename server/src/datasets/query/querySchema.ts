// Checks a query that comes from a page or another process.
import { z } from 'zod';
import { COLUMN_TESTS, STEP_LABELS, type RowQuery } from '../../../../protocol/src/datasets.ts';

const MOST_CONDITIONS = 50;
const LONGEST_TEXT = 10_000;

const text = z.string().max(LONGEST_TEXT);
const bound = z.number().nullable();

const condition = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('has-error'), value: z.boolean() }),
  z.object({ kind: z.literal('faulty') }),
  z.object({ kind: z.literal('text'), text }),
  z.object({ kind: z.literal('steps'), from: bound, to: bound }),
  z.object({ kind: z.literal('first-error'), from: bound, to: bound }),
  z.object({ kind: z.literal('label'), label: z.enum(STEP_LABELS) }),
  z.object({ kind: z.literal('column'), column: text, test: z.enum(COLUMN_TESTS), value: text }),
]);

const sortKey = z.discriminatedUnion('by', [
  z.object({ by: z.enum(['steps', 'first-error', 'errors']) }),
  z.object({ by: z.literal('column'), column: text }),
]);

export const querySchema: z.ZodType<RowQuery> = z.object({
  conditions: z.array(condition).max(MOST_CONDITIONS),
  sort: z.object({ key: sortKey, descending: z.boolean() }).exactOptional(),
});
