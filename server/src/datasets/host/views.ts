// Filtered and sorted views of a dataset: positions of rows that a scan found, and the scan while it runs.
import type { KnownRows, RowQuery, ViewNews } from '../../../../protocol/src/datasets.ts';
import { CancelledError, messageOf, PrmError } from '../../support/errors.ts';
import type { HostView } from './hostMessages.ts';
import type { ScanHooks } from './scanThread.ts';

/** Views that are kept; one more forgets the oldest. */
const VIEWS_KEPT = 8;
/** Between two pieces of news of one view, milliseconds. */
const NEWS_INTERVAL = 100;

/** Looks through the whole file; gives all positions where the query is sorted. */
export type FindRows = (query: RowQuery, hooks: ScanHooks) => Promise<Uint32Array | undefined>;

interface View {
  readonly name: string;
  readonly scan: AbortController;
  /** The first `rows` places hold positions. */
  positions: Uint32Array;
  rows: number;
  scanned: number;
  share: number;
  state: ViewNews['state'];
  message: string | undefined;
  told: number;
}

export class Views {
  readonly #views = new Map<string, View>();
  readonly #find: FindRows;
  readonly #onNews: (news: HostView) => void;

  constructor(find: FindRows, onNews: (news: HostView) => void) {
    this.#find = find;
    this.#onNews = onNews;
  }

  /** Starts the scan and returns at once; how it goes comes as news. */
  start(name: string, query: RowQuery): void {
    this.drop(name);
    for (const oldest of [...this.#views.keys()].slice(0, this.#views.size - VIEWS_KEPT + 1)) {
      this.drop(oldest);
    }
    const view: View = {
      name,
      scan: new AbortController(),
      positions: new Uint32Array(1024),
      rows: 0,
      scanned: 0,
      share: 0,
      state: 'running',
      message: undefined,
      told: -Infinity,
    };
    this.#views.set(name, view);
    void this.#run(view, query);
  }

  /** @throws PrmError where the view is gone */
  rows(name: string, start: number, count: number): { positions: number[]; known: KnownRows } {
    const { positions, rows, state, share } = this.#view(name);
    return {
      positions: Array.from(positions.subarray(start, Math.max(start, Math.min(start + count, rows)))),
      known: { rows, complete: state !== 'running', share: state === 'running' ? share : 1 },
    };
  }

  /**
   * A copy, for a thread that writes them.
   * @throws PrmError where the view is gone, or its scan still runs
   */
  positions(name: string): Uint32Array {
    const { positions, rows, state } = this.#view(name);
    if (state === 'running') {
      throw new PrmError({
        what: 'The rows of this view are still being searched for',
        remedy: 'Wait until the search has ended, or stop it.',
      });
    }
    return positions.slice(0, rows);
  }

  stop(name: string): void {
    this.#view(name).scan.abort();
  }

  drop(name: string): void {
    const view = this.#views.get(name);
    this.#views.delete(name);
    view?.scan.abort();
  }

  /** The file is another one: no position means anything any more. */
  clear(): void {
    for (const name of [...this.#views.keys()]) this.drop(name);
  }

  async #run(view: View, query: RowQuery): Promise<void> {
    try {
      const sorted = await this.#find(query, {
        signal: view.scan.signal,
        onFound: (found) => {
          append(view, found);
          this.#tell(view);
        },
        onProgress: ({ scanned, share }) => {
          view.scanned = scanned;
          view.share = share;
          this.#tell(view);
        },
      });
      if (sorted !== undefined) {
        view.positions = sorted;
        view.rows = sorted.length;
      }
      view.share = 1;
      view.state = 'done';
    } catch (error) {
      view.state = error instanceof CancelledError ? 'stopped' : 'failed';
      if (view.state === 'failed') view.message = messageOf(error);
    }
    this.#tell(view);
  }

  #tell(view: View): void {
    // Dropped meanwhile: nobody asks about it.
    if (this.#views.get(view.name) !== view) return;
    const now = performance.now();
    if (view.state === 'running' && now - view.told < NEWS_INTERVAL) return;
    view.told = now;
    const { name, rows, scanned, share, state, message } = view;
    this.#onNews({ view: name, rows, scanned, share, state, ...(message !== undefined && { message }) });
  }

  #view(name: string): View {
    const view = this.#views.get(name);
    if (view !== undefined) return view;
    throw new PrmError({
      what: 'This filtered view is gone, because the file changed or other views took its place',
      remedy: 'Filter again.',
    });
  }
}

function append(view: View, found: Uint32Array): void {
  const rows = view.rows + found.length;
  if (rows > view.positions.length) {
    const larger = new Uint32Array(Math.max(rows, 2 * view.positions.length));
    larger.set(view.positions.subarray(0, view.rows));
    view.positions = larger;
  }
  view.positions.set(found, view.rows);
  view.rows = rows;
}
