// Writes rows as they are to a JSONL, CSV or Parquet file: streamed, under a temporary name, renamed when whole.
import type { TableColumn, ViewFormat } from '../../../../protocol/src/datasets.ts';
import { PrmError } from '../../support/errors.ts';
import type { Fields } from '../layouts/layout.ts';
import { csvRows } from './csvRows.ts';
import { ExportNotes } from './exportNotes.ts';
import { jsonlRows } from './jsonlRows.ts';
import { OutputFile } from './outputFile.ts';
import { parquetRows } from './parquetRows.ts';

/** Turns rows into the bytes of one format. */
export interface RowEncoder {
  /** @returns a promise only where the disk has to catch up: await it before the next call */
  write(fields: Fields): Promise<void> | undefined;
  /** Writes what is left. */
  end(): Promise<void>;
}

export interface RowFile {
  /** @returns a promise only where the disk has to catch up: await it before the next call */
  write(fields: Fields): Promise<void> | undefined;
  /** Puts the file in its place; `notes` say what the format could not keep, one sentence each. */
  finish(): Promise<{ bytes: number; notes: string[] }>;
  /** Removes what was written, after a failure or a cancel; an earlier file of the name stays. */
  abandon(): Promise<void>;
}

const ENCODERS: Readonly<
  Record<ViewFormat, (output: OutputFile, columns: readonly TableColumn[], notes: ExportNotes) => RowEncoder>
> = {
  jsonl: (output, _, notes) => jsonlRows(output, notes),
  csv: csvRows,
  parquet: parquetRows,
};

/**
 * @param file replaced where it exists; its folder is made where it is missing
 * @param columns of CSV and Parquet, in order. Their types are only a hint for Parquet columns that hold nothing but null:
 * the others are typed by what they hold. JSONL writes every row's own fields.
 * @throws PrmError where the file cannot be written
 */
export async function createRowFile(
  file: string,
  format: ViewFormat,
  columns: readonly TableColumn[],
): Promise<RowFile> {
  if (format === 'parquet' && columns.length === 0) {
    const what = 'Parquet needs at least one column, and these rows have none';
    throw new PrmError({ where: file, what, remedy: 'Write JSONL instead.' });
  }
  const output = await OutputFile.create(file);
  const notes = new ExportNotes();
  const encoder = ENCODERS[format](output, columns, notes);
  return {
    write: (fields) => encoder.write(fields),
    finish: async () => {
      try {
        await encoder.end();
        await output.finish();
      } catch (error) {
        await output.abandon();
        throw error;
      }
      return { bytes: output.bytes, notes: notes.sentences() };
    },
    abandon: () => output.abandon(),
  };
}
