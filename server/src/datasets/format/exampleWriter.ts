// Writes step examples as JSONL bytes: the contract of `prm format`, the same bytes as JSON.stringify of an Example.
import { open, type FileHandle } from 'node:fs/promises';
import type { Step, Trace } from '../trace.ts';

const CHUNK_BYTES = 1 << 20;
/** `"label":1,"soft":S,"step_index":N,"total_steps":N` and its line end, with the longest numbers. */
const TAIL_BYTES = 128;

const STEP = Buffer.from(',"step":');
const PREVIOUS = Buffer.from(',"previous_steps":[');
const PATH = Buffer.from('],"reasoning_path":[');

/**
 * Every step's JSON text is made once for its path; `previous_steps` and `reasoning_path` are then prefixes of one
 * buffer, so that their quadratic size costs a copy of memory and nothing more. Two chunks take turns: one is filled
 * while the other is written.
 */
export class ExampleWriter {
  bytes = 0;
  private chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  private spare = Buffer.allocUnsafe(CHUNK_BYTES);
  private filled = 0;
  private writing: Promise<void> | undefined;
  /** JSON texts of the path's steps, joined by commas; step i lies from starts[i] to ends[i]. */
  private block = Buffer.allocUnsafe(1 << 16);
  private headEnd = 0;
  /** What stands behind the contract's fields in each example of the path. */
  private more = '';
  /** The path's steps, for their shares. */
  private steps: readonly Step[] = [];
  private starts: number[] = [];
  private ends: number[] = [];

  private constructor(private readonly file: FileHandle) {}

  /** @param path a file that is not there yet */
  static async create(path: string): Promise<ExampleWriter> {
    return new ExampleWriter(await open(path, 'wx'));
  }

  /**
   * Makes a path's texts ready for `write`.
   * @param more JSON text of further fields of its examples, beginning with a comma
   */
  begin({ problem, steps }: Trace, more = ''): void {
    this.more = more;
    this.steps = steps;
    const head = `{"problem":${JSON.stringify(problem)}`;
    const texts = steps.map(({ text }) => JSON.stringify(text));
    // At most 3 bytes of UTF-8 for a UTF-16 unit, and a comma for each step.
    const most = texts.reduce((sum, text) => sum + 3 * text.length + 1, 3 * head.length);
    if (this.block.length < most) this.block = Buffer.allocUnsafe(2 * most);
    this.starts.length = 0;
    this.ends.length = 0;
    this.headEnd = this.block.write(head, 0);
    let end = this.headEnd;
    for (const text of texts) {
      if (this.starts.length > 0) this.block[end++] = 0x2c;
      this.starts.push(end);
      end += this.block.write(text, end);
      this.ends.push(end);
    }
  }
  /**
   * Appends the example of one step of the path given to `begin`.
   * @returns a promise only where the disk has to catch up: await it before the next call
   */
  write(index: number, correct: boolean): Promise<void> | undefined {
    const start = this.starts[index] ?? 0;
    const end = this.ends[index] ?? 0;
    const previousEnd = this.ends[index - 1] ?? this.headEnd;
    const first = this.headEnd;
    const size =
      first +
      (end - start) +
      (previousEnd - first) +
      (end - first) +
      STEP.length +
      PREVIOUS.length +
      PATH.length +
      TAIL_BYTES +
      3 * this.more.length;
    if (this.filled + size <= this.chunk.length) {
      this.put(index, correct);
      return undefined;
    }
    return this.flush().then(() => {
      if (size > this.chunk.length) this.chunk = Buffer.allocUnsafe(size);
      this.put(index, correct);
    });
  }

  private put(index: number, correct: boolean): void {
    const { chunk, block, headEnd } = this;
    const start = this.starts[index] ?? 0;
    const end = this.ends[index] ?? 0;
    let at = this.filled;
    at += block.copy(chunk, at, 0, headEnd);
    at += STEP.copy(chunk, at);
    at += block.copy(chunk, at, start, end);
    at += PREVIOUS.copy(chunk, at);
    if (index > 0) at += block.copy(chunk, at, headEnd, this.ends[index - 1]);
    at += PATH.copy(chunk, at);
    at += block.copy(chunk, at, headEnd, end);
    const share = this.steps[index]?.soft;
    const soft = share === undefined ? '' : `,"soft":${share}`;
    const tail = `],"label":${correct ? 1 : 0}${soft},"step_index":${index},"total_steps":${this.ends.length}`;
    at += chunk.write(tail, at, 'latin1');
    if (this.more !== '') at += chunk.write(this.more, at);
    chunk[at++] = 0x7d;
    chunk[at++] = 0x0a;
    this.bytes += at - this.filled;
    this.filled = at;
  }

  /** Writes what is left and closes the file. */
  async finish(): Promise<void> {
    try {
      await this.flush();
      await this.writing;
    } finally {
      await this.file.close();
    }
  }

  /** Closes the file after a failure. */
  async abandon(): Promise<void> {
    // The failure that led here is the one to report.
    await this.writing?.catch(() => undefined);
    await this.file.close();
  }

  private async flush(): Promise<void> {
    await this.writing;
    const full = this.chunk;
    this.writing = writeAll(this.file, full.subarray(0, this.filled));
    // A failure is thrown by the next await of `writing`; until then it is no unhandled rejection.
    this.writing.catch(() => undefined);
    this.chunk = this.spare;
    this.spare = full;
    this.filled = 0;
  }
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done);
    done += bytesWritten;
  }
}
