// Cuts JSON into rows: the elements of one array, or values that follow each other, whatever the line breaks.
import type { RowFault } from '../../rowSource.ts';
import { LONGEST_ROW_BYTES } from './lineCutter.ts';
import { isSpace, startsWithMark, type FoundRow, type RowCutter, type RowPlace } from './rowCutter.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const LINE_FEED = 0x0a;
const OPEN = [0x5b, 0x7b];
const CLOSE = [0x5d, 0x7d];
const CLOSE_ARRAY = 0x5d;

/** What each byte means outside of strings. */
const PLAIN = 0;
const SPACE = 1;
const OPENS = 2;
const CLOSES = 3;
const OTHER_MARK = 4;
const MEANINGS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (isSpace(byte)) return SPACE;
  if (OPEN.includes(byte)) return OPENS;
  if (CLOSE.includes(byte)) return CLOSES;
  return byte === QUOTE || byte === COMMA ? OTHER_MARK : PLAIN;
});

/** Where the reader stands between rows. */
type Between = 'first' | 'next' | 'comma';

export class ElementCutter implements RowCutter {
  fault: RowFault | undefined;
  line: number;
  private readonly array: boolean;
  private position: number;
  private between: Between;
  private start: number | undefined;
  private startLine = 1;
  private depth = 0;
  private inString = false;
  private escaped = false;
  private closed = false;

  /**
   * @param array whether the rows are the elements of one array
   * @param place of a row, or the file's beginning
   */
  constructor(array: boolean, { offset, line }: RowPlace) {
    this.array = array;
    this.position = offset;
    this.line = line;
    this.between = offset === 0 ? 'first' : 'next';
  }

  get begun(): number | undefined {
    return this.start;
  }

  get pending(): undefined {
    return undefined;
  }

  add(bytes: Buffer, found: FoundRow): void {
    let at = 0;
    if (this.position === 0) {
      if (startsWithMark(bytes)) at = 3;
      if (this.array) at = bytes.indexOf(OPEN[0] ?? 0, at) + 1;
      // The line breaks in front of the array count.
      for (let before = 0; before < at; before++) if (bytes[before] === LINE_FEED) this.line++;
    }
    while (at < bytes.length && this.fault === undefined) {
      at = this.start === undefined ? this.seek(bytes, at) : this.cross(bytes, at, found);
    }
    this.position += bytes.length;
  }

  end(found: FoundRow): void {
    if (this.fault !== undefined) return;
    if (this.start !== undefined && !this.array && this.depth === 0 && !this.inString)
      this.finish(this.position, found);
    else if (this.start !== undefined) this.broken(this.position, 'the file ends within a row');
    else if (this.array && !this.closed) this.broken(this.position, 'the file ends before the array does');
  }

  /** Looks for the next row's beginning. @returns where to go on */
  private seek(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === LINE_FEED) this.line++;
      if (MEANINGS[byte] === SPACE) continue;
      if (this.closed) return this.broken(this.position + at, 'something follows the array');
      if (byte === COMMA && this.between === 'comma') {
        this.between = 'next';
      } else if (byte === CLOSE_ARRAY && this.array && this.between !== 'next') {
        this.closed = true;
      } else if (byte === COMMA || MEANINGS[byte] === CLOSES || (this.array && this.between === 'comma')) {
        return this.broken(
          this.position + at,
          `there is "${String.fromCharCode(byte)}" where a row should begin`,
        );
      } else {
        this.start = this.position + at;
        this.startLine = this.line;
        return at;
      }
    }
    return bytes.length;
  }

  /** Goes on to the row's end. @returns where to go on */
  private cross(bytes: Buffer, from: number, found: FoundRow): number {
    let at = from;
    while (at < bytes.length) {
      if (this.inString) {
        at = this.crossString(bytes, at);
        continue;
      }
      const byte = bytes[at] ?? 0;
      const meaning = MEANINGS[byte];
      if (meaning === PLAIN) {
        at++;
        continue;
      }
      // A number or word ends in front of what comes next; an object ends with its bracket.
      if (this.depth === 0 && (meaning === SPACE || meaning === CLOSES || byte === COMMA)) {
        this.finish(this.position + at, found);
        return at;
      }
      at++;
      if (byte === LINE_FEED) this.line++;
      else if (byte === QUOTE) this.inString = true;
      else if (meaning === OPENS) this.depth++;
      else if (meaning === CLOSES && --this.depth === 0) {
        this.finish(this.position + at, found);
        return at;
      }
    }
    return at;
  }

  private crossString(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at];
      if (this.escaped) this.escaped = false;
      else if (byte === BACKSLASH) this.escaped = true;
      else if (byte === QUOTE) {
        this.inString = false;
        return at + 1;
      }
      if (byte === LINE_FEED) this.line++;
    }
    return bytes.length;
  }

  private finish(end: number, found: FoundRow): void {
    const { start, startLine } = this;
    this.start = undefined;
    this.between = this.array ? 'comma' : 'next';
    if (start !== undefined) found(start, end, startLine);
  }

  private broken(offset: number, what: string): number {
    const tooLong = this.start !== undefined && offset - this.start > LONGEST_ROW_BYTES;
    const reason = tooLong
      ? `the row is longer than ${LONGEST_ROW_BYTES >> 20} MB`
      : 'the JSON is broken here';
    this.fault = { reason, detail: `${what} (line ${this.line}, byte ${offset})` };
    this.start = undefined;
    return Number.MAX_SAFE_INTEGER;
  }
}
