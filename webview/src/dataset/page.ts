// The dataset page: takes what the extension says and what the user wants, and holds what is on screen.
import type { FromDatasetPage, PageAction, ToDatasetPage } from '../../../protocol/src/datasetPage.ts';
import type {
  DatasetInfo,
  DatasetNews,
  DatasetRow,
  RowQuery,
  SortKey,
} from '../../../protocol/src/datasets.ts';
import { counted } from '../ui/format.ts';
import { scanWords } from './filter/filterBar.ts';
import { Filtering } from './filter/filtering.ts';
import { FoundRows } from './found.ts';
import { Jumping } from './jump.ts';
import { Reading } from './reading.ts';
import { connectServer, isCancelled, messageOf, type Server } from './server.ts';
import { ShownRows } from './shownRows.ts';
import { mayHaveColumn, nothingKept, PlaceKeeper, stillPossible, type Kept, type Part } from './state.ts';
import { Summarising } from './summarising.ts';
import { gridColumns, sameKey, type GridColumn } from './table/columns.ts';
import type { ShowOptions } from './table/dataTable.ts';
import type { GridPlace } from './table/keys.ts';
import type { RowPages } from './table/rowPages.ts';

/** Parts of the page that can be given the focus. */
export type FocusTarget = 'table' | 'jump' | 'filter' | 'filter-button' | 'trace' | 'summary';

export interface PageOptions {
  post(message: FromDatasetPage): void;
  keep(kept: Kept): void;
  /** From before the page was hidden or reloaded. */
  kept: Kept | undefined;
  /** Something on screen changed: draws it at once. */
  changed(): void;
  /** Brings a row of the table into view and makes it the active one. */
  showRow(place: number, options: ShowOptions): void;
  /** Puts the focus into a part of the page once it is drawn. */
  focus(part: FocusTarget): void;
}

/** Milliseconds between two sentences about a scan that runs. */
const TALK = 5000;

export class DatasetPage {
  info: DatasetInfo | undefined;
  /** The file cannot be shown. */
  failure: { message: string; remedy?: string } | undefined;
  /** Something happened to the file or its reader while it was shown. */
  alert: string | undefined;
  /** What a screen reader says next. */
  announcement = '';
  columns: GridColumn[] = [];
  readonly kept: Kept;
  readonly filtering: Filtering;
  readonly found: FoundRows;
  readonly jumping: Jumping;
  readonly reading: Reading;
  readonly summarising: Summarising;
  readonly #server: Server;
  readonly #rows: ShownRows;
  readonly #options: PageOptions;
  readonly #place = new PlaceKeeper();
  #lastTalk = 0;
  /** Counts rows that were opened, and what makes one that is on its way unwanted. */
  #openings = 0;

