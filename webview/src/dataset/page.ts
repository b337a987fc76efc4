// The dataset page: takes what the extension says and what the user wants, and holds what is on screen.
import {
  DATASET_ROWS,
  type DatasetInfo,
  type DatasetNews,
  type DatasetRow,
  type FromDatasetPage,
  type PageAction,
  type RowCondition,
  type RowQuery,
  type SortKey,
  type ToDatasetPage,
} from '../../../protocol/src/datasets.ts';
import { FoundRows, isPlain } from './found.ts';
import { findPlace } from './jump.ts';
import { Reading, type OpenRow } from './reading.ts';
import { connectServer, isCancelled, type Server } from './server.ts';
import { nothingKept, type Kept, type Part } from './state.ts';
import { Summarising } from './summarising.ts';
import { gridColumns, sameKey, type GridColumn } from './table/columns.ts';
import { RowPages } from './table/rowPages.ts';

/** What the page asks of the table on screen. */
export interface TableHandle {
  /** Brings a row into view and makes it the active one. */
  show(
    place: number,
    options: { align?: 'nearest' | 'start' | 'center'; focus?: boolean; column?: number },
  ): void;
  focusCell(): void;
}

export interface PageOptions {
  post(message: FromDatasetPage): void;
  keep(kept: Kept): void;
  kept: Kept | undefined;
  /** Something on screen changed. */
  changed(): void;
  table(): TableHandle | undefined;
  /** Puts the focus into a part of the page once it is drawn. */
  focus(part: 'jump' | 'filter' | 'trace' | 'summary'): void;
}

export class DatasetPage {
  info: DatasetInfo | undefined;
  /** The file cannot be shown. */
  failure: { message: string; remedy?: string } | undefined;
  /** Something happened to the file or its reader while it was shown. */
  alert: string | undefined;
  /** What a screen reader says next. */
  announcement = '';
  columns: GridColumn[] = [];
  pages: RowPages;
  /** Why the row that was asked for cannot be shown. */
  jumpError: string | undefined;
  jumping = false;
  readonly found: FoundRows;
  readonly reading: Reading;
  readonly summarising: Summarising;
  readonly kept: Kept;
  readonly #server: Server;
  readonly #options: PageOptions;
  #jump: AbortController | undefined;

