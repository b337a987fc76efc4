// The rows that fit the filters: starts a scan, follows it, ends it.
import {
  DROP_VIEW,
  QUERY_DATASET,
  STOP_VIEW,
  type RowQuery,
  type ViewNews,
} from '../../../protocol/src/datasets.ts';
import { messageOf, type Server } from './server.ts';

/** How a scan stands. `id` is missing until the server has named the view. */
export interface Scan {
  id: string | undefined;
  news: ViewNews | undefined;
  /** Why it could not be started or finished. */
  failed: string | undefined;
}

function isPlain(query: RowQuery): boolean {
  return query.conditions.length === 0 && query.sort === undefined;
}

export class FoundRows {
  #query: RowQuery = { conditions: [] };
  #scan: Scan | undefined;
  /** News of views that the server has not named to us yet: they may overtake the answer. */
  readonly #early = new Map<string, ViewNews>();
  readonly #server: Server;
  readonly #changed: (rowsChanged: boolean) => void;

  /** @param changed called with whether other rows are in the view now, and not only more of them */
  constructor(server: Server, changed: (rowsChanged: boolean) => void) {
    this.#server = server;
    this.#changed = changed;
  }

  get query(): RowQuery {
    return this.#query;
  }

  /** undefined: the whole file, in its order. */
  get scan(): Scan | undefined {
    return this.#scan;
  }

  /** Rows that can be asked for. A sorted view has none before it is complete. */
  get rows(): number {
    const news = this.#scan?.news;
    if (news === undefined) return 0;
    return this.#query.sort !== undefined && news.state === 'running' ? 0 : news.rows;
  }

  get running(): boolean {
    const scan = this.#scan;
    return scan !== undefined && scan.failed === undefined && (scan.news?.state ?? 'running') === 'running';
  }

  /** Shows the rows of a query in place of what was shown. */
  show(query: RowQuery): void {
    this.#drop();
    this.#query = query;
    if (!isPlain(query)) this.#start(query);
    this.#changed(true);
  }

  /** Nobody looks at the rows any more. */
  forget(): void {
    this.#drop();
  }

  /** The server has forgotten all views: asks for this one again, or shows the rows of another query. */
  again(query: RowQuery = this.#query): void {
    this.#scan = undefined;
    this.show(query);
  }

  /** Ends the scan and keeps what it found. */
  stop(): void {
    const id = this.#scan?.id;
    if (id !== undefined) this.#tell(this.#server.ask(STOP_VIEW, { view: id }));
  }

  receive(news: ViewNews): void {
    const scan = this.#scan;
    if (scan === undefined) return;
    if (scan.id === undefined) {
      this.#early.set(news.view, news);
      return;
    }
    if (scan.id !== news.view) return;
    const sortedNow =
      this.#query.sort !== undefined && scan.news?.state === 'running' && news.state !== 'running';
    scan.news = news;
    if (news.state === 'failed') scan.failed = news.message ?? 'The scan failed.';
    this.#changed(sortedNow);
  }

  #start(query: RowQuery): void {
    const scan: Scan = { id: undefined, news: undefined, failed: undefined };
    this.#scan = scan;
    this.#server.ask(QUERY_DATASET, { query }).then(
      ({ view }) => {
        if (this.#scan !== scan) {
          // Replaced while the answer was on its way: only now is there a name to end the scan by.
          this.#tell(this.#server.ask(DROP_VIEW, { view }));
          return;
        }
        scan.id = view;
        scan.news = this.#early.get(view);
        if (scan.news?.state === 'failed') scan.failed = scan.news.message ?? 'The scan failed.';
        this.#early.clear();
        this.#changed(true);
      },
      (error: unknown) => {
        if (this.#scan !== scan) return;
        scan.failed = messageOf(error);
        this.#changed(true);
      },
    );
  }

  #drop(): void {
    this.#early.clear();
    const id = this.#scan?.id;
    this.#scan = undefined;
    if (id !== undefined) this.#tell(this.#server.ask(DROP_VIEW, { view: id }));
  }

  /** A view that is gone already need not be stopped or dropped: nobody waits for these answers. */
  #tell(answer: Promise<null>): void {
    answer.catch(() => undefined);
  }
}