  constructor(options: PageOptions) {
    this.#options = options;
    // Fields that an older version of the page did not keep get their defaults.
    this.kept = { ...nothingKept(), ...options.kept };
    const changed = () => {
      options.changed();
    };
    this.#server = connectServer((message) => {
      options.post(message);
    });
    this.found = new FoundRows(this.#server, (rowsChanged) => {
      this.#foundChanged(rowsChanged);
    });
    this.reading = new Reading(this.#server, () => {
      this.kept.open = this.reading.state.row ?? null;
      this.#keep();
      changed();
    });
    this.summarising = new Summarising(this.#server, changed);
    this.jumping = new Jumping(
      (signal) => ({
        rows: this.rowCount,
        complete: this.complete,
        sorted: this.found.query.sort !== undefined,
        filtered: this.found.scan !== undefined,
        numberAt: async (place) => (await this.#rows.fetch(place, signal)).number,
      }),
      (place, exact) => {
        options.showRow(place, { align: 'center', focus: exact });
      },
      changed,
    );
    this.filtering = new Filtering({
      query: () => this.found.query,
      hasColumn: (name) => this.info !== undefined && mayHaveColumn(this.info, name),
      show: (query) => {
        this.query(query);
      },
      changed,
      focus: (part) => {
        options.focus(part);
      },
    });
    this.#rows = new ShownRows({
      server: this.#server,
      view: () => this.found.scan?.id,
      columns: () => this.info?.columns.length ?? 0,
      changed,
    });
  }

  get pages(): RowPages {
    return this.#rows.pages;
  }

  /** Rows of the table now. */
  get rowCount(): number {
    return this.found.scan === undefined ? (this.info?.known.rows ?? 0) : this.found.rows;
  }

  /** Whether `rowCount` is final. */
  get complete(): boolean {
    return this.found.scan === undefined ? this.info?.known.complete === true : !this.found.running;
  }

  receive(message: ToDatasetPage): void {
    switch (message.type) {
      case 'opened':
        this.#opened(message.info);
        break;
      case 'failed':
        this.failure = message;
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
        this.goTo(message.row);
        break;
    }
    this.#options.changed();
  }

  // ---- what the user wants ----

  show(part: Part): void {
    this.kept.part = part;
    if (part === 'summary') this.summarising.look();
    this.#keep();
    this.#options.focus(part);
    this.#options.changed();
  }

  /** Shows the rows of a query, from its first row on. */
  query(query: RowQuery): void {
    this.kept.query = query;
    this.kept.part = 'table';
    this.#openings++;
    this.#place.forget();
    this.jumping.forget();
    this.found.show(query);
    this.reading.forgetPlace();
    this.#options.showRow(0, { align: 'start' });
    this.#keep();
  }

  /** Asks for a row's number. */
  askForRow(): void {
    this.#options.focus('jump');
  }

  /** Shows the row of the file with this number, as people count; all rows again where it may not be among those shown. */
  goTo(row: number): void {
    this.kept.part = 'table';
    if (this.found.scan !== undefined) {
      this.query({ conditions: [] });
      this.announcement = 'Filters and order were cleared to show the row.';
    }
    this.#place.forget();
    this.#keep();
    this.#options.focus('table');
    void this.jumping.to(row);
  }

  openFilter(): void {
    this.kept.part = 'table';
    this.filtering.open();
  }

  /** A header's three states: ascending, descending, the file's order. */
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

  /** The table scrolled, or its active cell moved. */
  moved(first: number, active: GridPlace): void {
    if (!this.#place.settled(first)) return;
    this.kept.first = first;
    this.kept.active = active;
    this.#keep();
  }

  do(action: PageAction): void {
    this.#options.post({ type: 'do', action });
  }

  /** Writes the rows that are shown to a file. */
  exportRows(): void {
    const { scan } = this.found;
    if (scan === undefined) this.do({ kind: 'export', view: null });
    else if (scan.id !== undefined) this.do({ kind: 'export', view: scan.id });
    else this.#warn('There are no filtered rows to export. Wait for the search, or clear the filters.');
  }

  /** Reads the file again. */
  reload(): void {
    if (this.failure !== undefined) {
      // Nothing of the file is on screen: the page says that it opens.
      this.failure = undefined;
      this.info = undefined;
      this.#options.changed();
    }
    this.do({ kind: 'reload' });
  }

  /** Shows the row at a place as a trace. */
  async openPlace(place: number, { focus }: { focus: boolean }): Promise<void> {
    if (place < 0 || place >= this.rowCount) return;
    const opening = ++this.#openings;
    const row = await this.#rowAt(place);
    // Another row was opened meanwhile, or the rows are others now.
    if (row === undefined || opening !== this.#openings) return;
    this.reading.open({ place, position: row.position, path: 0 });
    this.#options.showRow(place, {});
    if (focus) this.#options.focus('trace');
  }

  /** The next (1) or previous (-1) row of the one that is shown. */
  step(by: 1 | -1): void {
    const place = this.reading.state.row?.place;
    if (place !== undefined) void this.openPlace(place + by, { focus: false });
  }

  closeTrace(): void {
    this.#openings++;
    this.reading.close();
    this.#options.focus('table');
  }

  /** Asks again for rows that were refused; a view that the server has forgotten is made anew. */
  retryRows(): void {
    if (this.found.scan === undefined) this.pages.retry();
    else this.found.again();
    this.#options.changed();
  }

  /** The page is going: nobody looks at its view any more. */
  leave(): void {
    this.found.forget();
  }

  dismissAlert(): void {
    this.alert = undefined;
    this.#options.changed();
  }

  // ---- what happened to the file ----

  #opened(info: DatasetInfo): void {
    this.failure = undefined;
    this.alert = undefined;
    this.summarising.forget();
    this.#showRows(info);
    const { open, part } = this.kept;
    if (open !== null) this.reading.open(open);
    if (part === 'summary') this.summarising.look();
  }

  #showRows(info: DatasetInfo): void {
    this.info = info;
    this.#openings++;
    this.jumping.forget();
    this.#layOut();
    const { first, active } = this.kept;
    this.kept.query = stillPossible(this.kept.query, info);
    this.#place.aim(first, active);
    this.found.again(this.kept.query);
    this.#bringBack();
  }

  #follow({ change }: DatasetNews): void {
    switch (change.kind) {
      case 'known':
        this.#knownRows(change.known);
        break;
      case 'replaced':
        this.#opened(change.info);
        this.announcement = 'The file was replaced and read again.';
        break;
      case 'gone':
        this.alert = change.message;
        break;
      case 'restarted':
        // An open row or a summary is not asked for again: one of them may be what the process died of.
        this.#showRows(change.info);
        this.alert = change.message;
        break;
    }
  }

  #knownRows(known: DatasetInfo['known']): void {
    if (this.info === undefined) return;
    const before = this.info.known;
    this.info = { ...this.info, known };
    if (!before.complete && known.complete) this.announcement = `The file has ${counted(known.rows, 'row')}.`;
    else if (before.complete && known.rows > before.rows) {
      this.announcement = `The file has grown to ${counted(known.rows, 'row')}.`;
      this.summarising.outdate();
    }
    // The row numbers may need more room.
    this.#layOut();
    this.#bringBack();
  }

  // ---- rows ----

  #foundChanged(rowsChanged: boolean): void {
    if (rowsChanged) this.#rows.restart();
    const { scan, running, query } = this.found;
    const now = performance.now();
    if (scan !== undefined && (!running || now - this.#lastTalk > TALK)) {
      this.#lastTalk = now;
      this.announcement =
        scan.failed ?? scanWords({ query, running, rows: this.info?.known.rows ?? 0 }, scan);
    }
    this.#bringBack();
    this.#options.changed();
  }

  /** Goes on to the place where the page was left, as soon as its row is known. */
  #bringBack(): void {
    const target = this.#place.next(this.rowCount, this.complete);
    if (target === undefined) return;
    // The table must know its rows before it can show one of them.
    this.#options.changed();
    this.#options.showRow(target.active.row, { column: target.active.column });
    this.#options.showRow(target.first, { align: 'start', keepActive: true });
  }

  async #rowAt(place: number): Promise<DatasetRow | undefined> {
    try {
      return await this.#rows.at(place);
    } catch (error) {
      if (!isCancelled(error)) this.#warn(messageOf(error));
      return undefined;
    }
  }

  #warn(message: string): void {
    this.alert = message;
    this.#options.changed();
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
