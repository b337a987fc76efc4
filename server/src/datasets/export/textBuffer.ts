// Collects short texts, so that the disk is asked once a megabyte and not once a row.
import type { OutputFile } from './outputFile.ts';

const CHUNK_CHARACTERS = 1 << 20;

export class TextBuffer {
  private texts: string[] = [];
  private characters = 0;

  constructor(private readonly output: OutputFile) {}

  /** @returns a promise only where the disk has to catch up: await it before the next call */
  add(text: string): Promise<void> | undefined {
    this.texts.push(text);
    this.characters += text.length;
    return this.characters < CHUNK_CHARACTERS ? undefined : this.flush();
  }

  async flush(): Promise<void> {
    const bytes = Buffer.from(this.texts.join(''));
    this.texts = [];
    this.characters = 0;
    await this.output.write(bytes);
  }
}
