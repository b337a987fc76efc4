// Reads what was added to a growing file of lines, in pieces that leave the process free in between.
import { open, stat, type FileHandle } from 'node:fs/promises';
import { systemErrorCode } from '../support/errors.ts';

/** Read, cut and taken in one go: a few milliseconds. Bytes. */
const PIECE = 1 << 17;
/** A line that is longer is none of ours and is not kept until its end comes. Bytes. */
const LONGEST_LINE = 1 << 20;
/** Bytes at the file's start that tell it from another file in its place. */
const HEAD = 256;

/** Where lines go. */
export interface LineSink {
  line(text: string): void;
  /** The file was replaced, cut short or removed: its lines come again from the first. */
  restart(): void;
}

export class RunTail {
  readonly #file: string;
  readonly #sink: LineSink;
  #offset = 0;
  /** At the newest look; undefined before the first. */
  #size: number | undefined;
  #inode: number | undefined;
  #head = Buffer.alloc(0);
  /** Bytes after the last line break. */
  #rest = Buffer.alloc(0);
  /** In a line that is too long, whose bytes are dropped. */
  #skips = false;

  constructor(file: string, sink: LineSink) {
    this.#file = file;
    this.#sink = sink;
  }

  /** Share of the file, as it was at the last look, that was read. */
  get share(): number {
    if (this.#size === undefined) return 0;
    return this.#size === 0 ? 1 : this.#offset / this.#size;
  }

  /** Gives each whole line that was added since the last time; a line that is still being written waits. */
  async read(): Promise<void> {
    let handle: FileHandle;
    try {
      // Most looks find nothing new.
      const { ino, size } = await stat(this.#file);
      if (ino === this.#inode && size === this.#offset) return;
      handle = await open(this.#file);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
      this.restart();
      this.#size = 0;
      return;
    }
    try {
      const { size, ino } = await handle.stat();
      if (await this.#isOther(handle, ino, size)) this.restart();
      this.#inode = ino;
      this.#size = size;
      const piece = Buffer.allocUnsafe(PIECE);
      while (this.#offset < size) {
        const length = Math.min(PIECE, size - this.#offset);
        const { bytesRead } = await handle.read(piece, 0, length, this.#offset);
        if (bytesRead === 0) return; // Cut short meanwhile: the next look sees it.
        if (this.#offset < HEAD)
          this.#head = Buffer.concat([this.#head, piece.subarray(0, bytesRead)]).subarray(0, HEAD);
        this.#offset += bytesRead;
        this.#take(piece.subarray(0, bytesRead));
      }
    } finally {
      await handle.close();
    }
  }

  /** Forgets what was read, so that the next look begins at the first line. */
  restart(): void {
    if (this.#offset > 0) this.#sink.restart();
    this.#offset = 0;
    this.#size = undefined;
    this.#head = Buffer.alloc(0);
    this.#rest = Buffer.alloc(0);
    this.#skips = false;
  }

  /** A file made anew may have the number of the one that was removed, and soon its length. */
  async #isOther(handle: FileHandle, inode: number, size: number): Promise<boolean> {
    if (this.#inode === undefined || this.#offset === 0) return false;
    if (inode !== this.#inode || size < this.#offset) return true;
    if (size === this.#offset) return false;
    const head = Buffer.alloc(this.#head.length);
    await handle.read(head, 0, head.length, 0);
    return !head.equals(this.#head);
  }

  #take(added: Buffer): void {
    // Split at the byte, not the character: a character may be half written too.
    const end = added.lastIndexOf(0x0a) + 1;
    if (end > 0) {
      const whole = Buffer.concat([this.#rest, added.subarray(0, end)]).toString('utf8');
      const lines = whole.split('\n');
      // The end of a line that was too long is no line.
      for (let index = this.#skips ? 1 : 0; index < lines.length; index++) {
        const line = lines[index];
        if (line !== undefined && line !== '') this.#sink.line(line);
      }
      this.#skips = false;
      this.#rest = Buffer.from(added.subarray(end));
    } else if (!this.#skips) {
      this.#rest = Buffer.concat([this.#rest, added]);
    }
    if (this.#rest.length <= LONGEST_LINE) return;
    // Told once, as a line that is no event.
    this.#sink.line(this.#rest.subarray(0, HEAD).toString('utf8'));
    this.#rest = Buffer.alloc(0);
    this.#skips = true;
  }
}
