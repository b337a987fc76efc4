// Helpers for tests of tables.
import type { SourceRow } from '../../server/src/datasets/rowSource.ts';
import type { Table } from '../../server/src/datasets/table/table.ts';

/** All rows, as the stream gives them. */
export async function streamed(table: Table, columns?: readonly string[]): Promise<SourceRow[]> {
  const rows: SourceRow[] = [];
  let last = -1;
  for await (const batch of table.batches(columns)) {
    if (batch.position < last) throw new Error('a batch lies before the one before it');
    last = batch.position;
    rows.push(...batch.rows);
  }
  return rows;
}

/** All rows, in pages of `size`; the index is finished first. */
export async function paged(table: Table, size = 100): Promise<SourceRow[]> {
  await table.index();
  const rows: SourceRow[] = [];
  for (let start = 0; start < table.known.rows; start += size)
    rows.push(...(await table.rows(start, start + size)));
  return rows;
}
