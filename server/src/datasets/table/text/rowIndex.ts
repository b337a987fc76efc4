// Where the rows of a text file begin: not every one, but enough that any row is found by reading a little.
import type { RowPlace } from './rowCutter.ts';

/** A place is kept when so many rows or bytes lie behind the one before: 5 GB of rows need 0.5 to 2 MB. */
const ROWS_APART = 64;
const BYTES_APART = 256 << 10;

export class RowIndex {
  /** Rows seen. */
  rows = 0;
  private places = 0;
  // Row, offset and line of every place; 8-byte floats hold offsets up to 2^53.
  private table = new Float64Array(3 * 64);
  private nextRow = 0;
  private nextOffset = 0;

  /** Takes the rows in order. */
  add(offset: number, line: number): void {
    if (this.rows >= this.nextRow || offset >= this.nextOffset) {
      if (3 * this.places === this.table.length) this.grow();
      this.table.set([this.rows, offset, line], 3 * this.places);
      this.places++;
      this.nextRow = this.rows + ROWS_APART;
      this.nextOffset = offset + BYTES_APART;
    }
    this.rows++;
  }

  /** The last kept place at or before the row, and its row. */
  before(row: number): RowPlace & { row: number } {
    let low = 0;
    for (let high = this.places; high - low > 1;) {
      const middle = (low + high) >>> 1;
      if ((this.table[3 * middle] ?? 0) <= row) low = middle;
      else high = middle;
    }
    const [first = 0, offset = 0, line = 1] = this.table.subarray(3 * low, 3 * low + 3);
    return { row: first, offset, line };
  }

  private grow(): void {
    const larger = new Float64Array(2 * this.table.length);
    larger.set(this.table);
    this.table = larger;
  }
}
