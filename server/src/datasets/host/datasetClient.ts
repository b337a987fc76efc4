// A dataset as the language server sees it: its process is started, asked, and started again when it dies; a request
// that ends its process twice is the file's fault, and the process is then left alone.
import type { DatasetSummary } from '../../../../protocol/src/datasetSummary.ts';
import type {
  DatasetRows,
  ExportedView,
  RowQuery,
  TraceView,
  ViewNews,
} from '../../../../protocol/src/datasets.ts';
import type { RequestName } from '../../../../protocol/src/requests.ts';
import { CancelledError, PrmError, throwIfCancelled } from '../../support/errors.ts';
import { ProcessDied, type DatasetChild, type Death } from './datasetChild.ts';
import {
  HOST_DROP_VIEW,
  HOST_EXPORT,
  HOST_OPEN,
  HOST_PATH,
  HOST_QUERY,
  HOST_ROWS,
  HOST_ROW_TEXT,
  HOST_STOP_VIEW,
  HOST_SUMMARY,
  HOST_TRACE,
  type ExportRequest,
  type HostChange,
  type HostInfo,
  type ParentChange,
  type PathRequest,
  type RowPath,
  type RowsRequest,
  type RowTextRequest,
  type TraceRequest,
} from './hostMessages.ts';

/** A page, a trace, a file to open: without an answer for so long, milliseconds, the process hangs. */
const ANSWERS_WITHIN = 20_000;
/** A scan's own thread gives up after 60 s of silence; a process that does not even say that, hangs. */
const REPORTS_WITHIN = 70_000;
/** Deaths after which the process is left alone, whatever was asked. */
const MOST_DEATHS = 5;
/** What a process does without having been asked for it. */
const INDEXING = 'counting the rows';
const OPENING = 'opening it';

export interface DatasetListener {
  onChange: (change: ParentChange) => void;
  onView: (view: Omit<ViewNews, 'dataset'>) => void;
}

export class DatasetClient {
  static #names = 0;
  readonly path: string;
  readonly #startProcess: () => DatasetChild;
  readonly #listener: DatasetListener;
  readonly #progress = new Map<string, (share: number) => void>();
  /** What was asked when the process died, and how often. */
  readonly #fatal = new Map<string, number>();
  /** What is being asked now. */
  readonly #asked = new Map<symbol, string>();
  #child: Promise<DatasetChild> | undefined;
  #running: DatasetChild | undefined;
  #isIndexing = false;
  /** undefined before the file was opened for the first time. */
  #state: 'opening again' | 'open' | undefined;
  #deaths = 0;
  /** Why the process is not started any more. */
  #failure: PrmError | undefined;
  #closed = false;

  private constructor(path: string, startProcess: () => DatasetChild, listener: DatasetListener) {
    this.path = path;
    this.#startProcess = startProcess;
    this.#listener = listener;
  }

  /**
   * @param path absolute
   * @throws PrmError where the file cannot be read; CancelledError
   */
  static async open(
    path: string,
    startProcess: () => DatasetChild,
    listener: DatasetListener,
    signal?: AbortSignal,
  ): Promise<{ client: DatasetClient; info: HostInfo }> {
    const client = new DatasetClient(path, startProcess, listener);
    try {
      return { client, info: await client.#open(signal) };
    } catch (error) {
      await client.close();
      throw error instanceof ProcessDied ? client.#diedOf(OPENING, error.death) : error;
    }
  }

  /** Of the process, undefined where none runs. */
  get pid(): number | undefined {
    return this.#running?.pid;
  }

  rows(request: RowsRequest, signal?: AbortSignal): Promise<DatasetRows> {
    const rows = `reading rows ${request.start + 1} to ${request.start + request.count}`;
    return this.#ask(request.view === undefined ? rows : `${rows} of a view`, HOST_ROWS, request, signal);
  }

  trace(request: TraceRequest, signal?: AbortSignal): Promise<TraceView> {
    return this.#ask(`reading row ${request.position + 1}`, HOST_TRACE, request, signal);
  }

  async rowText(request: RowTextRequest, signal?: AbortSignal): Promise<string> {
    const what = `reading row ${request.position + 1}`;
    return (await this.#ask(what, HOST_ROW_TEXT, request, signal)).text;
  }

  rowPath(request: PathRequest, signal?: AbortSignal): Promise<RowPath> {
    return this.#ask(`reading row ${request.position + 1}`, HOST_PATH, request, signal);
  }

  summary(signal: AbortSignal, onProgress: (share: number) => void): Promise<DatasetSummary> {
    const job = this.#name('job');
    return this.#long(job, onProgress, () => this.#ask('summarising it', HOST_SUMMARY, { job }, signal, job));
  }

  /** @returns the view's name; its rows come as news */
  async query(query: RowQuery): Promise<string> {
    const view = this.#name('view');
    await this.#ask('searching it', HOST_QUERY, { view, query });
    return view;
  }

  async stopView(view: string): Promise<void> {
    await this.#ask('stopping a search', HOST_STOP_VIEW, { view });
  }

  async dropView(view: string): Promise<void> {
    await this.#ask('ending a search', HOST_DROP_VIEW, { view });
  }

  exportView(
    request: Omit<ExportRequest, 'job'>,
    signal: AbortSignal,
    onProgress: (share: number) => void,
  ): Promise<ExportedView> {
    const job = this.#name('job');
    return this.#long(job, onProgress, () =>
      this.#ask('exporting its rows', HOST_EXPORT, { ...request, job }, signal, job),
    );
  }

  /** Ends the process; requests that wait reject with a CancelledError. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running?.stop();
    this.#running = undefined;
  }

  /** Unique over all datasets and their processes: whoever still knows a name of an earlier one ends nothing new by it. */
  #name(kind: string): string {
    return `${kind}${++DatasetClient.#names}`;
  }

