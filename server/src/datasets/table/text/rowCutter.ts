// What finds the rows in the bytes of a text file: lines (lineCutter.ts) or elements of a JSON array (elementCutter.ts).
import type { RowFault } from '../../rowSource.ts';

/** Where a row begins, so that a cutter can go on from there. */
export interface RowPlace {
  /** Bytes from the file's beginning. */
  offset: number;
  /** 1-based. */
  line: number;
}

/** `start` and `end` (not included) are bytes from the file's beginning; `line` is the row's first, 1-based. */
export type FoundRow = (start: number, end: number, line: number) => void;

export interface RowCutter {
  /** Takes the next bytes, and calls `found` for every row that ends in them. */
  add(bytes: Buffer, found: FoundRow): void;
  /** Nothing follows: what was begun is a row. */
  end(found: FoundRow): void;
  /** Beginning of the row that has not ended yet; undefined between rows. */
  readonly begun: number | undefined;
  /** What `end` would find, while more may still come. */
  readonly pending: RowPlace | undefined;
  /** The line that is read now, 1-based. */
  readonly line: number;
  /** Why nothing behind the last row can be read: shown as one more row. Known after `end`. */
  readonly fault: RowFault | undefined;
}

/** Whether a byte is a space between values: JSON's four, and those that editors take for one. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/** Whether the bytes begin with UTF-8's byte order mark, which is no part of the first row. */
export function startsWithMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
