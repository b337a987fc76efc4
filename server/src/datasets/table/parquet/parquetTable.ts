// A Parquet file as a table.
import { parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet';
import type { AsyncBuffer, FileMetaData } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { FileSchema, KnownRows, TableColumn } from '../../../../../protocol/src/datasets.ts';
import { messageOf, PrmError, throwIfCancelled } from '../../../support/errors.ts';
import type { RowBatch, SourceRow } from '../../rowSource.ts';
import { FileBytes } from '../fileBytes.ts';
import type { FileChange, RowsOptions, Table } from '../table.ts';

const ROWS_AT_ONCE = 8192;

/** @throws PrmError where the file is not Parquet, cut short, encrypted or damaged */
export async function openParquetTable(path: string): Promise<Table> {
  const file = await FileBytes.open(path);
  const buffer: AsyncBuffer = {
    byteLength: file.size,
    slice: async (start, end = file.size) => new Uint8Array(await file.read(start, end)).buffer,
  };
  return new ParquetTable(file, buffer, await parquetMetadataAsync(buffer));
}

class ParquetTable implements Table {
  readonly kind = 'parquet';
  readonly columns: readonly TableColumn[];
  private readonly file: FileBytes;
  private readonly buffer: AsyncBuffer;
  private readonly metadata: FileMetaData;

  constructor(file: FileBytes, buffer: AsyncBuffer, metadata: FileMetaData) {
    this.file = file;
    this.buffer = buffer;
    this.metadata = metadata;
    this.columns = parquetSchema(metadata).children.map(({ element }) => ({
      name: element.name,
      type: 'string',
    }));
  }

  get path(): string {
    return this.file.path;
  }

  get bytes(): number {
    return this.file.size;
  }

  get extent(): number {
    return this.metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  }

  get known(): KnownRows {
    return { rows: this.extent, complete: true, share: 1 };
  }

  async rows(start: number, end: number, { columns, signal }: RowsOptions = {}): Promise<SourceRow[]> {
    throwIfCancelled(signal);
    try {
      const { buffer: file, metadata } = this;
      const rowEnd = Math.min(end, this.extent);
      const rows = await parquetReadObjects({
        file,
        metadata,
        ...(columns === undefined ? {} : { columns: [...columns] }),
        rowStart: start,
        rowEnd,
        compressors,
        useOffsetIndex: true,
      });
      return rows.map((fields, index) => ({ number: start + index + 1, fields }));
    } catch (error) {
      throw new PrmError({
        where: this.path,
        what: `the file is damaged (${messageOf(error)})`,
        cause: error,
      });
    }
  }

  async rowsAt(positions: ArrayLike<number>, options?: RowsOptions): Promise<SourceRow[]> {
    const rows: SourceRow[] = [];
    for (const position of Array.from(positions))
      rows.push(...(await this.rows(position, position + 1, options)));
    return rows;
  }

  async *batches(columns: readonly string[] | undefined, signal?: AbortSignal): AsyncGenerator<RowBatch> {
    for (let start = 0; start < this.extent; start += ROWS_AT_ONCE) {
      const rows = await this.rows(start, start + ROWS_AT_ONCE, { columns, signal });
      yield { rows, position: Math.min(start + ROWS_AT_ONCE, this.extent) };
    }
  }

  index(): Promise<void> {
    return Promise.resolve();
  }

  schema(): FileSchema {
    return { kind: 'parquet', columns: [...this.columns] };
  }

  look(): Promise<FileChange> {
    return this.file.look();
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}
