// Reads a text file from a row's beginning on, chunk after chunk, and hands out the bytes of each row.
import { throwIfCancelled } from '../../../support/errors.ts';
import { LONGEST_ROW_BYTES } from './lineCutter.ts';
import type { FoundRow, RowCutter } from './rowCutter.ts';
import type { TextSource } from './textSource.ts';

export class RowReader {
  /** Bytes of the file that were read, counted from its beginning. */
  position: number;
  private readonly source: TextSource;
  private readonly cutter: RowCutter;
  private readonly chunk: Buffer;
  private bytes: Buffer = Buffer.alloc(0);
  /** What came before `bytes` of the row that has not ended; empty where the row is too long to be kept. */
  private held: Buffer[] = [];
  private heldFrom = 0;
  private ended = false;

  /** @param cutter stands at `position`, where a row begins */
  constructor(source: TextSource, cutter: RowCutter, position: number, chunkBytes: number) {
    this.source = source;
    this.cutter = cutter;
    this.position = position;
    this.chunk = Buffer.allocUnsafeSlow(chunkBytes);
  }

  /**
   * Reads the next chunk, and calls `found` for each row that ends in it; `bytesOf` gives its bytes until the next call.
   * @param limit bytes from the file's beginning that are read at most
   * @returns whether there may be more
   */
  async next(found: FoundRow, limit = Number.POSITIVE_INFINITY, signal?: AbortSignal): Promise<boolean> {
    if (this.ended) return false;
    throwIfCancelled(signal);
    const end = Math.min(limit, await this.source.available(this.position));
    this.keepBegun();
    const length = Math.max(0, Math.min(this.chunk.length, end - this.position));
    this.bytes = this.chunk.subarray(
      0,
      await this.source.read(this.chunk.subarray(0, length), this.position),
    );
    this.position += this.bytes.length;
    if (this.bytes.length > 0) {
      this.cutter.add(this.bytes, found);
    } else {
      this.ended = true;
      // Where the source is broken off, the last row is broken too: the source says why.
      if (this.source.fault === undefined) this.cutter.end(found);
    }
    return !this.ended;
  }

  /** The bytes of a row that was found by the last `next`; undefined where it is too long to be held. */
  bytesOf(start: number, end: number): Buffer | undefined {
    if (end - start > LONGEST_ROW_BYTES) return undefined;
    const from = this.position - this.bytes.length;
    if (start >= from) return this.bytes.subarray(start - from, end - from);
    const parts = end <= from ? this.held : [...this.held, this.bytes.subarray(0, end - from)];
    return Buffer.concat(parts).subarray(start - this.heldFrom, end - this.heldFrom);
  }

  /** The chunk's memory is used again for the next one. */
  private keepBegun(): void {
    const from = this.position - this.bytes.length;
    const { begun } = this.cutter;
    if (begun === undefined || begun >= from || this.position - begun > LONGEST_ROW_BYTES) this.held = [];
    if (begun === undefined || this.position - begun > LONGEST_ROW_BYTES) return;
    if (this.held.length === 0) this.heldFrom = Math.max(begun, from);
    this.held.push(Buffer.from(this.bytes.subarray(Math.max(0, begun - from))));
  }
}