  async #long<T>(job: string, onProgress: (share: number) => void, work: () => Promise<T>): Promise<T> {
    this.#progress.set(job, onProgress);
    try {
      return await work();
    } finally {
      this.#progress.delete(job);
    }
  }

  /** @param what words that follow "the process ended while": for people, and what tells requests apart */
  async #ask<Params, Result>(
    what: string,
    name: RequestName<Params, Result>,
    params: Params,
    signal?: AbortSignal,
    job?: string,
  ): Promise<Result> {
    const asked = Symbol(what);
    try {
      const child = await this.#ready();
      this.#asked.set(asked, what);
      const silence = job === undefined ? ANSWERS_WITHIN : REPORTS_WITHIN;
      return await child.request(name, params, { silence, job }, signal);
    } catch (error) {
      if (error instanceof ProcessDied) throw this.#failure ?? this.#diedOf(what, error.death);
      throw error;
    } finally {
      this.#asked.delete(asked);
    }
  }

  /** The process with the file open. */
  #ready(): Promise<DatasetChild> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#closed || this.#child === undefined) return Promise.reject(new CancelledError());
    return this.#child;
  }

  async #open(signal?: AbortSignal): Promise<HostInfo> {
    throwIfCancelled(signal);
    const child = this.#startProcess();
    this.#running = child;
    child.follow({
      onChange: (change) => this.#changed(change),
      onView: (view) => this.#listener.onView(view),
      onProgress: (job, share) => this.#progress.get(job)?.(share),
      onDeath: (death) => this.#died(death),
    });
    const opening = child.request(HOST_OPEN, { path: this.path }, { silence: ANSWERS_WITHIN }, signal);
    this.#child = opening.then(() => child);
    // Those who ask get the failure; until then there is nobody to tell.
    this.#child.catch(() => undefined);
    const info = await opening;
    this.#state = 'open';
    this.#isIndexing = !info.known.complete;
    return info;
  }

  #changed(change: HostChange): void {
    if (change.kind === 'known') this.#isIndexing = !change.known.complete;
    if (change.kind === 'replaced') {
      // Another file: what the old one did says nothing about it.
      this.#isIndexing = !change.info.known.complete;
      this.#fatal.clear();
    }
    this.#listener.onChange(change);
  }

  #died(death: Death): void {
    this.#running = undefined;
    // Whoever waits for the first opening is told by its failure.
    if (this.#closed || this.#failure !== undefined || this.#state === undefined) return;
    this.#deaths++;
    const asked = [...new Set([...this.#asked.values(), ...this.#background()])];
    const again = asked.find((what) => this.#fatal.has(what));
    for (const what of asked) this.#fatal.set(what, (this.#fatal.get(what) ?? 0) + 1);
    if (again !== undefined || this.#deaths >= MOST_DEATHS) {
      this.#fail(this.#diedOf(again ?? asked[0], death, true));
      return;
    }
    const { message } = this.#diedOf(asked[0], death);
    this.#state = 'opening again';
    this.#open().then(
      (info) => this.#listener.onChange({ kind: 'restarted', message, info }),
      (error: unknown) => {
        // A process that died meanwhile has been seen to.
        if (error instanceof PrmError) this.#fail(error);
      },
    );
  }

  #background(): string[] {
    if (this.#state === 'opening again') return [OPENING];
    return this.#isIndexing ? [INDEXING] : [];
  }

  #fail(failure: PrmError): void {
    if (this.#closed || this.#failure !== undefined) return;
    this.#failure = failure;
    const running = this.#running;
    this.#running = undefined;
    void running?.stop();
    this.#listener.onChange({ kind: 'gone', message: failure.message });
  }

  #diedOf(what: string | undefined, { how, memory }: Death, forGood = false): PrmError {
    const during = what === undefined ? '' : ` while ${what}`;
    const cause = memory ? 'memory ran out, or the file is damaged' : 'the file is probably damaged';
    return new PrmError({
      where: this.path,
      what: `The process that reads the file ${how}${during}${forGood ? ', and not for the first time' : ''}`,
      remedy: forGood
        ? `It is left alone now: ${cause}. Check the file, or fetch it again; then reload it here.`
        : `It is started again; if this goes on, ${cause}.`,
    });
  }
}
