// Which rows of a column lie in which page. Some writers leave an index; for the others the pages' headers are read, and
// the levels at the beginning of those that hold lists, only so far as the rows that are asked for.
import type { ColumnChunk, ColumnMetaData } from 'hyparquet';
import { readOffsetIndex } from 'hyparquet/src/indexes.js';
import { chunkStart } from './footer.ts';
import { countRows, isLargePage, type ColumnFormat } from './pageDecoder.ts';
import { readPageHeader, type PlacedPage, type ReadBytes } from './pageHeader.ts';
import { checkStruct } from './thrift.ts';

/** A page of data. `offset` is where its header begins. */
interface RowsOfPage {
  offset: number;
  /** Rows of the group that begin before this page; its first entries may still belong to the one before. */
  firstRow: number;
  /** Whether its texts are read in parts. An index in the file does not say so. */
  large: boolean;
}

/** Enough for the levels of most pages. */
const BEGINNING_BYTES = 16 << 10;

export class PageIndex {
  readonly pages: RowsOfPage[] = [];
  /** Where the dictionary's header begins. */
  dictionary: number | undefined;
  /** Nothing of the column lies behind; its own length is wrong in files of old writers. */
  readonly end: number;
  private readonly read: ReadBytes;
  private readonly chunk: ColumnMetaData;
  private readonly format: ColumnFormat;
  private next: number;
  private rows = 0;
  private values = 0;
  private complete = false;
  private working: Promise<void> = Promise.resolve();

  private constructor(read: ReadBytes, chunk: ColumnMetaData, format: ColumnFormat, dataEnd: number) {
    this.read = read;
    this.chunk = chunk;
    this.format = format;
    this.next = Number(chunkStart(chunk));
    this.end = dataEnd;
  }

  /**
   * @param groupRows rows of the row group
   * @param dataEnd where the file's footer begins
   */
  static async open(
    read: ReadBytes,
    column: ColumnChunk,
    chunk: ColumnMetaData,
    format: ColumnFormat,
    groupRows: number,
    dataEnd: number,
  ): Promise<PageIndex> {
    const index = new PageIndex(read, chunk, format, dataEnd);
    const { offset_index_offset: offset, offset_index_length: length } = column;
    // A whole small column is walked through as quickly as its index is read.
    if (offset !== undefined && length !== undefined && chunk.total_compressed_size > BEGINNING_BYTES) {
      await index.takeOver(Number(offset), length, groupRows);
    }
    return index;
  }

  /** Finds pages until the row's is among them; the last page is followed by one that begins behind `row`, or by none. */
  async reach(row: number): Promise<void> {
    // One after the other: both would move the same place.
    const run = this.working.then(() => this.walk(row));
    this.working = run.catch(() => undefined);
    await run;
  }

  /** The page with the row's first entry. */
  pageOf(row: number): number {
    let low = 0;
    for (let high = this.pages.length; high - low > 1;) {
      const middle = (low + high) >>> 1;
      if ((this.pages[middle]?.firstRow ?? 0) <= row) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Finds the next page, if there is one more. @returns whether there was */
  async reachNext(): Promise<boolean> {
    const before = this.pages.length;
    await this.reach(this.rows);
    return this.pages.length > before;
  }

  private async walk(row: number): Promise<void> {
    // A page that begins with the middle of a row has the same first row as the one behind it.
    while (!this.complete && this.rows <= row) {
      if (this.next >= this.end || this.values >= Number(this.chunk.num_values)) {
        this.complete = true;
        break;
      }
      const page = await readPageHeader(this.read, this.next, this.end, this.format.codec);
      if (page.header.type === 'DICTIONARY_PAGE') {
        this.dictionary = this.next;
      } else if (page.header.type !== 'INDEX_PAGE') {
        this.values += page.values;
        // Nobody needs to know how many rows the last page holds: it may be the only one, and large.
        const isLast = this.values >= Number(this.chunk.num_values);
        const rows = isLast ? 0 : await this.rowsIn(page);
        this.pages.push({ offset: this.next, firstRow: this.rows, large: isLargePage(page, this.format) });
        this.rows += rows;
      }
      this.next = page.end;
    }
  }

  private async rowsIn(page: PlacedPage): Promise<number> {
    const { leaf } = this.format;
    if (leaf.repetition === 0) return page.values;
    if (page.header.data_page_header_v2 !== undefined) return page.header.data_page_header_v2.num_rows;
    for (let length = BEGINNING_BYTES; ; length *= 8) {
      const end = Math.min(page.end, page.start + length);
      const bytes = await this.read(page.start, end);
      try {
        return countRows(page, bytes, this.format);
      } catch (error) {
        // Its levels may only be longer than usual.
        if (end === page.end) throw error;
      }
    }
  }

  /** Believed only where it makes sense: pages in order, inside the column, from the first row on. */
  private async takeOver(offset: number, length: number, groupRows: number): Promise<void> {
    const bytes = await this.read(offset, offset + length);
    checkStruct(bytes, 0);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const places = readOffsetIndex({ view, offset: 0 }).page_locations.map((place) => ({
      offset: Number(place.offset),
      firstRow: Number(place.first_row_index),
      large: false,
    }));
    const sound = places.every((place, at) => {
      const before = places[at - 1];
      return (
        place.offset < this.end &&
        place.firstRow < groupRows &&
        (before === undefined
          ? place.firstRow === 0 && place.offset >= this.next
          : place.offset > before.offset && place.firstRow >= before.firstRow)
      );
    });
    const [first] = places;
    if (!sound || first === undefined) return;
    if (first.offset > this.next) this.dictionary = this.next;
    this.pages.push(...places);
    this.complete = true;
  }
}
