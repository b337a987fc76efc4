// Cuts JSONL into lines. A blank line is no row, but counts as a line.
import { isSpace, startsWithMark, type FoundRow, type RowCutter, type RowPlace } from './rowCutter.ts';

const LINE_FEED = 0x0a;
/** Most rows begin with it, so that most lines need no search for something that is no space. */
const BRACE = 0x7b;
/** A longer line is no row but a file without line breaks; it is reported, and skipped without being held. */
export const LONGEST_ROW_BYTES = 16 << 20;

export class LineCutter implements RowCutter {
  readonly fault = undefined;
  private position: number;
  line: number;
  private lineStart: number;
  private blank = true;

  constructor({ offset, line }: RowPlace) {
    this.position = offset;
    this.lineStart = offset;
    this.line = line;
  }

  get begun(): number | undefined {
    return this.position > this.lineStart ? this.lineStart : undefined;
  }

  get pending(): RowPlace | undefined {
    return this.isRow(this.position) ? { offset: this.lineStart, line: this.line } : undefined;
  }

  add(bytes: Buffer, found: FoundRow): void {
    let start = 0;
    if (this.position === 0 && startsWithMark(bytes)) this.lineStart = start = 3;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      this.blank &&= bytes[start] !== BRACE && onlySpaces(bytes, start, end);
      this.endLine(this.position + end, found);
      start = end + 1;
      this.lineStart = this.position + start;
      this.line++;
      this.blank = true;
    }
    this.blank &&= onlySpaces(bytes, start, bytes.length);
    this.position += bytes.length;
  }

  end(found: FoundRow): void {
    this.endLine(this.position, found);
    this.lineStart = this.position;
    this.blank = true;
  }

  private endLine(end: number, found: FoundRow): void {
    if (this.isRow(end)) found(this.lineStart, end, this.line);
  }

  private isRow(end: number): boolean {
    return !this.blank || end - this.lineStart > LONGEST_ROW_BYTES;
  }
}

function onlySpaces(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (!isSpace(bytes[at] ?? 0)) return false;
  }
  return true;
}
