// Reads the description in front of a page, and refuses what no page can be.
import { UnsupportedError } from './unsupported.ts';
import type { CompressionCodec, PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { checkPageSize } from './codecs.ts';
import { checkStruct, ThriftCutError } from './thrift.ts';

/** Pages that claim more hold nothing but a repeated value, or a lie; either way too much for a computer's memory. */
const MOST_VALUES = 1 << 26;

/** Most headers are below 100 bytes; statistics of long texts make them longer. */
const FIRST_BYTES = 8 << 10;
const LONGEST_HEADER_BYTES = 16 << 20;

export interface PlacedPage {
  header: PageHeader;
  /** Where the page's bytes begin and end in the file. */
  start: number;
  end: number;
  /** Values, nulls among them. */
  values: number;
}

export type ReadBytes = (start: number, end: number) => Promise<Buffer>;

/**
 * @param limit end of the column's bytes
 * @throws Error where there is no such page
 */
export async function readPageHeader(
  read: ReadBytes,
  offset: number,
  limit: number,
  codec: CompressionCodec,
): Promise<PlacedPage> {
  for (let length = FIRST_BYTES; ; length *= 8) {
    const bytes = await read(offset, Math.min(limit, offset + length));
    try {
      return parseHeader(bytes, offset, limit, codec);
    } catch (error) {
      const more = offset + length < limit && length < LONGEST_HEADER_BYTES;
      if (!(error instanceof ThriftCutError && more)) throw error;
    }
  }
}

function parseHeader(bytes: Buffer, offset: number, limit: number, codec: CompressionCodec): PlacedPage {
  const length = checkStruct(bytes, 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = parquetHeader({ view, offset: 0 });
  const start = offset + length;
  const end = start + header.compressed_page_size;
  checkPageSize(codec, header.compressed_page_size, header.uncompressed_page_size);
  if (end > limit) throw new Error('a page reaches over the end of its column');
  const values = valuesOf(header);
  if (!(Number.isInteger(values) && values >= 0 && values <= MOST_VALUES)) {
    throw new UnsupportedError(`a page claims ${values} values, more than is safe`);
  }
  return { header, start, end, values };
}

function valuesOf({ type, ...header }: PageHeader): number {
  switch (type) {
    case 'DATA_PAGE':
      return header.data_page_header?.num_values ?? -1;
    case 'DATA_PAGE_V2': {
      const two = header.data_page_header_v2;
      if (two === undefined) return -1;
      const levels = two.repetition_levels_byte_length + two.definition_levels_byte_length;
      const sound =
        two.num_nulls >= 0 &&
        two.num_nulls <= two.num_values &&
        two.num_rows >= 0 &&
        two.num_rows <= two.num_values &&
        two.repetition_levels_byte_length >= 0 &&
        two.definition_levels_byte_length >= 0 &&
        levels <= header.compressed_page_size &&
        levels <= header.uncompressed_page_size;
      return sound ? two.num_values : -1;
    }
    case 'DICTIONARY_PAGE':
      return header.dictionary_page_header?.num_values ?? -1;
    case 'INDEX_PAGE':
      return 0;
    default:
      throw new Error('a page of an unknown kind');
  }
}
