// Decodes the values of a page: only so far that any of them can be had, because few may be wanted.
// https://parquet.apache.org/docs/file-format/data-pages/encodings/
import { UnsupportedError } from './unsupported.ts';
import type { Encoding, SchemaElement } from 'hyparquet';
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { byteStreamSplit } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { dictionaryValues, type Dictionary } from './dictionary.ts';
import { readHybrid } from './hybrid.ts';
import type { Meaning, Stored } from './logical.ts';

/** The values of a page or dictionary that are not null. */
export interface Values {
  readonly length: number;
  /** Memory that they hold, roughly. */
  readonly bytes: number;
  /** Appends the values from `start` up to `end`. @returns bytes of the texts among them */
  push(start: number, end: number, target: unknown[]): number;
}

const JULIAN_DAY_OF_1970 = 2_440_588n;
const NANOSECONDS_OF_DAY = 86_400_000_000_000n;

/** Strings of a page that share beginnings may unpack to much more than the page. */
const LARGEST_UNPACKED_BYTES = 256 << 20;

/**
 * @param page unpacked; the values begin at `start`
 * @param count values that are not null
 * @throws Error where the page is damaged
 */
export function readValues(
  page: Buffer,
  start: number,
  count: number,
  encoding: Encoding,
  element: SchemaElement,
  meaning: Meaning,
  dictionary: Dictionary | undefined,
): Values {
  if (count === 0) return new StoredValues([], meaning, 0);
  const { type } = element;
  const reader = { view: new DataView(page.buffer, page.byteOffset, page.byteLength), offset: start };
  switch (encoding) {
    case 'PLAIN':
      if (type === 'BYTE_ARRAY') return plainBytes(page, start, count, meaning);
      if (type === 'BOOLEAN') return new BitValues(page, start, count);
      if (type === 'INT96') return storedValues(plainTimes(page, start, count, element), meaning);
      if (type === 'FIXED_LEN_BYTE_ARRAY') return fixedBytes(page, start, count, element, meaning);
      return storedValues(plainNumbers(page, start, count, element), meaning);
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      return dictionaryValues(page, start, count, dictionary);
    case 'RLE': {
      if (type !== 'BOOLEAN') throw new UnsupportedError(`the encoding RLE for ${type ?? 'a group'}`);
      const bits = new Uint8Array(count);
      readHybrid(page, start + 4, page.length, 1, bits);
      return storedValues(bits, { ...meaning, ofStored: (bit) => bit === 1 });
    }
    case 'DELTA_BINARY_PACKED': {
      const numbers = type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count);
      if (type !== 'INT32' && type !== 'INT64')
        throw new UnsupportedError(`the encoding ${encoding} for ${type ?? 'a group'}`);
      unpackDelta(page, reader, count, numbers);
      return storedValues(numbers, meaning);
    }
    case 'DELTA_LENGTH_BYTE_ARRAY':
      return deltaLengths(page, reader, count, meaning);
    case 'DELTA_BYTE_ARRAY':
      return deltaPrefixes(page, reader, count, meaning);
    case 'BYTE_STREAM_SPLIT': {
      if (type === undefined) throw new Error('a column without a type');
      checkRoom(page, start, count, element);
      const split = byteStreamSplit(reader, count, type, element.type_length);
      if (type !== 'FIXED_LEN_BYTE_ARRAY') return storedValues(split as ArrayLike<Stored>, meaning);
      // Of values of a fixed length the library makes one array each.
      const joined = Buffer.concat(split as unknown as Uint8Array[]);
      return fixedBytes(joined, 0, count, element, meaning);
    }
    case 'BIT_PACKED':
    case 'GROUP_VAR_INT':
    default:
      throw new UnsupportedError(`the encoding ${encoding} is not supported`);
  }
}

/** Booleans of the second page version come without the length in front. */
export function readBooleanRuns(page: Buffer, start: number, count: number, meaning: Meaning): Values {
  const bits = new Uint8Array(count);
  readHybrid(page, start, page.length, 1, bits);
  return storedValues(bits, { ...meaning, ofStored: (bit) => bit === 1 });
}

