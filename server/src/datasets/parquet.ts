// Reads a Parquet file row group by row group (https://parquet.apache.org/docs/file-format/), only the columns asked for.
import { open, type FileHandle } from 'node:fs/promises';
import { parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet';
import type { AsyncBuffer, FileMetaData, RowGroup, SchemaTree } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { messageOf, PrmError, throwIfCancelled } from '../support/errors.ts';
import type { RowBatch, RowSource } from './rowSource.ts';

/** Four bytes at both ends of every Parquet file. */
export const PARQUET_MAGIC = 'PAR1';
/** The last four bytes where the footer is encrypted. */
const ENCRYPTED_MAGIC = 'PARE';
/** Both magics and the footer's length: nothing shorter can be a Parquet file. */
const SHORTEST = 12;

/** Row groups with more rows are read in parts of this size, as far as the file has an index of its pages. */
const ROWS_AT_ONCE = 8192;

/** @throws PrmError where the file is not Parquet, cut short, encrypted or damaged */
export async function openParquet(path: string): Promise<RowSource> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    await checkMagic(handle, size, path);
    const file = bufferOf(handle, size);
    const metadata = await readMetadata(file, path);
    return {
      files: [{ path, kind: 'parquet', bytes: size }],
      // Some writers leave the footer's own number of rows at 0.
      extent: metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0),
      batches: (columns, signal) => readBatches({ file, metadata, path }, columns, signal),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function checkMagic(handle: FileHandle, size: number, path: string): Promise<void> {
  const ends = Buffer.alloc(8);
  await handle.read(ends, 0, 4, 0);
  if (size >= SHORTEST) await handle.read(ends, 4, 4, size - 4);
  const first = ends.toString('latin1', 0, 4);
  const last = ends.toString('latin1', 4, 8);
  if (first === ENCRYPTED_MAGIC || last === ENCRYPTED_MAGIC) {
    throw new PrmError({ where: path, what: 'the Parquet file is encrypted', remedy: 'Give a plain one.' });
  }
  if (first !== PARQUET_MAGIC) {
    const remedy = 'Give a Parquet or JSONL file.';
    throw new PrmError({
      where: path,
      what: `not a Parquet file: it does not start with ${PARQUET_MAGIC}`,
      remedy,
    });
  }
  if (last !== PARQUET_MAGIC) throw cutShort(path, `it does not end with ${PARQUET_MAGIC}`);
}

function cutShort(path: string, why: string, cause?: unknown): PrmError {
  return new PrmError({
    where: path,
    what: `the Parquet file is cut short or damaged: ${why}`,
    remedy: 'Copy or download it again.',
    cause,
  });
}

function bufferOf(handle: FileHandle, byteLength: number): AsyncBuffer {
  return {
    byteLength,
    slice: async (start, end = byteLength) => {
      // A damaged footer can ask for anything.
      if (start < 0 || end > byteLength || end < start) throw new Error('an offset lies outside the file');
      const bytes = new Uint8Array(end - start);
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
        if (bytesRead === 0) throw new Error('the file ends too early');
        filled += bytesRead;
      }
      return bytes.buffer;
    },
  };
}

async function readMetadata(file: AsyncBuffer, path: string): Promise<FileMetaData> {
  try {
    const metadata = await parquetMetadataAsync(file);
    checkMetadata(metadata, file.byteLength);
    return metadata;
  } catch (error) {
    throw cutShort(path, `its footer cannot be read (${messageOf(error)})`, error);
  }
}

/** A damaged footer may parse, and then send the reader anywhere. */
function checkMetadata(metadata: FileMetaData, byteLength: number): void {
  const leaves = new Set(leafPaths(parquetSchema(metadata)));
  for (const group of metadata.row_groups) {
    if (group.num_rows < 0n) throw new Error('a row group has less than no rows');
    for (const { meta_data: chunk } of group.columns) {
      if (chunk === undefined) throw new Error('a column has no metadata');
      if (!leaves.has(chunk.path_in_schema.join('.'))) throw new Error('a column is not in the schema');
      const start = chunk.dictionary_page_offset ?? chunk.data_page_offset;
      if (start < 0n || start + chunk.total_compressed_size > BigInt(byteLength)) {
        throw new Error('a column lies outside the file');
      }
    }
  }
}

function leafPaths({ children, path }: SchemaTree): string[] {
  return children.length === 0 ? [path.join('.')] : children.flatMap(leafPaths);
}

type Fields = Record<string, unknown>;

interface OpenFile {
  file: AsyncBuffer;
  metadata: FileMetaData;
  path: string;
}

async function* readBatches(
  { file, metadata, path }: OpenFile,
  columns: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<RowBatch> {
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  const missing = columns.filter((column) => !names.includes(column));
  if (missing.length > 0) {
    throw new PrmError({
      where: path,
      what: `the ${missing.length === 1 ? 'column' : 'columns'} ${missing.join(', ')} cannot be found (the file has ${names.join(', ')})`,
      remedy: `Give a dataset in the stepwise layout, with the columns ${columns.join(', ')}.`,
    });
  }
  let groupStart = 0;
  for (const group of metadata.row_groups) {
    const groupEnd = groupStart + Number(group.num_rows);
    const read = async (names: readonly string[], rowStart: number, rowEnd: number): Promise<Fields[]> => {
      throwIfCancelled(signal);
      try {
        const options = { file, metadata, columns: [...names], rowStart, rowEnd, compressors };
        return await parquetReadObjects({ ...options, useOffsetIndex: true });
      } catch (error) {
        throw cutShort(path, `rows ${rowStart + 1} to ${rowEnd} cannot be read (${messageOf(error)})`, error);
      }
    };
    // A column without an index of its pages is decoded as a whole whatever rows are asked for, so only once.
    const indexed = columns.filter((column) => hasPageIndex(group, column));
    const inParts = groupEnd - groupStart > ROWS_AT_ONCE && indexed.length > 0;
    const rest = inParts ? columns.filter((column) => !indexed.includes(column)) : [];
    const restFields = rest.length > 0 ? await read(rest, groupStart, groupEnd) : [];
    const stride = inParts ? ROWS_AT_ONCE : groupEnd - groupStart;
    for (let start = groupStart; start < groupEnd; start += stride) {
      const end = Math.min(start + stride, groupEnd);
      const part = await read(inParts ? indexed : columns, start, end);
      const rows = part.map((fields, index) => ({
        number: start + index + 1,
        fields: rest.length > 0 ? { ...fields, ...restFields[start - groupStart + index] } : fields,
      }));
      yield { rows, position: end };
    }
    groupStart = groupEnd;
  }
}

/** Whether a few rows of the column can be read without decoding all of its row group. */
function hasPageIndex(group: RowGroup, column: string): boolean {
  const chunks = group.columns.filter(({ meta_data: data }) => data?.path_in_schema[0] === column);
  return chunks.length > 0 && chunks.every(({ offset_index_offset: index }) => index !== undefined);
}
