// Finds the rows of a table that a query asks for: one pass over the columns that it needs.
import type { RowQuery, SortKey } from '../../../../protocol/src/datasets.ts';
import { PrmError, throwIfCancelled } from '../../support/errors.ts';
import type { Table } from '../table/table.ts';
import { openTableLayout } from './openRows.ts';
import { asksLayout, columnsOf, firstErrorOf, rowTest, TestedRow } from './rowTest.ts';
import { SortKeys } from './sortKeys.ts';

interface FindHooks {
  signal?: AbortSignal | undefined;
  /** Rows found, ascending positions, in chunks, while the scan goes on; also where the query sorts. */
  onFound?: ((positions: Uint32Array) => void) | undefined;
  /** After every batch: rows looked at, and 0 to 1 of the file. */
  onProgress?: ((progress: { scanned: number; share: number }) => void) | undefined;
}

/**
 * @returns all found positions in their order where the query sorts; undefined where it does not: they are in file order
 * @throws PrmError where the query asks for steps or labels and no layout fits the file, or the file is damaged;
 * CancelledError where the signal was aborted
 */
export async function findRows(
  table: Table,
  query: RowQuery,
  { signal, onFound, onProgress }: FindHooks = {},
): Promise<Uint32Array | undefined> {
  const { layout, read } = await openTableLayout(table, undefined, signal);
  if (layout === undefined && asksLayout(query)) {
    throw new PrmError({
      where: table.path,
      what: 'no layout fits the rows, so nothing is known about their steps and labels',
      remedy: 'Search by text or by column.',
    });
  }
  const test = rowTest(query.conditions);
  const { sort } = query;
  const keyOf = sort === undefined ? undefined : sortKeyOf(sort.key);
  const keys = keyOf === undefined ? undefined : new SortKeys({ capacity: Math.max(table.known.rows, 1) });
  let position = 0;
  for await (const batch of table.batches(columnsOf(query, layout), signal)) {
    const found = new Uint32Array(batch.rows.length);
    let count = 0;
    for (const source of batch.rows) {
      const row = new TestedRow(source, read);
      if (test(row)) {
        found[count++] = position;
        keys?.add(position, keyOf?.(row));
      }
      position++;
    }
    throwIfCancelled(signal);
    if (count > 0) onFound?.(found.slice(0, count));
    onProgress?.({ scanned: position, share: shareOf(batch.position, table.extent) });
  }
  return keys?.sorted(sort?.descending ?? false, () => {
    throwIfCancelled(signal);
  });
}

function shareOf(position: number, extent: number): number {
  return extent === 0 ? 1 : Math.min(1, position / extent);
}

/** Of the first path, as the table shows it; errors are counted over all paths. */
function sortKeyOf(key: SortKey): (row: TestedRow) => unknown {
  switch (key.by) {
    case 'steps':
      return ({ traces }) => traces?.[0]?.steps.length;
    case 'first-error':
      return ({ traces }) => traces?.[0] && firstErrorOf(traces[0]);
    case 'errors':
      return ({ traces }) =>
        traces?.reduce(
          (sum, { steps }) => sum + steps.filter(({ label }) => label === 'incorrect').length,
          0,
        );
    case 'column':
      return ({ fields }) =>
        fields !== undefined && Object.hasOwn(fields, key.column) ? fields[key.column] : undefined;
  }
}
