// Takes a page apart: the levels, which say where rows, lists and nulls are, and the values.
import { UnsupportedError } from './unsupported.ts';
import { crc32 } from 'node:zlib';
import type { CompressionCodec, Encoding } from 'hyparquet';
import { unpackBeginning, unpackPage } from './codecs.ts';
import { Levels } from './levels.ts';
import { type FragmentIndex, LARGE_PAGE_BYTES, LargeTexts, type TextPage } from './largeTexts.ts';
import type { Meaning } from './logical.ts';
import type { PlacedPage } from './pageHeader.ts';
import type { ParquetLeaf } from './schema.ts';
import { Dictionary } from './dictionary.ts';
import { readBooleanRuns, readValues, type Values } from './values.ts';

export interface DecodedPage {
  /** One for each entry: a value, a null or an empty list; undefined where all are 0. */
  repetitions: Levels | undefined;
  /** undefined where every entry is a value. */
  definitions: Levels | undefined;
  entries: number;
  values: Values;
  /** Memory that it holds, roughly. */
  bytes: number;
}

export interface ColumnFormat {
  leaf: ParquetLeaf;
  codec: CompressionCodec;
  meaning: Meaning;
}

/** Enough of most pages for their repetition levels. */
const BEGINNING_BYTES = 2048;

/** How a large page of texts is read: only its beginning comes with it. */
interface LargePage {
  /** What is known of it from an earlier visit. */
  fragments: FragmentIndex;
  /** Reads bytes of the file. */
  read: (start: number, end: number) => Buffer;
}

/**
 * @param bytes all of the page, or of a large one at least its levels
 * @throws Error where the page is damaged
 */
export function decodePage(
  page: PlacedPage,
  bytes: Buffer,
  format: ColumnFormat,
  dictionary: Dictionary | undefined,
  large: LargePage | undefined,
): DecodedPage {
  if (large === undefined) checkSum(page, bytes);
  return page.header.type === 'DATA_PAGE_V2'
    ? decodeSecond(page, bytes, format, dictionary, large)
    : decodeFirst(page, bytes, format, dictionary, large);
}

/**
 * Where the texts of a large page lie; its levels are passed over.
 * @param bytes at least its levels
 * @param read reads bytes of the file
 * @throws Error where the levels reach over the end
 */
export function placeTexts(
  { header, values: count, start, end }: PlacedPage,
  bytes: Buffer,
  { leaf, codec }: ColumnFormat,
  read: (start: number, end: number) => Buffer,
): TextPage {
  const size = header.uncompressed_page_size;
  const second = header.data_page_header_v2;
  if (second !== undefined) {
    const levels = second.repetition_levels_byte_length + second.definition_levels_byte_length;
    return textPage(start + levels, end, size - levels, 0, count, read);
  }
  let at = 0;
  for (const largest of [leaf.repetition, leaf.definition]) {
    if (largest === 0) continue;
    const beginning = asBuffer(unpackBeginning(codec, bytes, size, at + 4));
    if (at + 4 > beginning.length) throw new Error('a page holds too few levels');
    at += 4 + beginning.readUInt32LE(at);
    if (at > size) throw new Error('levels reach over the end of their page');
  }
  return textPage(start, end, size, at, count, read);
}

function textPage(
  from: number,
  to: number,
  size: number,
  start: number,
  count: number,
  read: LargePage['read'],
): TextPage {
  return {
    read: (first, last) => read(from + first, from + last),
    packedBytes: to - from,
    size,
    start,
    count,
  };
}

/** Whether the page's texts can be unpacked in parts; where there is a checksum, all of it has to be read anyway. */
export function isLargePage({ header }: PlacedPage, { leaf, codec }: ColumnFormat): boolean {
  const { data_page_header: first, data_page_header_v2: second } = header;
  return (
    header.uncompressed_page_size >= LARGE_PAGE_BYTES &&
    header.crc === undefined &&
    codec === 'SNAPPY' &&
    (first ?? second)?.encoding === 'PLAIN' &&
    second?.is_compressed !== false &&
    leaf.element.type === 'BYTE_ARRAY'
  );
}

/** Writers whose dictionary becomes too large leave it for the rest of the column. */
export function needsDictionary({ header }: PlacedPage): boolean {
  const encoding = (header.data_page_header ?? header.data_page_header_v2)?.encoding;
  return encoding === 'RLE_DICTIONARY' || encoding === 'PLAIN_DICTIONARY';
}

export function decodeDictionary(
  page: PlacedPage,
  bytes: Buffer,
  { leaf, codec, meaning }: ColumnFormat,
): Dictionary {
  checkSum(page, bytes);
  const unpacked = asBuffer(unpackPage(codec, bytes, page.header.uncompressed_page_size));
  return new Dictionary(readValues(unpacked, 0, page.values, 'PLAIN', leaf.element, meaning, undefined));
}

/** @returns how many rows begin in a page of the first version, unpacking as little of it as will do */
export function countRows(page: PlacedPage, bytes: Buffer, { leaf, codec }: ColumnFormat): number {
  if (leaf.repetition === 0) return page.values;
  const size = page.header.uncompressed_page_size;
  let beginning = unpackBeginning(codec, bytes, size, BEGINNING_BYTES);
  const needed = beginning.length < 4 ? size : 4 + asBuffer(beginning).readUInt32LE();
  if (needed > size) throw new Error('levels reach over the end of their page');
  if (needed > beginning.length) beginning = unpackBeginning(codec, bytes, size, needed);
  return new Levels(beginning.subarray(4, needed), leaf.repetition, page.values).zeros;
}

