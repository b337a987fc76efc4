// The rows near the view: asked for by pages, kept while they are near, forgotten when they are far.
import type { DatasetRow, DatasetRows } from '../../../../protocol/src/datasets.ts';
import { isCancelled, messageOf } from '../server.ts';

/** What is known about the row at a place: itself, that it is on its way, or why it did not come. */
export type RowState = DatasetRow | 'waiting' | { refused: string };

/** A page holds at most this many cells, so that 10,000 columns do not make a page of a million. */
const CELLS_A_PAGE = 40_000;
const MOST_ROWS_A_PAGE = 100;
/** Pages kept on each side of those in view: scrolling back a little asks nothing. */
const KEPT_AROUND = 3;
/** Milliseconds between two rounds of questions while the view moves. */
const QUIET = 40;

interface RowPage {
  rows?: DatasetRow[];
  refused?: string;
  /** While it is on its way. */
  question?: AbortController;
}

export interface RowPagesOptions {
  /** Columns of the file, which make rows long. */
  columns: number;
  ask(start: number, count: number, signal: AbortSignal): Promise<DatasetRows>;
  /** Rows came, or were refused. */
  onRows(answer?: DatasetRows): void;
}

/** Pages of one file or view. Places are 0-based. */
export class RowPages {
  readonly size: number;
  readonly #options: RowPagesOptions;
  readonly #pages = new Map<number, RowPage>();
  #wanted: { first: number; last: number; known: number } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastAsked = -Infinity;

  constructor(options: RowPagesOptions) {
    this.#options = options;
    this.size = Math.max(1, Math.min(MOST_ROWS_A_PAGE, Math.floor(CELLS_A_PAGE / (options.columns + 1))));
  }

  at(place: number): RowState {
    const page = this.#pages.get(Math.floor(place / this.size));
    if (page?.refused !== undefined) return { refused: page.refused };
    return page?.rows?.[place % this.size] ?? 'waiting';
  }

  /** Why rows near the view did not come, where some did not. */
  get refusal(): string | undefined {
    for (const page of this.#pages.values()) if (page.refused !== undefined) return page.refused;
    return undefined;
  }

  /** Pages held now; it stays small however far the view has moved. */
  get held(): number {
    return this.#pages.size;
  }

  /**
   * Says which rows are in view. Asks for what is missing, gives up what is no longer wanted, forgets what is far.
   * @param known how many rows there are now
   */
  show(first: number, last: number, known: number): void {
    this.#wanted = { first, last, known };
    this.#forget();
    if (this.#timer !== undefined) return;
    const rest = this.#lastAsked + QUIET - performance.now();
    if (rest <= 0) this.#askForMissing();
    else {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#askForMissing();
      }, rest);
    }
  }

  /** Asks again for pages that were refused. */
  retry(): void {
    for (const [index, page] of this.#pages) if (page.refused !== undefined) this.#pages.delete(index);
    this.#askForMissing();
  }

  /** Gives up everything; nothing is reported afterwards. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wanted = undefined;
    for (const page of this.#pages.values()) page.question?.abort();
    this.#pages.clear();
  }

  #forget(): void {
    if (this.#wanted === undefined) return;
    const first = Math.floor(this.#wanted.first / this.size);
    const last = Math.floor(this.#wanted.last / this.size);
    for (const [index, page] of this.#pages) {
      const onItsWay = page.question !== undefined;
      const margin = onItsWay ? 1 : KEPT_AROUND;
      if (index >= first - margin && index <= last + margin) continue;
      this.#pages.delete(index);
      page.question?.abort();
    }
  }

  #askForMissing(): void {
    if (this.#wanted === undefined) return;
    const { first, last, known } = this.#wanted;
    if (known === 0) return;
    const firstPage = Math.floor(first / this.size);
    const lastPage = Math.floor(Math.min(last, known - 1) / this.size);
    const end = Math.ceil(known / this.size);
    // What is in view comes first, then one page below and one above.
    const order = [lastPage + 1, firstPage - 1];
    for (let index = lastPage; index >= firstPage; index--) order.unshift(index);
    for (const index of order) if (index >= 0 && index < end) this.#ensure(index, known);
  }

  #ensure(index: number, known: number): void {
    const start = index * this.size;
    const count = Math.min(this.size, known - start);
    const page = this.#pages.get(index);
    const enough = page?.refused !== undefined || (page?.rows?.length ?? 0) >= count;
    if (page?.question !== undefined || enough) return;
    this.#lastAsked = performance.now();
    const question = new AbortController();
    // The rows of a page that has grown stay on screen until the longer page is there.
    this.#pages.set(index, page?.rows === undefined ? { question } : { rows: page.rows, question });
    this.#options.ask(start, count, question.signal).then(
      (answer) => {
        if (question.signal.aborted) return;
        this.#pages.set(index, { rows: answer.rows });
        this.#options.onRows(answer);
      },
      (error: unknown) => {
        if (question.signal.aborted) return;
        if (isCancelled(error)) this.#pages.delete(index);
        else this.#pages.set(index, { refused: messageOf(error) });
        this.#options.onRows();
      },
    );
  }
}