function widthOf({ type, type_length: length }: SchemaElement): number {
  switch (type) {
    case 'BOOLEAN':
      return 1 / 8;
    case 'INT32':
    case 'FLOAT':
      return 4;
    case 'INT64':
    case 'DOUBLE':
      return 8;
    case 'INT96':
      return 12;
    case 'BYTE_ARRAY':
      return 4;
    case 'FIXED_LEN_BYTE_ARRAY':
      if (length === undefined || length <= 0) throw new Error('a column of fixed length without a length');
      return length;
    case undefined:
    default:
      throw new Error('a column without a type');
  }
}

/** Before anything of the size of `count` is allocated. */
function checkRoom(page: Buffer, start: number, count: number, element: SchemaElement): void {
  if (start + Math.ceil(count * widthOf(element)) > page.length)
    throw new Error('a page holds too few values');
}

function plainNumbers(page: Buffer, start: number, count: number, element: SchemaElement): ArrayLike<Stored> {
  if (element.type === undefined) throw new Error('a column without a type');
  checkRoom(page, start, count, element);
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  return readPlain({ view, offset: start }, element.type, count, element.type_length) as ArrayLike<Stored>;
}

/** INT96: nanoseconds of the day and the Julian day. @returns nanoseconds since 1970 */
function plainTimes(page: Buffer, start: number, count: number, element: SchemaElement): bigint[] {
  checkRoom(page, start, count, element);
  return Array.from({ length: count }, (_, index) => {
    const at = start + 12 * index;
    const days = BigInt(page.readInt32LE(at + 8)) - JULIAN_DAY_OF_1970;
    return days * NANOSECONDS_OF_DAY + page.readBigInt64LE(at);
  });
}

function storedValues(data: ArrayLike<Stored>, meaning: Meaning): Values {
  const bytes = ArrayBuffer.isView(data) ? data.byteLength : data.length * 16;
  return new StoredValues(data, meaning, bytes);
}

class StoredValues implements Values {
  readonly bytes: number;
  private readonly data: ArrayLike<Stored>;
  private readonly meaning: Meaning;

  constructor(data: ArrayLike<Stored>, meaning: Meaning, bytes: number) {
    this.data = data;
    this.meaning = meaning;
    this.bytes = bytes;
  }

  get length(): number {
    return this.data.length;
  }

  push(start: number, end: number, target: unknown[]): number {
    const { data, meaning } = this;
    for (let index = start; index < end; index++) target.push(meaning.ofStored(data[index] ?? 0));
    return 8 * (end - start);
  }
}

/** Booleans where they lie in the page: a page of DuckDB's holds a million. */
class BitValues implements Values {
  readonly length: number;
  readonly bytes: number;
  private readonly page: Buffer;
  private readonly start: number;

  constructor(page: Buffer, start: number, count: number) {
    if (start + Math.ceil(count / 8) > page.length) throw new Error('a page holds too few values');
    this.length = count;
    this.bytes = page.length;
    this.page = page;
    this.start = start;
  }

  push(start: number, end: number, target: unknown[]): number {
    for (let index = start; index < end; index++) {
      target.push((((this.page[this.start + (index >> 3)] ?? 0) >> (index & 7)) & 1) === 1);
    }
    return 8 * (end - start);
  }
}

/** Texts and other bytes where they lie in the page. */
class ByteValues implements Values {
  readonly length: number;
  readonly bytes: number;
  private readonly page: Buffer;
  private readonly starts: Uint32Array;
  private readonly ends: Uint32Array;
  private readonly meaning: Meaning;

  constructor(page: Buffer, starts: Uint32Array, ends: Uint32Array, meaning: Meaning) {
    this.length = starts.length;
    this.bytes = page.length + starts.byteLength + ends.byteLength;
    this.page = page;
    this.starts = starts;
    this.ends = ends;
    this.meaning = meaning;
  }

  push(start: number, end: number, target: unknown[]): number {
    const { page, starts, ends, meaning } = this;
    let bytes = 0;
    for (let index = start; index < end; index++) {
      const from = starts[index] ?? 0;
      const to = ends[index] ?? 0;
      bytes += to - from;
      target.push(meaning.ofBytes(page, from, to));
    }
    return bytes;
  }
}

