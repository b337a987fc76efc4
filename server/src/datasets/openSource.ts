// Dataset files as a stream of rows: what `prm format` reads. The reading itself is the table's (table/openTable.ts).
import { PrmError } from '../support/errors.ts';
import type { RowSource } from './rowSource.ts';
import { openTable } from './table/openTable.ts';
import type { Table } from './table/table.ts';

/**
 * @param file path of a Parquet, JSONL or JSON file
 * @throws PrmError where it is not there, cannot be read, is a folder, empty or of another kind
 */
export async function openSource(file: string): Promise<RowSource> {
  const table = await openTable(file);
  return {
    files: [{ path: file, kind: table.kind, bytes: table.bytes }],
    extent: table.extent,
    batches: (columns, signal) => {
      checkColumns(table, columns, file);
      return table.batches(columns, signal);
    },
    close: () => table.close(),
  };
}

/** A row of a text file may have fields that none of the first has; a Parquet file has the same in all. */
function checkColumns(table: Table, columns: readonly string[] | undefined, file: string): void {
  if (columns === undefined || columns.length === 0 || table.kind !== 'parquet') return;
  const names = table.columns.map(({ name }) => name);
  if (columns.some((column) => names.includes(column))) return;
  throw new PrmError({
    where: file,
    what: `none of the columns ${columns.join(', ')} can be found (the file has ${names.join(', ')})`,
    remedy: 'Give a dataset with step labels.',
  });
}

/**
 * Opens the files of one dataset as one source; rows are numbered through.
 * @throws PrmError as `openSource`
 */
export async function openSources(files: readonly string[]): Promise<RowSource> {
  const sources: RowSource[] = [];
  const close = async (): Promise<void> => {
    for (const source of sources) await source.close();
  };
  try {
    for (const file of files) sources.push(await openSource(file));
  } catch (error) {
    await close();
    throw error;
  }
  const [first] = sources;
  return first !== undefined && sources.length === 1 ? first : { ...joined(sources), close };
}

function joined(sources: readonly RowSource[]): Omit<RowSource, 'close'> {
  return {
    files: sources.flatMap(({ files }) => files),
    extent: sources.reduce((sum, { extent }) => sum + extent, 0),
    async *batches(columns, signal) {
      let rowsBefore = 0;
      let positionBefore = 0;
      for (const source of sources) {
        let last = 0;
        for await (const { rows, position } of source.batches(columns, signal)) {
          last = rows.at(-1)?.number ?? last;
          yield {
            rows: rows.map((row) => ({ ...row, number: rowsBefore + row.number })),
            position: positionBefore + position,
          };
        }
        rowsBefore += last;
        positionBefore += source.extent;
      }
    },
  };
}
