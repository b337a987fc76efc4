// Rows by their numbers as people count them, from one to another, in order.
import type { SourceRow } from '../rowSource.ts';
import type { Table } from '../table/table.ts';

/** Rows that are read at once. */
const CHUNK_ROWS = 100;

interface NumberedRow {
  row: SourceRow;
  /** 0-based place in the file. */
  position: number;
}

/**
 * Rows whose number is from `first` to `last`, both included. What is known of the file already is read from its place;
 * otherwise the file is read from its beginning, and no further than the last row asked for.
 */
export async function* rowsInRange(
  table: Table,
  first: number,
  last: number,
  signal?: AbortSignal,
): AsyncGenerator<NumberedRow> {
  const { rows, complete } = table.known;
  // Without blank lines a row's number is its position and one.
  if ((complete || last <= rows) && (await isNumberedThrough(table, Math.min(last, rows), signal))) {
    for (let start = first - 1; start < Math.min(last, rows); start += CHUNK_ROWS) {
      const chunk = await table.rows(start, Math.min(start + CHUNK_ROWS, last), { signal });
      for (const [index, row] of chunk.entries()) yield { row, position: start + index };
    }
    return;
  }
  let position = 0;
  for await (const batch of table.batches(undefined, signal)) {
    for (const row of batch.rows) {
      if (row.number > last) return;
      if (row.number >= first) yield { row, position };
      position++;
    }
  }
}

/** Numbers grow with positions, so it is enough to look at the last. */
async function isNumberedThrough(
  table: Table,
  last: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (table.kind === 'parquet' || last === 0) return true;
  const [row] = await table.rows(last - 1, last, { signal });
  return row?.number === last;
}
