// Reads the description at a Parquet file's end (https://parquet.apache.org/docs/file-format/), and believes none of it
// before it is checked: a damaged one may parse, and then send the reader anywhere.
import { parquetMetadata } from 'hyparquet';
import type { FileMetaData } from 'hyparquet';
import { messageOf, PrmError } from '../../../support/errors.ts';
import type { FileBytes } from '../fileBytes.ts';
import { readSchema, type ParquetNode } from './schema.ts';
import { checkStruct } from './thrift.ts';

/** Four bytes at both ends of every Parquet file. */
export const PARQUET_MAGIC = 'PAR1';
/** The same where the footer is encrypted. */
export const ENCRYPTED_MAGIC = 'PARE';
/** Both magics and the footer's length: nothing shorter can be a Parquet file. */
const SHORTEST = 12;
const LARGEST_FOOTER_BYTES = 256 << 20;

export interface Footer {
  metadata: FileMetaData;
  schema: ParquetNode;
  /** Where it begins: all data lies before. */
  start: number;
}

/** @throws PrmError where the file is not Parquet, cut short, encrypted or damaged */
export async function readFooter(file: FileBytes): Promise<Footer> {
  await checkMagic(file);
  try {
    return await readChecked(file);
  } catch (error) {
    if (error instanceof PrmError) throw error;
    throw damaged(file.path, `its footer cannot be read (${messageOf(error)})`, error);
  }
}

/** @param why half a sentence: what cannot be read, and where */
export function damaged(path: string, why: string, cause?: unknown): PrmError {
  return new PrmError({
    where: path,
    what: `the Parquet file is cut short or damaged: ${why}`,
    remedy: 'Copy or download it again.',
    cause,
  });
}

async function checkMagic(file: FileBytes): Promise<void> {
  const { path, size } = file;
  const first = (await file.read(0, Math.min(4, size))).toString('latin1');
  const last = size < SHORTEST ? '' : (await file.read(size - 4, size)).toString('latin1');
  if (first === ENCRYPTED_MAGIC || last === ENCRYPTED_MAGIC) {
    throw new PrmError({ where: path, what: 'the Parquet file is encrypted', remedy: 'Give a plain one.' });
  }
  if (first !== PARQUET_MAGIC) {
    const what = `not a Parquet file: it does not start with ${PARQUET_MAGIC}`;
    throw new PrmError({ where: path, what, remedy: 'Give a Parquet or JSONL file.' });
  }
  if (last !== PARQUET_MAGIC) throw damaged(path, `it does not end with ${PARQUET_MAGIC}`);
}

async function readChecked(file: FileBytes): Promise<Footer> {
  const { size } = file;
  const length = (await file.read(size - 8, size - 4)).readUInt32LE();
  if (length > size - SHORTEST) throw new Error(`it claims ${length} bytes of a file of ${size}`);
  if (length > LARGEST_FOOTER_BYTES) throw new Error(`it claims ${Math.round(length / 1e6)} MB`);
  const bytes = await file.read(size - 8 - length, size);
  checkStruct(bytes.subarray(0, length), 0);
  // Geography is not read as such: its bytes are shown.
  const metadata = parquetMetadata(new Uint8Array(bytes), { geoparquet: false, parsers: RAW_STATISTICS });
  const schema = readSchema(metadata.schema);
  checkGroups(metadata, schema, size);
  return { metadata, schema, start: size - 8 - length };
}

/** Statistics are not used: hyparquet must not fail over them. */
const RAW_STATISTICS = {
  timestampFromMilliseconds: Number,
  timestampFromMicroseconds: Number,
  timestampFromNanoseconds: Number,
  dateFromDays: Number,
  stringFromBytes: () => undefined,
  uuidFromBytes: () => undefined,
};

function checkGroups(metadata: FileMetaData, schema: ParquetNode, size: number): void {
  const leaves = schema.leaves.map(({ path }) => path.join('\0'));
  for (const group of metadata.row_groups) {
    if (group.num_rows < 0n || group.num_rows > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new Error('a row group of no possible number of rows');
    }
    if (group.columns.length !== leaves.length)
      throw new Error('a row group has other columns than the schema');
    group.columns.forEach(({ meta_data: chunk, file_path: elsewhere, crypto_metadata: encrypted }, index) => {
      if (chunk === undefined || encrypted !== undefined) {
        if (encrypted === undefined) throw new Error('a column has no description');
        throw new Error('a column is encrypted');
      }
      if (elsewhere !== undefined) throw new Error(`a column lies in another file, ${elsewhere}`);
      if (chunk.path_in_schema.join('\0') !== leaves[index]) throw new Error('a column is not in the schema');
      if (chunk.num_values < 0n) throw new Error('a column of no possible number of values');
      if (chunk.num_values === 0n) return;
      const start = chunkStart(chunk);
      if (
        start < 4n ||
        chunk.total_compressed_size < 0n ||
        start + chunk.total_compressed_size > BigInt(size)
      ) {
        throw new Error('a column lies outside the file');
      }
    });
  }
}

/** Where a column's pages begin; some writers give 0 for a dictionary that is not there. */
export function chunkStart(chunk: { data_page_offset: bigint; dictionary_page_offset?: bigint }): bigint {
  const { data_page_offset: data, dictionary_page_offset: dictionary } = chunk;
  return dictionary !== undefined && dictionary > 0n && dictionary < data ? dictionary : data;
}
