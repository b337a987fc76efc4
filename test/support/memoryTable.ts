// A table over rows in memory, in batches of a given size, which remembers what it was asked for.
import type { TableColumn } from '../../protocol/src/datasets.ts';
import type { RowBatch, SourceRow } from '../../server/src/datasets/rowSource.ts';
import type { RowsOptions, Table } from '../../server/src/datasets/table/table.ts';
import { throwIfCancelled } from '../../server/src/support/errors.ts';

export interface MemoryTable extends Table {
  /** The columns of each pass. */
  readonly passes: (readonly string[] | undefined)[];
  /** The positions of each call of `rowsAt`. */
  readonly jumps: number[][];
}

/** @param rows fields of the rows; a text is a row that cannot be read, for this reason */
export function memoryTable(
  rows: readonly (Record<string, unknown> | string)[],
  { batchRows = 3, columns = [] }: { batchRows?: number; columns?: TableColumn[] } = {},
): MemoryTable {
  const source = rows.map((row, index): SourceRow =>
    typeof row === 'string'
      ? { number: index + 1, fields: undefined, fault: { reason: row } }
      : { number: index + 1, fields: row },
  );
  const at = (position: number): SourceRow => {
    const row = source[position];
    if (row === undefined) throw new RangeError(`no row at ${position}`);
    return row;
  };
  const passes: (readonly string[] | undefined)[] = [];
  const jumps: number[][] = [];
  return {
    path: '/memory.jsonl',
    kind: 'jsonl',
    bytes: 100 * source.length,
    columns,
    known: { rows: source.length, complete: true, share: 1 },
    extent: source.length,
    passes,
    jumps,
    rows: (start: number, end: number) => Promise.resolve(source.slice(start, end)),
    rowsAt: (positions: ArrayLike<number>) => {
      jumps.push(Array.from(positions));
      return Promise.resolve(Array.from(positions, at));
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- the interface is asynchronous, memory is not
    async *batches(
      wanted: readonly string[] | undefined,
      signal?: RowsOptions['signal'],
    ): AsyncGenerator<RowBatch> {
      passes.push(wanted);
      for (let start = 0; start < source.length; start += batchRows) {
        throwIfCancelled(signal);
        const end = Math.min(start + batchRows, source.length);
        yield { rows: source.slice(start, end), position: end };
      }
    },
    index: () => Promise.resolve(),
    schema: () => ({ kind: 'jsonl', columns }),
    look: () => Promise.resolve('same'),
    close: () => Promise.resolve(),
  };
}
