// The table's columns: the row's number, what it says as a trace, then the file's own.
import type { RowQuery, SortKey, TableColumn } from '../../../../protocol/src/datasets.ts';

export interface GridColumn {
  /** Names the column in kept widths. */
  key: string;
  name: string;
  /** The file's type, for people. */
  type?: string;
  content: { kind: 'number' } | { kind: 'marks' } | { kind: 'steps' } | { kind: 'cell'; index: number };
  /** What a click on its header sorts by. */
  sort?: SortKey;
  /** Pixels. */
  width: number;
}

export const NARROWEST = 40;
export const WIDEST = 1200;
/** Of a digit in the table's font, about. */
const DIGIT = 8;

/**
 * @param traces whether the rows are read as traces
 * @param rows of the file, for the width of their numbers
 * @param widths that the user has set, by the column's key
 */
export function gridColumns(
  columns: readonly TableColumn[],
  traces: boolean,
  rows: number,
  widths: Readonly<Record<string, number>>,
): GridColumn[] {
  const numberWidth = Math.max(56, 32 + DIGIT * rows.toLocaleString('en').length);
  const all: GridColumn[] = [{ key: '#', name: 'Row', content: { kind: 'number' }, width: numberWidth }];
  if (traces) {
    all.push(
      {
        key: '#labels',
        name: 'Labels',
        type: 'first path',
        content: { kind: 'marks' },
        sort: { by: 'first-error' },
        width: 170,
      },
      { key: '#steps', name: 'Steps', content: { kind: 'steps' }, sort: { by: 'steps' }, width: 104 },
    );
  }
  for (const [index, column] of columns.entries()) {
    all.push({
      key: `=${column.name}`,
      name: column.name,
      type: column.type,
      content: { kind: 'cell', index },
      sort: { by: 'column', column: column.name },
      width: usualWidth(column),
    });
  }
  for (const column of all) column.width = bounded(widths[column.key] ?? column.width);
  return all;
}

/** A width that a column may have, in pixels. */
export function bounded(width: number): number {
  return Math.round(Math.max(NARROWEST, Math.min(width, WIDEST)));
}

export function sameKey(a: SortKey, b: SortKey): boolean {
  return a.by === b.by && (a.by !== 'column' || b.by !== 'column' || a.column === b.column);
}

export function sortDirection(
  column: GridColumn,
  sort: RowQuery['sort'],
): 'ascending' | 'descending' | 'none' | undefined {
  if (column.sort === undefined) return undefined;
  if (sort === undefined || !sameKey(column.sort, sort.key)) return 'none';
  return sort.descending ? 'descending' : 'ascending';
}

function usualWidth({ name, type }: TableColumn): number {
  const heading = 40 + DIGIT * Math.min(name.length, 24);
  if (/^(u?int|float|double|decimal|number|bool)/i.test(type)) return Math.max(90, heading);
  if (/^(list|struct|map|object|array)/i.test(type)) return Math.max(260, heading);
  return Math.max(220, heading);
}
