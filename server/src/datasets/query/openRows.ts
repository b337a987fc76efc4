// The layout of an open table, recognised from its first rows.
import type { LayoutName } from '../../../../protocol/src/datasets.ts';
import { openLayout, SAMPLE_ROWS, type OpenedLayout } from '../layouts/recognise.ts';
import type { Table } from '../table/table.ts';

/** @param layout chosen by the user; recognised from the first rows where undefined */
export async function openTableLayout(
  table: Table,
  layout?: LayoutName,
  signal?: AbortSignal,
): Promise<OpenedLayout> {
  const sample = await table.rows(0, Math.min(SAMPLE_ROWS, table.known.rows), { signal });
  return openLayout(sample, { layout });
}