function checkSum({ header }: PlacedPage, bytes: Buffer): void {
  if (header.crc !== undefined && crc32(bytes) !== header.crc >>> 0) {
    throw new Error("a page's checksum does not fit its bytes");
  }
}

function decodeFirst(
  { header, values: entries, start, end: pageEnd }: PlacedPage,
  bytes: Buffer,
  format: ColumnFormat,
  dictionary: Dictionary | undefined,
  large: LargePage | undefined,
): DecodedPage {
  const { leaf, codec, meaning } = format;
  const first = header.data_page_header;
  if (first === undefined) throw new Error('a page without a description');
  const size = header.uncompressed_page_size;
  let page = asBuffer(
    large === undefined
      ? unpackPage(codec, bytes, size)
      : unpackBeginning(codec, bytes, size, BEGINNING_BYTES),
  );
  const reach = (end: number): void => {
    if (large !== undefined && end > page.length && end <= size)
      page = asBuffer(unpackBeginning(codec, bytes, size, end + 4));
  };
  let at = 0;
  const levels = (largest: number, encoding: Encoding): Levels | undefined => {
    if (largest === 0) return undefined;
    if (encoding === 'BIT_PACKED') throw new UnsupportedError('the encoding BIT_PACKED is not supported');
    reach(at + 4);
    if (at + 4 > page.length) throw new Error('a page holds too few levels');
    const end = at + 4 + page.readUInt32LE(at);
    reach(end);
    if (end > page.length) throw new Error('levels reach over the end of their page');
    const output = levelsIn(page, at + 4, end, largest, entries);
    at = end;
    return output;
  };
  const repetitions = levels(leaf.repetition, first.repetition_level_encoding);
  const definitions = levels(leaf.definition, first.definition_level_encoding);
  const count = definitions?.full ?? entries;
  const whole = (unpacked: Buffer): Values =>
    readValues(unpacked, at, count, first.encoding, leaf.element, meaning, dictionary);
  if (large === undefined) return decoded(repetitions, definitions, entries, whole(page));
  const texts = textPage(start, pageEnd, size, at, count, large.read);
  const values = new LargeTexts(texts, meaning, large.fragments, () =>
    whole(asBuffer(unpackPage(codec, large.read(start, pageEnd), size))),
  );
  return decoded(repetitions, definitions, entries, values);
}

function decodeSecond(
  { header, values: entries, start, end }: PlacedPage,
  bytes: Buffer,
  format: ColumnFormat,
  dictionary: Dictionary | undefined,
  large: LargePage | undefined,
): DecodedPage {
  const { leaf, codec, meaning } = format;
  const second = header.data_page_header_v2;
  if (second === undefined) throw new Error('a page without a description');
  const definitionStart = second.repetition_levels_byte_length;
  const valueStart = definitionStart + second.definition_levels_byte_length;
  const repetitions =
    leaf.repetition === 0 ? undefined : levelsIn(bytes, 0, definitionStart, leaf.repetition, entries);
  const definitions =
    leaf.definition === 0
      ? undefined
      : levelsIn(bytes, definitionStart, valueStart, leaf.definition, entries);
  const count = definitions?.full ?? entries;
  const rest = bytes.subarray(valueStart);
  const size = header.uncompressed_page_size - valueStart;
  // Nothing but nulls: some writers compress the nothing, some do not.
  if (count === 0) return decoded(repetitions, definitions, entries, NO_VALUES);
  if (large !== undefined) {
    const first = start + valueStart;
    const texts = textPage(first, end, size, 0, count, large.read);
    const values = new LargeTexts(texts, meaning, large.fragments, () => {
      const page = asBuffer(unpackPage(codec, large.read(first, end), size));
      return readValues(page, 0, count, second.encoding, leaf.element, meaning, dictionary);
    });
    return decoded(repetitions, definitions, entries, values);
  }
  const page = asBuffer(second.is_compressed === false ? rest : unpackPage(codec, rest, size));
  const values =
    second.encoding === 'RLE' && leaf.element.type === 'BOOLEAN'
      ? readBooleanRuns(page, 4, count, meaning)
      : readValues(page, 0, count, second.encoding, leaf.element, meaning, dictionary);
  return decoded(repetitions, definitions, entries, values);
}

const NO_VALUES: Values = { length: 0, bytes: 0, push: () => 0 };

/** A copy: the page need not stay because of them. */
function levelsIn(page: Uint8Array, start: number, end: number, largest: number, entries: number): Levels {
  if (end > page.length) throw new Error('a page holds too few levels');
  return new Levels(Uint8Array.prototype.slice.call(page, start, end), largest, entries);
}

function decoded(
  repetitions: Levels | undefined,
  definitions: Levels | undefined,
  entries: number,
  values: Values,
): DecodedPage {
  const bytes = (repetitions?.bytes ?? 0) + (definitions?.bytes ?? 0) + values.bytes + 200;
  return { repetitions, definitions, entries, values, bytes };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
