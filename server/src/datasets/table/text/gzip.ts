// A gzip file as a text source: unpacked once into a temporary file without a name, whose rows are read while it grows.
import { createReadStream } from 'node:fs';
import { chmod, open, rm, statfs, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createGunzip } from 'node:zlib';
import { messageOf, PrmError, systemErrorCode } from '../../../support/errors.ts';
import type { RowFault } from '../../rowSource.ts';
import { makeTemporaryFolder, removeLeftovers } from '../../temporaryFolder.ts';
import { FileBytes } from '../fileBytes.ts';
import type { FileChange } from '../table.ts';
import type { TextSource } from './textSource.ts';

/** What must stay free on the disk with the temporary files: bytes, and a share of the disk. */
const FREE_BYTES = 1e9;
const FREE_SHARE = 0.1;
/** Text that shrinks to a thousandth is a bomb, or nothing to look at; small files are let through. */
const LARGEST_RATIO = 500;
const HARMLESS_BYTES = 1 << 30;
/** The disk is asked again after so many bytes. */
const CHECK_BYTES = 64 << 20;
const READ_BYTES = 256 << 10;
const NOT_FURTHER = 'the file is not unpacked further';

/** @throws PrmError where the disk is too full to begin */
export async function openGzip(file: string): Promise<TextSource> {
  const packed = await FileBytes.open(file);
  try {
    const parent = tmpdir();
    await removeLeftovers(parent);
    const folder = await makeTemporaryFolder(parent);
    // Nobody else may read what the packed file may hold back.
    await chmod(folder, 0o700);
    try {
      const unpacked = await open(path.join(folder, 'unpacked'), 'wx+', 0o600);
      // Whatever ends this process, the system frees the space then. Windows keeps the name as long as it is open.
      await remove(folder).catch(() => undefined);
      return new GzipSource(packed, folder, unpacked);
    } catch (error) {
      await remove(folder);
      throw error;
    }
  } catch (error) {
    await packed.close();
    throw error;
  }
}

function remove(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}

class GzipSource implements TextSource {
  fault: RowFault | undefined;
  private readonly packed: FileBytes;
  private readonly folder: string;
  private readonly unpacked: FileHandle;
  private readonly stop = new AbortController();
  private readonly work: Promise<void>;
  /** Bytes of the packed file that were taken, and that came out and are on disk. */
  private taken = 0;
  private written = 0;
  private complete = false;
  /** Called when more was written, or all. */
  private waiting: (() => void)[] = [];

  constructor(packed: FileBytes, folder: string, unpacked: FileHandle) {
    this.packed = packed;
    this.folder = folder;
    this.unpacked = unpacked;
    this.work = this.unpack();
  }

  get path(): string {
    return this.packed.path;
  }

  get bytes(): number {
    return this.packed.size;
  }

  async available(beyond: number): Promise<number> {
    while (this.written <= beyond && !this.complete) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    return this.written;
  }

  async read(target: Buffer, start: number): Promise<number> {
    let filled = 0;
    while (filled < target.length) {
      const { bytesRead } = await this.unpacked.read(target, filled, target.length - filled, start + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  }

  share(position: number): number {
    if (this.written === 0) return this.complete ? 1 : 0;
    const unpacked = this.complete ? 1 : this.taken / this.packed.size;
    return Math.min(1, (unpacked * position) / this.written);
  }

  async look(): Promise<FileChange> {
    const change = await this.packed.look();
    return change === 'grown' ? 'replaced' : change;
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.work;
    await this.unpacked.close();
    await this.packed.close();
    await remove(this.folder);
  }

  private async unpack(): Promise<void> {
    const input = createReadStream(this.packed.path, {
      highWaterMark: READ_BYTES,
      end: this.packed.size - 1,
    });
    const gunzip = createGunzip({ chunkSize: READ_BYTES });
    input.on('error', (error) => gunzip.destroy(error));
    input.pipe(gunzip);
    try {
      let nextCheck = 0;
      for await (const chunk of gunzip as AsyncIterable<Buffer>) {
        if (this.stop.signal.aborted) break;
        this.taken = gunzip.bytesWritten;
        if (this.written >= nextCheck) {
          await this.checkRoom();
          nextCheck = this.written + CHECK_BYTES;
        }
        await this.unpacked.appendFile(chunk);
        this.written += chunk.length;
        this.wake();
      }
    } catch (error) {
      this.fault = this.faultOf(error, gunzip.bytesWritten);
    } finally {
      input.destroy();
      gunzip.destroy();
      this.complete = true;
      this.wake();
    }
  }

  /** @param read bytes of the packed file */
  private faultOf(error: unknown, read: number): RowFault {
    if (error instanceof PrmError) return { reason: NOT_FURTHER, detail: error.what };
    const code = systemErrorCode(error);
    // What zlib says of the data has codes that begin like this; others are of the disk.
    const ofData = code === undefined || code.startsWith('Z_') || code.startsWith('ERR_');
    if (!ofData) return { reason: NOT_FURTHER, detail: messageOf(error) };
    return {
      reason: 'the gzip data is cut off or damaged',
      detail: `${messageOf(error)}, after byte ${read} of ${this.packed.size}`,
    };
  }

  /** @throws PrmError where unpacking more would fill the disk, or is not worth it */
  private async checkRoom(): Promise<void> {
    if (this.written > HARMLESS_BYTES && this.written > LARGEST_RATIO * Math.max(1, this.taken)) {
      const ratio = Math.round(this.written / Math.max(1, this.taken));
      throw new PrmError({ what: `every byte of it becomes ${ratio}: it looks like a decompression bomb` });
    }
    const disk = await statfs(tmpdir());
    const free = disk.bavail * disk.bsize - CHECK_BYTES;
    if (free < FREE_BYTES || free < FREE_SHARE * disk.blocks * disk.bsize) {
      throw new PrmError({
        what: `the disk with ${tmpdir()} has only ${Math.round((free + CHECK_BYTES) / 1e6)} MB free; unpack the file elsewhere`,
      });
    }
  }

  private wake(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
