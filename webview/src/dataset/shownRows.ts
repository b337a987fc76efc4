// The rows behind the table: of the file, or of the view that the filters and the order make.
import { DATASET_ROWS, type DatasetRow } from '../../../protocol/src/datasets.ts';
import { count } from '../ui/format.ts';
import type { Server } from './server.ts';
import { RowPages } from './table/rowPages.ts';

export interface ShownRowsOptions {
  server: Server;
  /** The view's name; undefined: the file itself. */
  view(): string | undefined;
  /** Columns of the file. */
  columns(): number;
  /** Rows came, or were refused. */
  changed(): void;
}

export class ShownRows {
  readonly #options: ShownRowsOptions;
  pages: RowPages;

  constructor(options: ShownRowsOptions) {
    this.#options = options;
    this.pages = this.#newPages();
  }

  /** The rows are others now. */
  restart(): void {
    this.pages.close();
    this.pages = this.#newPages();
  }

  /**
   * The row at a 0-based place, from the pages where it is there.
   * @throws as `Server.ask`; Error where there is no such row any more
   */
  async at(place: number): Promise<DatasetRow> {
    const known = this.pages.at(place);
    return known === 'waiting' || 'refused' in known ? this.fetch(place) : known;
  }

  /** Asks for one row. @throws as `at` */
  async fetch(place: number, signal?: AbortSignal): Promise<DatasetRow> {
    const params = { ...this.#view, start: place, count: 1 };
    const { rows } = await this.#options.server.ask(DATASET_ROWS, params, {
      ...(signal === undefined ? {} : { signal }),
    });
    const [row] = rows;
    if (row === undefined) throw new Error(`The row at place ${count(place + 1)} is not there any more.`);
    return row;
  }

  get #view(): { view?: string } {
    const view = this.#options.view();
    return view === undefined ? {} : { view };
  }

  #newPages(): RowPages {
    const view = this.#view;
    const options = this.#options;
    return new RowPages({
      columns: options.columns(),
      ask: (start, rows, signal) =>
        options.server.ask(DATASET_ROWS, { ...view, start, count: rows }, { signal }),
      onRows: () => {
        options.changed();
      },
    });
  }
}
