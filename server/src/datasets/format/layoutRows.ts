// The rows of a source as its layout reads them, up to the number of rows asked for; a row keeps its fault.
import type { Fields, LayoutRow } from '../layouts/layout.ts';
import { isFault } from '../layouts/layout.ts';
import type { RowFault, RowSource, SourceRow } from '../rowSource.ts';

/** A row that was read, or why it cannot be used; neither where the row was not chosen. */
export interface NumberedRow {
  number: number;
  row?: LayoutRow | undefined;
  fault?: RowFault;
  /** Made of rows that came before, so it counts as none. */
  joined?: true;
}

export interface LayoutRows {
  /**
   * Streams from the first row, each time. A batch is read as it is gone through, so that its rows need not live
   * at the same time.
   */
  batches(): AsyncIterable<Iterable<NumberedRow>>;
}

export type ReadRow = (fields: Fields) => LayoutRow | RowFault;

/** What is read of a source. */
export interface RowsWanted {
  columns: readonly string[];
  maxRows?: number | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * @param newReader makes a reader for each pass, since it may remember the row before
 * @param onPosition told how far the reader is, from 0 to 1 of the pass
 */
export function layoutRows(
  source: RowSource,
  newReader: () => ReadRow,
  wanted: RowsWanted,
  onPosition: (share: number) => void,
): LayoutRows {
  return {
    async *batches() {
      const read = newReader();
      for await (const rows of sourceRows(source, wanted, onPosition)) yield numbered(rows, read);
    },
  };
}

/** The source's rows as they are, up to the number wanted. */
export async function* sourceRows(
  source: RowSource,
  { columns, maxRows = Infinity, signal }: RowsWanted,
  onPosition: (share: number) => void,
): AsyncGenerator<readonly SourceRow[]> {
  let left = maxRows;
  for await (const { rows, position } of source.batches(columns, signal)) {
    const taken = rows.length <= left ? rows : rows.slice(0, left);
    left -= taken.length;
    yield taken;
    onPosition(Math.max(position / source.extent, maxRows === Infinity ? 0 : 1 - left / maxRows));
    if (left <= 0) return;
  }
}

function* numbered(rows: readonly SourceRow[], read: ReadRow): Generator<NumberedRow> {
  for (const { number, fields, fault } of rows) {
    const row = fields === undefined ? (fault ?? { reason: 'the row is empty' }) : read(fields);
    yield isFault(row) ? { number, fault: row } : { number, row };
  }
}

/**
 * Only the rows that are chosen; the others come without a row, so that they are still counted as read.
 * @param newChoice makes the choice for each pass; asked for each row that can be used, in order
 */
export function chosenRows(rows: LayoutRows, newChoice: () => () => boolean): LayoutRows {
  return {
    async *batches() {
      const choose = newChoice();
      for await (const batch of rows.batches()) yield chosen(batch, choose);
    },
  };
}

function* chosen(batch: Iterable<NumberedRow>, choose: () => boolean): Generator<NumberedRow> {
  for (const item of batch) {
    yield item.row === undefined || choose() ? item : { ...item, row: undefined };
  }
}
