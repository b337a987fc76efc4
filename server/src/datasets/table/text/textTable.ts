// A text file as a table: first rows at once, any row when the index has come so far, all rows as a stream.
import { setImmediate } from 'node:timers/promises';
import type { FileSchema } from '../../../../../protocol/src/datasetSummary.ts';
import type { KnownRows, TableColumn, TableKind } from '../../../../../protocol/src/datasets.ts';
import { PrmError, throwIfCancelled } from '../../../support/errors.ts';
import type { RowBatch, SourceRow } from '../../rowSource.ts';
import type { FileChange, RowsOptions, Table } from '../table.ts';
import { columnsOf } from './columns.ts';
import { LONGEST_ROW_BYTES } from './lineCutter.ts';
import { faultyRow, parseRow } from './parseRow.ts';
import type { FoundRow, RowCutter, RowPlace } from './rowCutter.ts';
import { RowIndex } from './rowIndex.ts';
import { RowReader } from './rowReader.ts';
import type { TextSource } from './textSource.ts';

/** What is looked at when the file is opened: enough for the first screens. */
const FIRST_BYTES = 1 << 20;
/** Large enough for the disk, small enough that the thread is free again after a few milliseconds. */
const INDEX_CHUNK_BYTES = 4 << 20;
const BATCH_CHUNK_BYTES = 1 << 20;
const PAGE_CHUNK_BYTES = 256 << 10;
/** Rows so near behind each other are reached by reading on. */
const READ_ON_BYTES = 512 << 10;
const SAMPLED_ROWS = 100;
const PROGRESS_MILLISECONDS = 50;

/** How a kind of text file is cut and numbered. */
export interface TextFormat {
  kind: TableKind;
  /** What a row is, for people: `line`. */
  unit: string;
  /** `line`: a row's number is its line. `row`: rows are counted, the first is 1. */
  numbers: 'line' | 'row';
  /** Whether rows may be appended while it is open. */
  grows: boolean;
  cutter(place: RowPlace): RowCutter;
}

export class TextTable implements Table {
  columns: readonly TableColumn[] = [];
  private readonly source: TextSource;
  private readonly format: TextFormat;
  private readonly places = new RowIndex();
  /** Stands at `indexed`. */
  private cutter: RowCutter;
  private indexed = 0;
  private complete = false;
  /** Whether the end was reached before: what comes then was appended. */
  private reachedEnd = false;
  /** What was read at the end cannot be followed by more rows. */
  private tail: SourceRow | undefined;
  /** Where a line begins that has no end yet and is counted as a row: it was so when the file was opened. */
  private openRow: number | undefined;
  /** Where a line begins that was appended without an end: no row yet. */
  private halfRow: number | undefined;
  private indexing: Promise<void> = Promise.resolve();

  private constructor(source: TextSource, format: TextFormat) {
    this.source = source;
    this.format = format;
    this.cutter = format.cutter({ offset: 0, line: 1 });
  }

  /** Takes the source over; the first rows are known when it returns. */
  static async open(source: TextSource, format: TextFormat): Promise<TextTable> {
    const table = new TextTable(source, format);
    const buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
    // A first row longer than the buffer is looked for further on.
    while (!table.complete && (table.places.rows === 0 || table.indexed < FIRST_BYTES)) {
      table.addToIndex(buffer.subarray(0, await table.readForIndex(buffer, 0)));
    }
    table.columns = columnsOf(await table.rows(0, SAMPLED_ROWS));
    return table;
  }

  get path(): string {
    return this.source.path;
  }

  get kind(): TableKind {
    return this.format.kind;
  }

  get bytes(): number {
    return this.source.bytes;
  }

  get extent(): number {
    return this.source.bytes;
  }

  get known(): KnownRows {
    const rows = this.places.rows + (this.tail === undefined ? 0 : 1);
    return { rows, complete: this.complete, share: this.complete ? 1 : this.source.share(this.indexed) };
  }

  async rows(start: number, end: number, { signal }: RowsOptions = {}): Promise<SourceRow[]> {
    const last = Math.min(end, this.known.rows);
    const positions = Array.from({ length: Math.max(0, last - start) }, (_, index) => start + index);
    return this.read(positions, signal);
  }

  async rowsAt(positions: ArrayLike<number>, { signal }: RowsOptions = {}): Promise<SourceRow[]> {
    const asked = Array.from(positions);
    const ascending = [...new Set(asked)].sort((a, b) => a - b);
    const found = new Map<number, SourceRow>();
    const rows = await this.read(ascending, signal);
    rows.forEach((row, index) => found.set(ascending[index] ?? 0, row));
    return asked.map((position) => {
      const row = found.get(position);
      if (row === undefined) throw new RangeError(`row ${position + 1} is not known`);
      return row;
    });
  }

  async *batches(_columns: readonly string[] | undefined, signal?: AbortSignal): AsyncGenerator<RowBatch> {
    const cutter = this.format.cutter({ offset: 0, line: 1 });
    const reader = new RowReader(this.source, cutter, 0, BATCH_CHUNK_BYTES);
    let count = 0;
    let share = 0;
    for (let more = true; more;) {
      const rows: SourceRow[] = [];
      more = await reader.next(
        (start, end, line) => rows.push(this.rowOf(reader.bytesOf(start, end), count++, line)),
        this.halfRow,
        signal,
      );
      if (!more) rows.push(...this.tailOf(cutter, count));
      // Of a file that is still being unpacked the share is an estimate, which may come out lower the next time.
      share = Math.max(share, this.source.share(reader.position));
      if (rows.length > 0) yield { rows, position: share * this.extent };
    }
  }