function plainBytes(page: Buffer, start: number, count: number, meaning: Meaning): Values {
  if (start + 4 * count > page.length) throw new Error('a page holds too few values');
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  let at = start;
  for (let index = 0; index < count; index++) {
    const from = at + 4;
    if (from > page.length) throw new Error('a page holds too few values');
    const to = from + page.readUInt32LE(at);
    if (to > page.length) throw new Error('a value reaches over the end of its page');
    starts[index] = from;
    ends[index] = to;
    at = to;
  }
  return new ByteValues(page, starts, ends, meaning);
}

function fixedBytes(
  page: Buffer,
  start: number,
  count: number,
  element: SchemaElement,
  meaning: Meaning,
): Values {
  checkRoom(page, start, count, element);
  const width = element.type_length ?? 0;
  const starts = Uint32Array.from({ length: count }, (_, index) => start + index * width);
  return new ByteValues(
    page,
    starts,
    starts.map((from) => from + width),
    meaning,
  );
}

interface DeltaReader {
  view: DataView;
  offset: number;
}

/** hyparquet believes the sizes in front; with wrong ones it can run backwards, and never end. */
function unpackDelta(
  page: Buffer,
  reader: DeltaReader,
  count: number,
  output: Int32Array | BigInt64Array,
): void {
  let at = reader.offset;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const next = page[at++];
      if (next === undefined) break;
      value += (next & 0x7f) * 2 ** shift;
      if (next < 0x80) return value;
    }
    throw new Error('a page of differences without a beginning');
  };
  const blockSize = varint();
  const miniblocks = varint();
  const total = varint();
  const perMiniblock = blockSize / miniblocks;
  if (
    !(miniblocks > 0 && perMiniblock > 0 && perMiniblock % 8 === 0 && blockSize <= 1 << 20) ||
    total < count
  ) {
    throw new Error('a page of differences with impossible sizes');
  }
  deltaBinaryUnpack(reader, count, output);
  if (reader.offset > page.length) throw new Error('a page holds too few values');
}

function deltaLengths(page: Buffer, reader: DeltaReader, count: number, meaning: Meaning): Values {
  const lengths = new Int32Array(count);
  unpackDelta(page, reader, count, lengths);
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  let at = reader.offset;
  for (let index = 0; index < count; index++) {
    const length = lengths[index] ?? 0;
    if (length < 0 || at + length > page.length) throw new Error('a value reaches over the end of its page');
    starts[index] = at;
    at += length;
    ends[index] = at;
  }
  return new ByteValues(page, starts, ends, meaning);
}

/** Each text is the beginning of the one before, and something new. */
function deltaPrefixes(page: Buffer, reader: DeltaReader, count: number, meaning: Meaning): Values {
  const prefixes = new Int32Array(count);
  unpackDelta(page, reader, count, prefixes);
  const suffixes = new Int32Array(count);
  unpackDelta(page, reader, count, suffixes);
  let total = 0;
  for (let index = 0; index < count; index++) total += (prefixes[index] ?? 0) + (suffixes[index] ?? 0);
  if (total < 0 || total > LARGEST_UNPACKED_BYTES)
    throw new Error('a page whose texts are longer than is safe');
  const texts = Buffer.allocUnsafeSlow(total);
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  let from = reader.offset;
  let at = 0;
  let before = 0;
  for (let index = 0; index < count; index++) {
    const prefix = prefixes[index] ?? 0;
    const suffix = suffixes[index] ?? 0;
    if (prefix < 0 || suffix < 0 || prefix > at - before || from + suffix > page.length) {
      throw new Error('a value reaches over the end of its page');
    }
    starts[index] = at;
    texts.copy(texts, at, before, before + prefix);
    page.copy(texts, at + prefix, from, from + suffix);
    from += suffix;
    before = at;
    at += prefix + suffix;
    ends[index] = at;
  }
  return new ByteValues(texts, starts, ends, meaning);
}
