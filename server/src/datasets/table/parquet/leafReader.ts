// Reads a range of rows of one column: finds its pages, decodes them (or takes them from the cache), and cuts them to the rows.
import type { LRUCache } from 'lru-cache';
import type { ColumnChunk, ColumnMetaData } from 'hyparquet';
import { meaningOf } from './logical.ts';
import {
  decodeDictionary,
  decodePage,
  isLargePage,
  needsDictionary,
  placeTexts,
  type ColumnFormat,
  type DecodedPage,
} from './pageDecoder.ts';
import { readPageHeader, type PlacedPage, type ReadBytes } from './pageHeader.ts';
import { FragmentIndex, LargeTexts } from './largeTexts.ts';
import { PageIndex } from './pageIndex.ts';
import type { ParquetLeaf } from './schema.ts';
import type { Turns } from './turns.ts';
import type { Dictionary } from './dictionary.ts';

/** What a row assembler needs of one column. */
export interface LeafEntries {
  entries: number;
  repetitions: Uint8Array | undefined;
  definitions: Uint8Array | undefined;
  /** Of the entries that are neither null nor an empty list. */
  values: unknown[];
}

/** Decoded pages, dictionaries and raw bytes by place; bounded in bytes. */
export type PageCache = LRUCache<string, DecodedPage | Dictionary | Buffer>;

/** More in one go would not fit into memory; fewer rows may. */
export class TooLargeError extends Error {}

const MOST_ENTRIES = 16 << 20;
const MOST_TEXT_BYTES = 192 << 20;
/** Levels of most large pages, compressed. */
const LEVEL_BYTES = 256 << 10;
const VALUES_AT_ONCE = 4096;

export class LeafReader {
  private readonly cache: PageCache;
  private readonly read: ReadBytes;
  private readonly readNow: (start: number, end: number) => Buffer;
  private readonly column: ColumnChunk;
  private readonly chunk: ColumnMetaData;
  private readonly groupRows: number;
  private readonly dataEnd: number;
  private readonly format: ColumnFormat;
  private index: Promise<PageIndex> | undefined;
  /** Of large pages, by where their bytes begin. */
  private readonly fragments = new Map<number, FragmentIndex>();

  constructor(
    read: ReadBytes,
    readNow: (start: number, end: number) => Buffer,
    cache: PageCache,
    column: ColumnChunk,
    chunk: ColumnMetaData,
    leaf: ParquetLeaf,
    groupRows: number,
    dataEnd: number,
  ) {
    this.read = read;
    this.readNow = readNow;
    this.cache = cache;
    this.column = column;
    this.chunk = chunk;
    this.groupRows = groupRows;
    this.dataEnd = dataEnd;
    this.format = { leaf, codec: chunk.codec, meaning: meaningOf(leaf.element) };
  }

  /**
   * Rows of the row group from `start` up to `end`.
   * @throws TooLargeError where fewer rows have to be asked for
   * @throws Error where the column is damaged
   */
  async rows(start: number, end: number): Promise<LeafEntries> {
    const index = await this.pageIndex();
    await index.reach(end);
    const repeated = this.format.leaf.repetition > 0;
    const parts = new EntryParts(this.format.leaf);
    for (let at = index.pageOf(start); at < index.pages.length; at++) {
      const place = index.pages[at];
      // A page that begins with the end of the last row is looked at too.
      if (place === undefined || place.firstRow > end || (place.firstRow === end && !repeated)) break;
      parts.add(await this.page(index, place.offset), place.firstRow, start, end);
    }
    return parts.join(end - start);
  }

  /**
   * Finds all pages, and all fragments of the large ones, so that any rows are quick to read from then on.
   * @returns how many places it keeps for that
   * @throws Error where the column is damaged
   * @throws CancelledError where the signal was aborted
   */
  async prepare(turns: Turns, signal: AbortSignal): Promise<number> {
    const index = await this.pageIndex();
    while (await index.reachNext()) await turns.pause(signal);
    let places = index.pages.length;
    for (const { offset, large } of index.pages) {
      await turns.pause(signal);
      if (large) places += await this.prepareTexts(index, offset, turns, signal);
    }
    return places;
  }

  private async prepareTexts(
    index: PageIndex,
    offset: number,
    turns: Turns,
    signal: AbortSignal,
  ): Promise<number> {
    const page = await readPageHeader(this.read, offset, index.end, this.format.codec);
    const fragments = this.fragmentsOf(page);
    const texts = await this.beginning(page, (bytes) => {
      const place = placeTexts(page, bytes, this.format, this.readNow);
      return new LargeTexts(place, this.format.meaning, fragments, () => {
        throw new Error('only places are wanted');
      });
    });
    do await turns.pause(signal);
    while (!texts.extendIndex(turns.sliceEnd));
    return fragments.packed.length;
  }