  async index(options: Parameters<Table['index']>[0] = {}): Promise<void> {
    // One after the other: both would move the same cutter.
    const run = this.indexing.then(() => this.runIndex(options));
    this.indexing = run.catch(() => undefined);
    return run;
  }

  schema(): FileSchema {
    return { kind: this.kind, columns: [...this.columns] };
  }

  async look(): Promise<FileChange> {
    const change = await this.source.look();
    if (change !== 'grown') return change;
    // What follows an array is no row of it.
    if (!this.format.grows) return 'replaced';
    this.complete = false;
    return change;
  }

  async close(): Promise<void> {
    await this.source.close();
  }

  private async runIndex({ signal, onProgress }: NonNullable<Parameters<Table['index']>[0]>): Promise<void> {
    if (this.complete) return;
    let reported = performance.now();
    // One buffer is filled while the other is looked at.
    let [filling, other] = [
      Buffer.allocUnsafeSlow(INDEX_CHUNK_BYTES),
      Buffer.allocUnsafeSlow(INDEX_CHUNK_BYTES),
    ];
    let reading = this.readForIndex(filling, 0);
    while (!this.complete) {
      const length = await reading;
      throwIfCancelled(signal);
      const bytes = filling.subarray(0, length);
      [filling, other] = [other, filling];
      if (length > 0) {
        reading = this.readForIndex(filling, length);
        // A failure is thrown by the next await; until then it is no unhandled rejection.
        reading.catch(() => undefined);
      }
      this.addToIndex(bytes);
      if (onProgress !== undefined && performance.now() - reported > PROGRESS_MILLISECONDS) {
        onProgress(this.known);
        reported = performance.now();
      }
      // Requests that came meanwhile are answered first.
      await setImmediate();
    }
    onProgress?.(this.known);
  }

  /** @param ahead bytes behind those that the index has seen: those that are looked at now */
  private async readForIndex(buffer: Buffer, ahead: number): Promise<number> {
    const start = this.indexed + ahead;
    const length = Math.min(buffer.length, (await this.source.available(start)) - start);
    return length <= 0 ? 0 : await this.source.read(buffer.subarray(0, length), start);
  }

  /** @param bytes no bytes: the end was reached */
  private addToIndex(bytes: Buffer): void {
    this.halfRow = undefined;
    this.indexed += bytes.length;
    const count: FoundRow = (start, _end, line) => {
      // It was counted when its end was not there yet.
      if (start === this.openRow) this.openRow = undefined;
      else this.places.add(start, line);
    };
    if (bytes.length > 0) {
      this.cutter.add(bytes, count);
      return;
    }
    this.complete = true;
    if (this.format.grows) this.endForNow();
    else if (this.source.fault === undefined) this.cutter.end(count);
    this.reachedEnd = true;
    [this.tail] = this.tailOf(this.cutter, this.places.rows);
  }

  /** More may be appended to the last line: it is a row if it was there at the beginning, or has an end. */
  private endForNow(): void {
    const { pending } = this.cutter;
    if (pending === undefined || pending.offset === this.openRow) return;
    if (this.reachedEnd) {
      this.halfRow = pending.offset;
    } else {
      this.openRow = pending.offset;
      this.places.add(pending.offset, pending.line);
    }
  }

  /** @param positions ascending, known */
  private async read(positions: readonly number[], signal: AbortSignal | undefined): Promise<SourceRow[]> {
    const rows: SourceRow[] = [];
    let reader: RowReader | undefined;
    let next = 0;
    while (rows.length < positions.length) {
      const wanted = positions[rows.length] ?? 0;
      if (this.tail !== undefined && wanted === this.places.rows) {
        rows.push(this.tail);
        continue;
      }
      const place = this.places.before(wanted);
      if (reader === undefined || place.offset > reader.position + READ_ON_BYTES) {
        reader = new RowReader(this.source, this.format.cutter(place), place.offset, PAGE_CHUNK_BYTES);
        next = place.row;
      }
      const current = reader;
      const more = await current.next(
        (start, end, line) => {
          if (next === positions[rows.length]) rows.push(this.rowOf(current.bytesOf(start, end), next, line));
          next++;
        },
        this.halfRow,
        signal,
      );
      if (!more && rows.length < positions.length && wanted === positions[rows.length])
        throw this.shorter(wanted);
    }
    return rows;
  }

  private shorter(row: number): PrmError {
    return new PrmError({
      where: this.path,
      what: `row ${row + 1} is not there any more: the file became shorter`,
      remedy: 'Open it again.',
    });
  }

  private rowOf(bytes: Buffer | undefined, row: number, line: number): SourceRow {
    const number = this.format.numbers === 'line' ? line : row + 1;
    const { unit } = this.format;
    if (bytes === undefined)
      return faultyRow(number, `the ${unit} is longer than ${LONGEST_ROW_BYTES >> 20} MB`);
    return parseRow(bytes, number, unit);
  }

  /** One more row where the rest cannot be read, which says why. */
  private tailOf(cutter: RowCutter, rows: number): SourceRow[] {
    const fault = this.source.fault ?? cutter.fault;
    if (fault === undefined) return [];
    return [{ number: this.format.numbers === 'line' ? cutter.line : rows + 1, fields: undefined, fault }];
  }
}
