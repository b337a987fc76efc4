// One opened dataset file inside the dataset process: its table, the layout that its first rows show, and pages of its
// rows as the editor shows them.
import path from 'node:path';
import { LRUCache } from 'lru-cache';
import type {
  DatasetRow,
  DatasetRows,
  KnownRows,
  TableColumn,
  TraceView,
} from '../../../../protocol/src/datasets.ts';
import { CancelledError, messageOf, PrmError } from '../../support/errors.ts';
import { isFault, type Layout, type LayoutOptions } from '../layouts/layout.ts';
import { openLayout, SAMPLE_ROWS } from '../layouts/recognise.ts';
import { rowView, type RowReader } from '../query/cells.ts';
import { rowText } from '../query/rowText.ts';
import { traceViewOf } from '../query/traceView.ts';
import type { SourceRow } from '../rowSource.ts';
import { openTable } from '../table/openTable.ts';
import type { Table } from '../table/table.ts';
import type { HostInfo, PathRequest, RowPath, RowTextRequest, TraceRequest } from './hostMessages.ts';

/** Rows of a page. */
const PAGE_ROWS = 100;
/** Bytes of a text file whose rows are held at once, about: long rows of a page become cells a few at a time. */
const PIECE_BYTES = 8 << 20;
/** Columns that get cells: a page of many more would take seconds on its way to the screen. */
const MOST_COLUMNS = 1_000;
/** Characters of all cells of the pages that are kept. */
const KEPT_CHARACTERS = 8_000_000;
/** A cell's own weight beside its text, in characters. */
const CELL_WEIGHT = 50;

