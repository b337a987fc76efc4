// Collects short texts as UTF-8, so that the disk is asked once a megabyte and not once a row.
import type { OutputFile } from './outputFile.ts';

const CAPACITY = 1 << 20;
/** Of one UTF-16 unit, at most. */
const BYTES_PER_UNIT = 3;

export class TextBuffer {
  /** Encoded text by text: joined first, one letter outside Latin-1 would make a whole megabyte take twice the space. */
  private readonly bytes = Buffer.allocUnsafe(CAPACITY);
  private used = 0;

  constructor(private readonly output: OutputFile) {}

  /** @returns a promise only where the disk has to catch up: await it before the next call */
  add(text: string): Promise<void> | undefined {
    if (this.used + BYTES_PER_UNIT * text.length <= CAPACITY) {
      this.used += this.bytes.write(text, this.used);
      return undefined;
    }
    return this.flushThen(text);
  }

  async flush(): Promise<void> {
    await this.output.write(this.bytes.subarray(0, this.used));
    this.used = 0;
  }

  private async flushThen(text: string): Promise<void> {
    await this.flush();
    if (BYTES_PER_UNIT * text.length <= CAPACITY) this.used = this.bytes.write(text);
    else await this.output.write(Buffer.from(text));
  }
}
