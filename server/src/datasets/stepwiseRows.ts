// The rows of a source, read in the stepwise layout, up to the number of rows asked for; a row keeps its fault.
import { isFault, stepwiseReader, STEPWISE_COLUMNS, type StepwiseRow } from './layouts/trlStepwise.ts';
import type { RowFault, RowSource, SourceRow } from './rowSource.ts';

type NumberedRow =
  { number: number; row: StepwiseRow; fault?: never } | { number: number; row?: never; fault: RowFault };

export interface StepwiseRows {
  /**
   * Streams from the first row, each time. A batch is read as it is gone through, so that its rows need not live
   * at the same time.
   */
  batches(): AsyncIterable<Iterable<NumberedRow>>;
}

/** @param onPosition told how far the reader is, from 0 to 1 of the pass */
export function stepwiseRows(
  source: RowSource,
  limits: { maxRows?: number | undefined; signal?: AbortSignal | undefined },
  onPosition: (share: number) => void,
): StepwiseRows {
  const { maxRows = Infinity, signal } = limits;
  const shareDone = (position: number, left: number): number =>
    Math.max(position / source.extent, maxRows === Infinity ? 0 : 1 - left / maxRows);
  return {
    async *batches() {
      let left = maxRows;
      const read = stepwiseReader();
      for await (const { rows, position } of source.batches(STEPWISE_COLUMNS, signal)) {
        const count = Math.min(rows.length, left);
        left -= count;
        yield numbered(rows, count, read);
        onPosition(shareDone(position, left));
        if (left <= 0) return;
      }
    },
  };
}

function* numbered(
  rows: readonly SourceRow[],
  count: number,
  read: (fields: Record<string, unknown>) => StepwiseRow | RowFault,
): Generator<NumberedRow> {
  for (let index = 0; index < count; index++) {
    const source = rows[index];
    if (source === undefined) return;
    const { number, fields, fault } = source;
    const row = fields === undefined ? (fault ?? { reason: 'the row is empty' }) : read(fields);
    yield isFault(row) ? { number, fault: row } : { number, row };
  }
}
