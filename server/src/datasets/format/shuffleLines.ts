// Writes the lines of a file in random order, whatever its size: lines are dealt into buckets on the disk, and each bucket
// is shuffled in memory. Every order is equally likely, and the same seed gives the same one.
import { open, rm, type FileHandle } from 'node:fs/promises';
import { throwIfCancelled } from '../../support/errors.ts';
import { seededRandom, type Random } from '../../support/random.ts';

/** Bytes of a bucket, about; memory holds it twice. */
const BUCKET_BYTES = 32 << 20;
/** Open files; beyond 8 GB of lines the buckets grow instead. */
const MOST_BUCKETS = 256;
/** Of all buckets together, while lines are dealt. */
const BUFFER_BYTES = 8 << 20;
const READ_BYTES = 1 << 20;
const LINE_FEED = 0x0a;

export interface ShuffleHooks {
  signal?: AbortSignal | undefined;
  /** For tests. */
  bucketBytes?: number;
}

/**
 * @param from every line ends with a line feed
 * @param to a file that is not there yet; buckets are written beside it and removed
 */
export async function shuffleLines(
  from: string,
  to: string,
  seed: number,
  { signal, bucketBytes = BUCKET_BYTES }: ShuffleHooks = {},
): Promise<void> {
  const random = seededRandom(seed);
  const source = await open(from);
  const { size } = await source.stat();
  const count = Math.max(1, Math.min(MOST_BUCKETS, Math.ceil(size / bucketBytes)));
  const names = Array.from({ length: count }, (_, index) => `${to}.bucket-${index}`);
  const buckets: Bucket[] = [];
  try {
    for (const name of names)
      buckets.push(new Bucket(await open(name, 'wx+'), Math.ceil(BUFFER_BYTES / count)));
    await deal(source, buckets, random, signal);
    const target = await open(to, 'wx');
    try {
      // The same memory for all buckets.
      const lines = new Room();
      const ordered = new Room();
      for (const bucket of buckets) {
        throwIfCancelled(signal);
        const bytes = await bucket.read(lines);
        await target.appendFile(inOrder(bytes, random.shuffle(linesOf(bytes)), ordered));
      }
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
    for (const bucket of buckets) await bucket.close();
    for (const name of names) await rm(name, { force: true });
  }
}

/** Sends every line to a bucket; a line is copied from its chunk at once. */
async function deal(
  source: FileHandle,
  buckets: readonly Bucket[],
  random: Random,
  signal: AbortSignal | undefined,
): Promise<void> {
  const chunk = Buffer.allocUnsafe(READ_BYTES);
  /** The bucket of a line that did not end in its chunk. */
  let current: Bucket | undefined;
  for (;;) {
    throwIfCancelled(signal);
    const { bytesRead } = await source.read(chunk, 0, chunk.length);
    if (bytesRead === 0) break;
    for (let start = 0; start < bytesRead;) {
      const feed = chunk.subarray(0, bytesRead).indexOf(LINE_FEED, start);
      const end = feed < 0 ? bytesRead : feed + 1;
      current ??= buckets[random.int(0, buckets.length - 1)];
      await current?.add(chunk.subarray(start, end));
      if (feed >= 0) current = undefined;
      start = end;
    }
  }
}

class Bucket {
  private readonly buffer: Buffer;
  private filled = 0;

  constructor(
    private readonly file: FileHandle,
    bufferBytes: number,
  ) {
    this.buffer = Buffer.allocUnsafe(bufferBytes);
  }

  async add(part: Buffer): Promise<void> {
    if (this.filled + part.length > this.buffer.length) await this.flush();
    if (part.length > this.buffer.length) {
      await this.file.appendFile(part);
      return;
    }
    this.filled += part.copy(this.buffer, this.filled);
  }

  async read(room: Room): Promise<Buffer> {
    await this.flush();
    const { size } = await this.file.stat();
    const bytes = room.of(size);
    for (let done = 0; done < size;) {
      const { bytesRead } = await this.file.read(bytes, done, size - done, done);
      if (bytesRead === 0) throw new Error('a bucket ends too early');
      done += bytesRead;
    }
    // Its lines come next to the target: the disk need not hold them twice.
    await this.file.truncate();
    return bytes;
  }

  close(): Promise<void> {
    return this.file.close();
  }

  private async flush(): Promise<void> {
    await this.file.appendFile(this.buffer.subarray(0, this.filled));
    this.filled = 0;
  }
}

/** Memory that is used again and again. */
class Room {
  private bytes = Buffer.alloc(0);

  of(size: number): Buffer {
    if (this.bytes.length < size) this.bytes = Buffer.allocUnsafe(size + (size >> 2));
    return this.bytes.subarray(0, size);
  }
}

interface Line {
  start: number;
  end: number;
}

function linesOf(bytes: Buffer): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < bytes.length;) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed < 0 ? bytes.length : feed + 1;
    lines.push({ start, end });
    start = end;
  }
  return lines;
}

function inOrder(bytes: Buffer, lines: readonly Line[], room: Room): Buffer {
  const ordered = room.of(bytes.length);
  let at = 0;
  for (const { start, end } of lines) at += bytes.copy(ordered, at, start, end);
  return ordered;
}