  constructor(options: PageOptions) {
    this.#options = options;
    this.#server = connectServer((message) => {
      options.post(message);
    });
    // Fields that an older version of the page did not keep get their defaults.
    this.kept = { ...nothingKept(), ...options.kept };
    this.found = new FoundRows(this.#server, (rowsChanged) => {
      if (rowsChanged) this.#startPages();
      options.changed();
    });
    this.reading = new Reading(this.#server, () => {
      const { row } = this.reading.state;
      this.kept.open = row === undefined ? null : { ...row, place: row.place ?? -1 };
      this.#keep();
      options.changed();
    });
    this.summarising = new Summarising(this.#server, () => {
      options.changed();
    });
    this.pages = this.#newPages();
  }

  /** Rows of the table now, and whether these are all. */
  get rowCount(): number {
    return this.found.scan === undefined ? (this.info?.known.rows ?? 0) : this.found.rows;
  }

  get complete(): boolean {
    return this.found.scan === undefined ? this.info?.known.complete === true : !this.found.running;
  }

  receive(message: ToDatasetPage): void {
    switch (message.type) {
      case 'opened':
        this.#opened(message.info);
        break;
      case 'failed':
        this.failure = {
          message: message.message,
          ...(message.remedy === undefined ? {} : { remedy: message.remedy }),
        };
        break;
      case 'answer':
      case 'refused':
      case 'progress':
        this.#server.receive(message);
        return;
      case 'dataset':
        this.#follow(message.news);
        break;
      case 'view':
        this.found.receive(message.news);
        return;
      case 'goto':
        this.#goto(message.position);
        break;
      case 'show':
        if (message.part === 'filter') this.#options.focus('filter');
        else this.show(message.part);
        break;
    }
    this.#options.changed();
  }

  // ---- what the user wants ----

  show(part: Part): void {
    this.kept.part = part;
    if (part === 'summary') this.summarising.look();
    this.#options.focus(part === 'summary' ? 'summary' : 'jump');
    this.#keep();
    this.#options.changed();
  }

  query(query: RowQuery): void {
    this.kept.query = query;
    this.kept.part = 'table';
    this.kept.first = 0;
    this.jumpError = undefined;
    this.found.show(query);
    this.reading.forgetPlace();
    this.#keep();
  }

  addCondition(condition: RowCondition): void {
    this.query({ ...this.found.query, conditions: [...this.found.query.conditions, condition] });
  }

  /** Ascending, then descending, then the file's order again. */
  sort(key: SortKey): void {
    const { conditions, sort } = this.found.query;
    if (sort === undefined || !sameKey(sort.key, key)) {
      this.query({ conditions, sort: { key, descending: false } });
    } else if (!sort.descending) this.query({ conditions, sort: { key, descending: true } });
    else this.query({ conditions });
  }

  setWidth(key: string, width: number): void {
    this.kept.widths[key] = width;
    this.#layOut();
    this.#keep();
    this.#options.changed();
  }

  /** The table scrolled or its active cell moved. */
  moved(first: number, active: Kept['active']): void {
    this.kept.first = first;
    this.kept.active = active;
    this.#keep();
  }

  do(action: PageAction): void {
    this.#options.post({ type: 'do', action });
  }

  exportView(): void {
    this.do({ kind: 'export', view: this.found.scan?.id ?? null });
  }

  /** Shows the row at a place as a trace. */
  async openPlace(place: number, { focus }: { focus: boolean }): Promise<void> {
    if (place < 0 || place >= this.rowCount) return;
    const row = await this.#rowAt(place);
    if (row === undefined) return;
    this.reading.open({ place, position: row.position, path: 0 });
    this.#options.table()?.show(place, {});
    if (focus) this.#options.focus('trace');
  }

  /** The next (1) or previous (-1) row of the one that is shown. */
  step(by: 1 | -1): void {
    const place = this.reading.state.row?.place;
    if (place !== undefined) void this.openPlace(place + by, { focus: false });
  }

  closeTrace(): void {
    this.reading.close();
    this.#options.table()?.focusCell();
  }

  /** Brings a row into view by its number as people count it (the file's first is 1). */
  async jumpTo(number: number): Promise<void> {
    this.#jump?.abort();
    const jump = new AbortController();
    this.#jump = jump;
    this.jumping = true;
    this.#options.changed();
    try {
      const landed = await findPlace(number, {
        rows: this.rowCount,
        complete: this.complete,
        sorted: this.found.query.sort !== undefined,
        filtered: this.found.scan !== undefined,
        numberAt: async (place) => (await this.#fetchRow(place, jump.signal)).number,
      });
      this.jumpError = landed.problem;
      if (landed.place !== undefined) {
        this.#options.table()?.show(landed.place, { align: 'center', focus: landed.problem === undefined });
      }
    } catch (error) {
      if (!isCancelled(error)) this.jumpError = error instanceof Error ? error.message : String(error);
    }
    if (this.#jump !== jump) return;
    this.jumping = false;
    this.#options.changed();
  }

  // ---- what happened to the file ----

  #opened(info: DatasetInfo): void {
    this.failure = undefined;
    this.alert = undefined;
    this.info = info;
    const { query, first, active, open, part } = this.kept;
    this.#layOut();
    const possible = stillPossible(query, info);
    this.kept.query = possible;
    this.found.show(possible);
    if (isPlain(possible)) {
      this.#options.table()?.show(first, { align: 'start' });
      this.#options.table()?.show(active.row, { column: active.column });
    }
    if (open !== null)
      this.reading.open({ ...open, place: open.place < 0 ? undefined : open.place } satisfies OpenRow);
    if (part === 'summary') this.summarising.look();
  }

  #follow(news: DatasetNews): void {
    const { change } = news;
    switch (change.kind) {
      case 'known': {
        if (this.info === undefined) return;
        const before = this.info.known;
        this.info = { ...this.info, known: change.known };
        if (!before.complete && change.known.complete) {
          this.announcement = `${change.known.rows.toLocaleString('en')} rows.`;
        } else if (before.complete && change.known.rows > before.rows) {
          this.announcement = `The file has grown to ${change.known.rows.toLocaleString('en')} rows.`;
        }
        this.#layOut();
        break;
      }
      case 'replaced':
        this.summarising.forget();
        this.#opened(change.info);
        this.announcement = 'The file was replaced and read again.';
        break;
      case 'gone':
        this.alert = `${change.message} The rows that were read stay here.`;
        break;
      case 'restarted':
        this.alert = change.message;
        this.#startPages();
        this.found.again();
        break;
    }
  }

  dismissAlert(): void {
    this.alert = undefined;
    this.#options.changed();
  }

  /** A command of the editor: the row at a position of the file. */
  #goto(position: number): void {
    this.kept.part = 'table';
    if (this.found.scan !== undefined) {
      this.query({ conditions: [] });
      this.announcement = 'Filters and sorting were cleared to show the row.';
    }
    if (position >= this.rowCount) {
      void this.jumpTo(position + 1);
      return;
    }
    this.jumpError = undefined;
    this.#options.table()?.show(position, { align: 'center', focus: true });
  }

  // ---- rows ----

  async #rowAt(place: number): Promise<DatasetRow | undefined> {
    const known = this.pages.at(place);
    if (known !== 'waiting' && !('refused' in known)) return known;
    try {
      return await this.#fetchRow(place);
    } catch (error) {
      if (!isCancelled(error)) this.announcement = error instanceof Error ? error.message : String(error);
      this.#options.changed();
      return undefined;
    }
  }

  async #fetchRow(place: number, signal?: AbortSignal): Promise<DatasetRow> {
    const { rows } = await this.#server.ask(
      DATASET_ROWS,
      { ...this.#view, start: place, count: 1 },
      signal === undefined ? {} : { signal },
    );
    const [row] = rows;
    if (row === undefined) throw new Error(`Row ${place + 1} is not there any more.`);
    return row;
  }

  get #view(): { view?: string } {
    const id = this.found.scan?.id;
    return id === undefined ? {} : { view: id };
  }

  #startPages(): void {
    this.pages.close();
    this.pages = this.#newPages();
  }

  #newPages(): RowPages {
    const view = this.#view;
    return new RowPages({
      columns: this.info?.columns.length ?? 0,
      ask: (start, count, signal) => this.#server.ask(DATASET_ROWS, { ...view, start, count }, { signal }),
      onRows: () => {
        this.#options.changed();
      },
    });
  }

  #layOut(): void {
    if (this.info === undefined) return;
    const { columns, layout, known } = this.info;
    this.columns = gridColumns(columns, layout.layout !== null, known.rows, this.kept.widths);
  }

  #keep(): void {
    this.#options.keep(this.kept);
  }
}

/** What of a query a file with these columns can answer. */
function stillPossible({ conditions, sort }: RowQuery, { columns }: DatasetInfo): RowQuery {
  const has = (name: string) => columns.some((column) => column.name === name);
  const kept = conditions.filter((condition) => condition.kind !== 'column' || has(condition.column));
  const keepSort = sort !== undefined && (sort.key.by !== 'column' || has(sort.key.column));
  return { conditions: kept, ...(keepSort ? { sort } : {}) };
}
