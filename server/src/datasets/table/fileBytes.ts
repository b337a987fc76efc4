// A file that stays open: bytes of any part of it, and whether the one on disk is still the same.
import { readSync, type Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { systemErrorCode } from '../../support/errors.ts';
import type { FileChange } from './table.ts';

/** So many bytes at the beginning, and before the end, are kept to tell a file that grew from another one. */
const REMEMBERED_BYTES = 4096;

export class FileBytes {
  readonly path: string;
  private readonly handle: FileHandle;
  private stats: Stats;
  private head: Buffer = Buffer.alloc(0);
  private tail: Buffer = Buffer.alloc(0);

  private constructor(path: string, handle: FileHandle, stats: Stats) {
    this.path = path;
    this.handle = handle;
    this.stats = stats;
  }

  /** @throws Node's system errors where the file cannot be opened */
  static async open(path: string): Promise<FileBytes> {
    const handle = await open(path);
    try {
      const file = new FileBytes(path, handle, await handle.stat());
      await file.remember();
      return file;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Bytes, when it was opened or found grown. */
  get size(): number {
    return this.stats.size;
  }

  /**
   * The bytes from `start` up to `end` (not included).
   * @throws Error where they are not all there
   */
  async read(start: number, end: number): Promise<Buffer> {
    // A damaged file can ask for anything.
    if (!(start >= 0 && start <= end && end <= this.size)) throw new Error('an offset lies outside the file');
    const bytes = Buffer.allocUnsafeSlow(end - start);
    if ((await this.readInto(bytes, start)) < bytes.length) throw new Error('the file ends too early');
    return bytes;
  }

  /** @returns how many bytes there were: less than asked for only at the file's end */
  async readInto(target: Buffer, start: number): Promise<number> {
    let filled = 0;
    while (filled < target.length) {
      const { bytesRead } = await this.handle.read(target, filled, target.length - filled, start + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  }

  /**
   * As `read`, for a few bytes, where waiting would cost more than reading.
   * @throws Error where they are not all there
   */
  readNow(start: number, end: number): Buffer {
    if (!(start >= 0 && start <= end && end <= this.size)) throw new Error('an offset lies outside the file');
    const bytes = Buffer.allocUnsafeSlow(end - start);
    if (readSync(this.handle.fd, bytes, 0, bytes.length, start) < bytes.length) {
      throw new Error('the file ends too early');
    }
    return bytes;
  }

  /** Compares with what is on disk under the path now; after `grown`, `size` is the new one. */
  async look(): Promise<FileChange> {
    let now: Stats;
    try {
      now = await stat(this.path);
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === 'ENOENT' || code === 'ENOTDIR') return 'gone';
      throw error;
    }
    const before = this.stats;
    if (now.ino !== before.ino || now.dev !== before.dev || now.size < before.size) return 'replaced';
    if (now.size === before.size) return now.mtimeMs === before.mtimeMs ? 'same' : 'replaced';
    if (!(await this.beginsAsBefore())) return 'replaced';
    this.stats = now;
    await this.remember();
    return 'grown';
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  private async remember(): Promise<void> {
    const length = Math.min(this.size, REMEMBERED_BYTES);
    this.head = await this.read(0, length);
    this.tail = await this.read(this.size - length, this.size);
  }

  private async beginsAsBefore(): Promise<boolean> {
    const head = await this.read(0, this.head.length);
    const tail = await this.read(this.size - this.tail.length, this.size);
    return head.equals(this.head) && tail.equals(this.tail);
  }
}
