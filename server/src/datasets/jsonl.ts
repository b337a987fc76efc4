// Reads a JSONL file (one JSON object a line, UTF-8) as a stream; a line that cannot be read becomes a faulty row.
import { isUtf8 } from 'node:buffer';
import { open, type FileHandle } from 'node:fs/promises';
import { messageOf, throwIfCancelled } from '../support/errors.ts';
import type { RowBatch, RowSource, SourceRow } from './rowSource.ts';

const CHUNK_BYTES = 1 << 20;
/** A longer line is no row but a file without line breaks; it is reported, and skipped without being held. */
const LONGEST_LINE_BYTES = 64 << 20;
const LINE_FEED = 0x0a;
const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** @throws Node's system errors where the file cannot be opened */
export async function openJsonl(path: string): Promise<RowSource> {
  const handle = await open(path);
  const { size } = await handle.stat();
  return {
    files: [{ path, kind: 'jsonl', bytes: size }],
    extent: size,
    batches: (_, signal) => readBatches(handle, signal),
    close: () => handle.close(),
  };
}

async function* readBatches(handle: FileHandle, signal: AbortSignal | undefined): AsyncGenerator<RowBatch> {
  const lines = new LineReader();
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let position = 0; ;) {
    throwIfCancelled(signal);
    const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, position);
    position += bytesRead;
    const rows = bytesRead === 0 ? lines.end() : lines.add(chunk.subarray(0, bytesRead));
    if (rows.length > 0) yield { rows, position };
    if (bytesRead === 0) return;
  }
}

/** Cuts chunks into lines. What a chunk ends with is kept until its line is complete. */
class LineReader {
  private line = 1;
  private rest: Buffer[] = [];
  private restBytes = 0;
  private tooLong = false;

  add(chunk: Buffer): SourceRow[] {
    const rows: SourceRow[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      this.finish(chunk.subarray(start, end), rows);
      start = end + 1;
    }
    this.keep(chunk.subarray(start));
    return rows;
  }

  end(): SourceRow[] {
    const rows: SourceRow[] = [];
    this.finish(Buffer.alloc(0), rows);
    return rows;
  }

  private keep(part: Buffer): void {
    this.restBytes += part.length;
    if (this.restBytes > LONGEST_LINE_BYTES) {
      this.tooLong = true;
      this.rest = [];
    } else if (part.length > 0) {
      // The chunk's memory is used again for the next one.
      this.rest.push(Buffer.from(part));
    }
  }

  private finish(part: Buffer, rows: SourceRow[]): void {
    const whole = this.rest.length === 0 ? part : Buffer.concat([...this.rest, part]);
    const row = this.tooLong
      ? faulty(this.line, `the line is longer than ${LONGEST_LINE_BYTES >> 20} MB`)
      : readLine(whole, this.line);
    if (row !== undefined) rows.push(row);
    this.line++;
    this.rest = [];
    this.restBytes = 0;
    this.tooLong = false;
  }
}

/** @returns undefined for a blank line, which is no row */
function readLine(bytes: Buffer, number: number): SourceRow | undefined {
  const start = number === 1 && bytes.subarray(0, 3).equals(UTF8_MARK) ? 3 : 0;
  if (!isUtf8(bytes)) return faulty(number, 'the line is not UTF-8');
  const text = bytes.toString('utf8', start);
  if (text.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return faulty(number, 'the line is not JSON', messageOf(error));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return faulty(number, 'the line is no JSON object');
  }
  return { number, fields: value as Record<string, unknown> };
}

function faulty(number: number, reason: string, detail?: string): SourceRow {
  return { number, fields: undefined, fault: detail === undefined ? { reason } : { reason, detail } };
}