  private pageIndex(): Promise<PageIndex> {
    const { read, column, chunk, format, groupRows, dataEnd } = this;
    this.index ??= PageIndex.open(read, column, chunk, format, groupRows, dataEnd);
    return this.index;
  }

  private async page(index: PageIndex, offset: number): Promise<DecodedPage> {
    const key = `page ${offset}`;
    const kept = this.cache.get(key) as DecodedPage | undefined;
    if (kept !== undefined) return kept;
    const page = await readPageHeader(this.read, offset, index.end, this.format.codec);
    const dictionary = needsDictionary(page) ? await this.dictionary(index) : undefined;
    const decoded = isLargePage(page, this.format)
      ? await this.largePage(page)
      : decodePage(page, await this.read(page.start, page.end), this.format, dictionary, undefined);
    this.cache.set(key, decoded);
    return decoded;
  }

  private largePage(page: PlacedPage): Promise<DecodedPage> {
    const fragments = this.fragmentsOf(page);
    return this.beginning(page, (bytes) =>
      decodePage(page, bytes, this.format, undefined, { fragments, read: this.readNow }),
    );
  }

  private fragmentsOf(page: PlacedPage): FragmentIndex {
    const fragments = this.fragments.get(page.start) ?? new FragmentIndex();
    this.fragments.set(page.start, fragments);
    return fragments;
  }

  /** Reads no more of a page than its levels, whose length nothing says beforehand. */
  private async beginning<T>(page: PlacedPage, use: (bytes: Buffer) => T): Promise<T> {
    for (let length = LEVEL_BYTES; ; length *= 8) {
      const end = Math.min(page.end, page.start + length);
      const bytes = await this.read(page.start, end);
      try {
        return use(bytes);
      } catch (error) {
        if (end === page.end) throw error;
      }
    }
  }

  private async dictionary(index: PageIndex): Promise<Dictionary | undefined> {
    if (index.dictionary === undefined) return undefined;
    const key = `dictionary ${index.dictionary}`;
    const kept = this.cache.get(key) as Dictionary | undefined;
    if (kept !== undefined) return kept;
    const page = await readPageHeader(this.read, index.dictionary, index.end, this.format.codec);
    if (page.header.type !== 'DICTIONARY_PAGE') return undefined;
    const dictionary = decodeDictionary(page, await this.read(page.start, page.end), this.format);
    this.cache.set(key, dictionary);
    return dictionary;
  }
}

/** Parts of pages, put one behind the other. */
class EntryParts {
  private readonly leaf: ParquetLeaf;
  private readonly repetitions: Uint8Array[] = [];
  private readonly definitions: Uint8Array[] = [];
  private readonly values: unknown[] = [];
  private entries = 0;
  private textBytes = 0;

  constructor(leaf: ParquetLeaf) {
    this.leaf = leaf;
  }

  /** Takes the entries of the rows from `start` up to `end`, of a page in front of which `firstRow` rows begin. */
  add(page: DecodedPage, firstRow: number, start: number, end: number): void {
    const { repetitions, definitions } = page;
    const from = entryOf(page, start - firstRow);
    const to = entryOf(page, end - firstRow);
    this.entries += to - from;
    if (this.entries > MOST_ENTRIES) throw new TooLargeError(`more than ${MOST_ENTRIES} list items`);
    if (repetitions !== undefined) this.repetitions.push(repetitions.slice(from, to));
    let first = from;
    let last = to;
    if (definitions !== undefined) {
      this.definitions.push(definitions.slice(from, to));
      first = definitions.fullBefore(from);
      last = definitions.fullBefore(to);
    }
    for (let at = first; at < last; at += VALUES_AT_ONCE) {
      this.textBytes += page.values.push(at, Math.min(last, at + VALUES_AT_ONCE), this.values);
      if (this.textBytes > MOST_TEXT_BYTES) throw new TooLargeError(`more than ${MOST_TEXT_BYTES >> 20} MB`);
    }
  }

  join(rows: number): LeafEntries {
    const repetitions = this.leaf.repetition === 0 ? undefined : joined(this.repetitions);
    const definitions = this.leaf.definition === 0 ? undefined : joined(this.definitions);
    const found = repetitions === undefined ? this.entries : countZeros(repetitions);
    if (found !== rows || (repetitions?.[0] ?? 0) !== 0) {
      throw new Error(`it holds ${found} rows where its row group says ${rows}`);
    }
    return { entries: this.entries, repetitions, definitions, values: this.values };
  }
}

/** The first entry of a row, counted from the page's own first; the page's end where the row is not in it. */
function entryOf({ repetitions, entries }: DecodedPage, row: number): number {
  if (repetitions === undefined) return Math.max(0, Math.min(entries, row));
  return row < 0 ? 0 : repetitions.entryOfRow(row);
}

function countZeros(levels: Uint8Array): number {
  let zeros = 0;
  for (const level of levels) if (level === 0) zeros++;
  return zeros;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : Buffer.concat(parts);
}
