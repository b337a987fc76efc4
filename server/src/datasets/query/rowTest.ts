// A query's conditions as one test of a row, and what has to be read of a row for it.
import type { RowCondition, RowQuery, StepLabel } from '../../../../protocol/src/datasets.ts';
import { isFault, type Fields, type Layout, type LayoutRow } from '../layouts/layout.ts';
import type { SourceRow } from '../rowSource.ts';
import { columnTest, containsText, foldCase } from './columnTest.ts';
import type { RowReader } from './cells.ts';

/** A row under test; its layout is read when a condition first asks for it. */
export class TestedRow {
  private layoutRow: LayoutRow | 'faulty' | undefined;

  constructor(
    readonly source: SourceRow,
    private readonly read: RowReader | undefined,
  ) {}

  /** undefined where the row cannot be read. */
  get fields(): Fields | undefined {
    return this.source.fields;
  }

  /** undefined where the row cannot be read or does not fit the layout. */
  get traces(): LayoutRow['traces'] | undefined {
    if (this.layoutRow === undefined) {
      const row = this.fields === undefined ? undefined : this.read?.(this.fields);
      this.layoutRow = row === undefined || isFault(row) ? 'faulty' : row;
    }
    return this.layoutRow === 'faulty' ? undefined : this.layoutRow.traces;
  }

  /** Where the file has no layout, only rows that cannot be read. */
  get isFaulty(): boolean {
    return this.fields === undefined || (this.read !== undefined && this.traces === undefined);
  }
}

type Test = (row: TestedRow) => boolean;

/** All conditions together. */
export function rowTest(conditions: readonly RowCondition[]): Test {
  // The cheap ones first: those that need no layout.
  const tests = [...conditions]
    .sort((one, two) => Number(needsLayout(one)) - Number(needsLayout(two)))
    .map(testOf);
  return (row) => tests.every((test) => test(row));
}

function needsLayout({ kind }: RowCondition): boolean {
  return kind !== 'text' && kind !== 'column';
}

function testOf(condition: RowCondition): Test {
  switch (condition.kind) {
    case 'has-error':
      return ({ traces }) => traces?.some(hasError) === condition.value;
    case 'faulty':
      return ({ isFaulty }) => isFaulty;
    case 'text': {
      const wanted = foldCase(condition.text);
      if (wanted === '') return () => true;
      return ({ fields }) => fields !== undefined && containsText(fields, wanted);
    }
    case 'steps':
      return ({ traces }) => traces?.some(({ steps }) => isWithin(steps.length, condition)) ?? false;
    case 'first-error':
      return ({ traces }) => traces?.some((trace) => isWithin(firstErrorOf(trace), condition)) ?? false;
    case 'label':
      return ({ traces }) => traces?.some((trace) => hasLabel(trace, condition.label)) ?? false;
    case 'column': {
      const test = columnTest(condition);
      const { column } = condition;
      return ({ fields }) =>
        fields !== undefined && test(Object.hasOwn(fields, column) ? fields[column] : undefined);
    }
  }
}

type Trace = LayoutRow['traces'][number];

function hasError(trace: Trace): boolean {
  return hasLabel(trace, 'incorrect');
}

function hasLabel({ steps }: Trace, wanted: StepLabel): boolean {
  return steps.some(({ label }) => label === wanted);
}

/** 1-based; undefined where no step is incorrect. */
export function firstErrorOf({ steps }: Trace): number | undefined {
  const index = steps.findIndex(({ label }) => label === 'incorrect');
  return index < 0 ? undefined : index + 1;
}

function isWithin(
  value: number | undefined,
  { from, to }: { from: number | null; to: number | null },
): boolean {
  return value !== undefined && (from === null || value >= from) && (to === null || value <= to);
}

/**
 * The columns that a query looks at.
 * @returns undefined where it looks at all of them
 */
export function columnsOf({ conditions, sort }: RowQuery, layout: Layout | undefined): string[] | undefined {
  if (conditions.some(({ kind }) => kind === 'text')) return undefined;
  const columns = new Set<string>();
  const ofLayout = [...(layout?.columns ?? []), ...(layout?.optional ?? [])];
  for (const condition of conditions) {
    if (condition.kind === 'column') columns.add(condition.column);
    else for (const column of ofLayout) columns.add(column);
  }
  if (sort?.key.by === 'column') columns.add(sort.key.column);
  else if (sort !== undefined) for (const column of ofLayout) columns.add(column);
  return [...columns];
}

/** Whether the query asks for something that only a layout can tell. */
export function asksLayout({ conditions, sort }: RowQuery): boolean {
  return (
    conditions.some((condition) => needsLayout(condition) && condition.kind !== 'faulty') ||
    (sort !== undefined && sort.key.by !== 'column')
  );
}