export class DatasetFile {
  readonly table: Table;
  readonly #layout: Layout | undefined;
  readonly #options: LayoutOptions;
  readonly #report: HostInfo['layout'];
  readonly #columns: TableColumn[];
  /** By page number. Only whole pages: their rows do not change while the file is the same. */
  readonly #pages = new LRUCache<number, DatasetRow[]>({
    maxSize: KEPT_CHARACTERS,
    sizeCalculation: sizeOf,
  });
  /** Reads under way; the file is closed when it is retired and nobody reads. */
  #readers = 0;
  #retired = false;

  private constructor(table: Table, sample: SourceRow[]) {
    this.table = table;
    this.#columns = table.columns.slice(0, MOST_COLUMNS);
    const { report, layout, options } = openLayout(sample);
    this.#report = report;
    this.#layout = layout;
    this.#options = options;
    // Read already; the editor asks for them next.
    for (let page = 0; (page + 1) * PAGE_ROWS <= sample.length; page++) {
      const first = page * PAGE_ROWS;
      this.#pages.set(page, this.#views(sample.slice(first, first + PAGE_ROWS), first));
    }
  }

  /** @throws PrmError where the file cannot be read, whatever a decoder says */
  static async open(file: string): Promise<DatasetFile> {
    try {
      return await DatasetFile.#open(file);
    } catch (error) {
      throw unreadable(file, error);
    }
  }

  static async #open(file: string): Promise<DatasetFile> {
    const table = await openTable(file);
    try {
      const sample = await table.rows(0, Math.min(SAMPLE_ROWS, table.known.rows));
      return new DatasetFile(table, sample);
    } catch (error) {
      await table.close();
      throw error;
    }
  }

  get info(): HostInfo {
    const { path: file, kind, bytes, known } = this.table;
    const moreColumns = this.table.columns.length - this.#columns.length;
    return {
      path: file,
      name: path.basename(file),
      kind,
      bytes,
      columns: this.#columns,
      ...(moreColumns > 0 && { moreColumns }),
      known: { ...known },
      layout: this.#report,
    };
  }

  /** The rows from `start` on, fewer where fewer are known. */
  async rows(start: number, count: number, signal: AbortSignal): Promise<DatasetRows> {
    const end = Math.min(start + count, this.table.known.rows);
    const rows: DatasetRow[] = [];
    for (let page = Math.floor(start / PAGE_ROWS); page * PAGE_ROWS < end; page++) {
      const first = page * PAGE_ROWS;
      const found = await this.#page(page, signal);
      rows.push(...found.slice(Math.max(0, start - first), end - first));
    }
    return { start, rows, known: { ...this.table.known } };
  }

  /** Rows of a view, in its order. */
  async rowsAt(positions: readonly number[], signal: AbortSignal): Promise<DatasetRow[]> {
    const rows: DatasetRow[] = [];
    const piece = this.#pieceRows();
    for (let start = 0; start < positions.length; start += piece) {
      const wanted = positions.slice(start, start + piece);
      const found = await this.#reading(() => this.table.rowsAt(wanted, { signal }));
      for (const [index, row] of found.entries()) {
        rows.push(this.#view(row, wanted[index] ?? 0, this.#reader()));
      }
    }
    return rows;
  }

  async trace({ position, trace = 0, firstStep = 0 }: TraceRequest, signal: AbortSignal): Promise<TraceView> {
    const row = await this.#row(position, signal);
    return traceViewOf(row, position, this.#reader(), { trace, firstStep });
  }

  async rowText({ position, trace, format }: RowTextRequest, signal: AbortSignal): Promise<string> {
    return rowText(await this.#row(position, signal), this.#reader(), format, trace);
  }

  /** @throws PrmError where the row cannot be read as a trace */
  async path({ position, trace = 0 }: PathRequest, signal: AbortSignal): Promise<RowPath> {
    const { number, fields, fault } = await this.#row(position, signal);
    const read = this.#reader();
    const row = fields === undefined || read === undefined ? fault : read(fields);
    const path = row === undefined || isFault(row) ? undefined : row.traces[trace];
    if (path !== undefined) return { problem: path.problem, steps: path.steps.map(({ text }) => text) };
    throw new PrmError({
      where: `row ${number}`,
      what: row !== undefined && 'reason' in row ? row.reason : 'the row holds no such steps',
      remedy: 'Choose another row.',
    });
  }

  /** More rows may be there, and the last one may have gone on. */
  grown(): void {
    this.#pages.clear();
  }

  get known(): KnownRows {
    return this.table.known;
  }

  /** Closes the file when the reads under way have ended. */
  async retire(): Promise<void> {
    this.#retired = true;
    this.#pages.clear();
    if (this.#readers === 0) await this.table.close();
  }

  async #page(page: number, signal: AbortSignal): Promise<DatasetRow[]> {
    const kept = this.#pages.get(page);
    if (kept !== undefined) return kept;
    const first = page * PAGE_ROWS;
    const end = Math.min(first + PAGE_ROWS, this.table.known.rows);
    const rows: DatasetRow[] = [];
    const piece = this.#pieceRows();
    for (let start = first; start < end; start += piece) {
      const stop = Math.min(start + piece, end);
      const found = await this.#reading(() => this.table.rows(start, stop, { signal }));
      rows.push(...this.#views(found, start));
    }
    if (rows.length === PAGE_ROWS) this.#pages.set(page, rows);
    return rows;
  }

  /** Pages of a Parquet file are decoded as a whole, so that its rows are not taken apart. */
  #pieceRows(): number {
    const { kind, bytes, known } = this.table;
    if (kind === 'parquet') return Infinity;
    const rowBytes = (bytes * known.share) / Math.max(1, known.rows);
    return Math.max(1, Math.floor(PIECE_BYTES / Math.max(1, rowBytes)));
  }

  #views(found: readonly SourceRow[], first: number): DatasetRow[] {
    const read = this.#reader();
    return found.map((row, index) => this.#view(row, first + index, read));
  }

  #view(row: SourceRow, position: number, read: RowReader | undefined): DatasetRow {
    return rowView(row, position, this.#columns, read);
  }

  /** A new one for each stretch of rows: a reader may remember the row before. */
  #reader(): RowReader | undefined {
    return this.#layout?.reader(this.#options);
  }

  async #row(position: number, signal: AbortSignal): Promise<SourceRow> {
    const { rows } = this.table.known;
    const [row] =
      position < rows ? await this.#reading(() => this.table.rows(position, position + 1, { signal })) : [];
    if (row !== undefined) return row;
    throw new PrmError({
      where: this.table.path,
      what: `There is no row ${(position + 1).toLocaleString('en')}; ${rows.toLocaleString('en')} are known`,
    });
  }

  async #reading<T>(read: () => Promise<T>): Promise<T> {
    this.#readers++;
    try {
      return await read();
    } catch (error) {
      throw error instanceof CancelledError ? error : unreadable(this.table.path, error);
    } finally {
      this.#readers--;
      if (this.#retired && this.#readers === 0) await this.table.close();
    }
  }
}

function sizeOf(rows: readonly DatasetRow[]): number {
  let size = 1;
  for (const { cells } of rows) for (const { text } of cells) size += CELL_WEIGHT + text.length;
  return size;
}

/** A decoder names neither the file nor a remedy. */
export function unreadable(file: string, error: unknown): PrmError {
  if (error instanceof PrmError) return error;
  return new PrmError({
    where: file,
    what: `The file cannot be read (${messageOf(error).replace(/\.$/, '')})`,
    remedy: 'It is probably damaged. Check it, or fetch it again.',
    cause: error,
  });
}
