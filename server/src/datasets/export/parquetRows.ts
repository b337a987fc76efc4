// Rows as Parquet in row groups of bounded size. Types are found from the rows; a value that does not fit its column's type
// makes the type wider, and what was written before is then written again.
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { TableColumn } from '../../../../protocol/src/datasets.ts';
import type { Fields } from '../layouts/layout.ts';
import type { ExportNotes } from './exportNotes.ts';
import { otherFields } from './otherFields.ts';
import type { OutputFile } from './outputFile.ts';
import {
  hintedType,
  NOTHING,
  sameType,
  schemaOf,
  typeOfValues,
  valuesFor,
  widerType,
} from './parquetTypes.ts';
import type { ColumnType } from './parquetTypes.ts';
import type { RowEncoder } from './rowFile.ts';

/** A row group is written when its rows take about this much memory, or are this many. */
const GROUP_BYTES = 8 << 20;
const GROUP_ROWS = 8192;

export function parquetRows(
  output: OutputFile,
  columns: readonly TableColumn[],
  notes: ExportNotes,
): RowEncoder {
  const groups = new GroupWriter(output, columns, notes);
  const known = new Set(columns.map(({ name }) => name));
  let rows: Fields[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const group = rows;
    rows = [];
    bytes = 0;
    await groups.write(group);
  };
  return {
    write: (fields) => {
      const others = otherFields(fields, known);
      if (others.length > 0) notes.otherFields(others);
      for (const { name } of columns) if (fields[name] === undefined) notes.missing++;
      rows.push(fields);
      bytes += roughSize(fields);
      return bytes >= GROUP_BYTES || rows.length >= GROUP_ROWS ? flush() : undefined;
    },
    end: async () => {
      if (rows.length > 0) await flush();
      await groups.end();
    },
  };
}

class GroupWriter {
  private types: ColumnType[];
  private bytes: FileWriter;
  private writer: ParquetWriter | undefined;

  constructor(
    private readonly output: OutputFile,
    private readonly columns: readonly TableColumn[],
    private readonly notes: ExportNotes,
  ) {
    this.types = columns.map(() => NOTHING);
    this.bytes = new FileWriter(output);
  }

  async write(rows: readonly Fields[]): Promise<void> {
    const types = this.columns.map(({ name }, column) =>
      widerType(this.types[column] ?? NOTHING, typeOfValues(rows.map((row) => row[name]))),
    );
    const changed = types.some((type, column) => !sameType(type, this.types[column] ?? NOTHING));
    this.types = types;
    if (changed && this.writer !== undefined) await this.writeAgain();
    await this.writeGroup(rows);
  }

  async end(): Promise<void> {
    await this.endFile(this.writer ?? this.newWriter());
    for (const [column, { kind }] of this.types.entries()) {
      if (kind === 'json') this.notes.columnAsJson(this.columns[column]?.name ?? '');
    }
  }

  private newWriter(): ParquetWriter {
    this.bytes = new FileWriter(this.output);
    const schema = this.columns.flatMap(({ name, type: shown }, column) => {
      const type = this.types[column] ?? NOTHING;
      return schemaOf(name, sameType(type, NOTHING) ? hintedType(shown) : type);
    });
    return new ParquetWriter({
      writer: this.bytes,
      schema: [{ name: 'root', num_children: this.columns.length }, ...schema],
      createdBy: 'prm-workbench',
    });
  }

  private async writeGroup(rows: readonly Fields[]): Promise<void> {
    this.writer ??= this.newWriter();
    const columnData = this.columns.map(({ name }, column) => {
      const values = rows.map((row) => row[name]);
      return { name, data: valuesFor(this.types[column] ?? NOTHING, values, this.notes) };
    });
    await this.writer.write({ columnData, rowGroupSize: rows.length });
  }

  private async endFile(writer: ParquetWriter): Promise<void> {
    await writer.finish();
    await this.bytes.flush();
  }

  /** Ends the file that was begun and writes its row groups again with the types that are known now. */
  private async writeAgain(): Promise<void> {
    if (this.writer !== undefined) await this.endFile(this.writer);
    this.writer = undefined;
    const earlier = await asyncBufferFromFile(await this.output.startOver());
    const metadata = await parquetMetadataAsync(earlier);
    let rowStart = 0;
    for (const { num_rows: count } of metadata.row_groups) {
      const rowEnd = rowStart + Number(count);
      // Without `utf8`, bytes would come as text.
      const options = { file: earlier, metadata, rowStart, rowEnd, compressors, utf8: false };
      await this.writeGroup(await parquetReadObjects(options));
      rowStart = rowEnd;
    }
  }
}

/** Collects the bytes of one row group and hands them to the file; the library calls `flush` behind each group. */
class FileWriter extends ByteWriter {
  constructor(private readonly output: OutputFile) {
    super(1 << 20);
  }

  async flush(): Promise<void> {
    await this.output.write(this.getBytes());
    this.index = 0;
  }
}

/** Bytes that a value takes in memory, roughly. */
function roughSize(value: unknown): number {
  if (typeof value === 'string') return 16 + value.length;
  if (typeof value !== 'object' || value === null) return 8;
  if (ArrayBuffer.isView(value)) return 16 + value.byteLength;
  let size = 32;
  for (const item of Object.values(value)) size += roughSize(item);
  return size;
}
