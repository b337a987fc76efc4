// What a dataset process does: one file, its pages, its views and scans, and what happens to the file meanwhile.
import { stat } from 'node:fs/promises';
import type { DatasetSummary } from '../../../../protocol/src/datasetSummary.ts';
import type { DatasetRows, ExportedView, KnownRows, TraceView } from '../../../../protocol/src/datasets.ts';
import { CancelledError, PrmError } from '../../support/errors.ts';
import { DatasetFile, unreadable } from './datasetFile.ts';
import { followFile } from './fileFollower.ts';
import type {
  ExportRequest,
  HostChange,
  HostInfo,
  HostView,
  PathRequest,
  QueryRequest,
  RowPath,
  RowsRequest,
  RowTextRequest,
  TraceRequest,
  ViewRequest,
} from './hostMessages.ts';
import { Scans } from './scans.ts';
import type { ScanChoices } from './scanThread.ts';
import { Views } from './views.ts';

/** Between two pieces of news about how many rows are known, milliseconds. */
const KNOWN_INTERVAL = 100;

export interface HostNews {
  onChange: (change: HostChange) => void;
  onView: (view: HostView) => void;
}

export class DatasetHost {
  readonly #news: HostNews;
  readonly #scans: Scans;
  readonly #views: Views;
  #path = '';
  #opened: DatasetFile | undefined;
  #summary: DatasetSummary | undefined;
  /** Counts changes of the file: a summary that began before one is not kept. */
  #changes = 0;
  /** What is wrong with the file now, as it was told. */
  #trouble: string | undefined;
  #indexing = new AbortController();

  constructor(scanning: ScanChoices, news: HostNews) {
    this.#news = news;
    this.#scans = new Scans(scanning);
    this.#views = new Views(
      (query, hooks) => this.#scans.run({ kind: 'query', path: this.#path, query }, hooks),
      (view) => this.#news.onView(view),
    );
  }

  /** @throws PrmError where the file cannot be read */
  async open(path: string): Promise<HostInfo> {
    const file = await DatasetFile.open(path);
    this.#path = path;
    this.#opened = file;
    followFile(path, () => this.#look());
    this.#index(file);
    return file.info;
  }

  async rows({ view, start, count }: RowsRequest, signal: AbortSignal): Promise<DatasetRows> {
    const file = this.#file();
    if (view === undefined) return file.rows(start, count, signal);
    const { positions, known } = this.#views.rows(view, start, count);
    return { start, rows: await file.rowsAt(positions, signal), known };
  }

  trace(request: TraceRequest, signal: AbortSignal): Promise<TraceView> {
    return this.#file().trace(request, signal);
  }

  async rowText(request: RowTextRequest, signal: AbortSignal): Promise<{ text: string }> {
    return { text: await this.#file().rowText(request, signal) };
  }

  path(request: PathRequest, signal: AbortSignal): Promise<RowPath> {
    return this.#file().path(request, signal);
  }

  /** Reads the whole file once; kept until the file changes. */
  async summary(signal: AbortSignal, onProgress: (share: number) => void): Promise<DatasetSummary> {
    if (this.#summary !== undefined) return this.#summary;
    const changes = this.#changes;
    const summary = await this.#scans.run(
      { kind: 'summary', path: this.#path },
      { signal, onProgress: ({ share }) => onProgress(share) },
    );
    if (changes === this.#changes) this.#summary = summary;
    return summary;
  }

  query({ view, query }: QueryRequest): null {
    this.#file();
    this.#views.start(view, query);
    return null;
  }

  stopView({ view }: ViewRequest): null {
    this.#views.stop(view);
    return null;
  }

  dropView({ view }: ViewRequest): null {
    this.#views.drop(view);
    return null;
  }

  /** @throws PrmError where the view is gone or grows, or the file to write is the dataset itself */
  async export(
    { view, format, file }: ExportRequest,
    signal: AbortSignal,
    onProgress: (share: number) => void,
  ): Promise<ExportedView> {
    this.#file();
    await refuseSameFile(this.#path, file);
    const positions = view === undefined ? undefined : this.#views.positions(view);
    return this.#scans.run(
      { kind: 'export', path: this.#path, positions, format, file },
      { signal, onProgress: ({ share }) => onProgress(share) },
    );
  }

  #file(): DatasetFile {
    if (this.#opened === undefined) throw new PrmError({ what: 'No dataset is open in this process' });
    return this.#opened;
  }

  /** Finds the rows' places in the background; pages are answered between its slices. */
  #index(file: DatasetFile): void {
    const allKnown = file.known.complete;
    this.#indexing = new AbortController();
    const { signal } = this.#indexing;
    let told = performance.now();
    const tell = (known: KnownRows): void => {
      told = performance.now();
      this.#news.onChange({ kind: 'known', known: { ...known } });
    };
    file.table
      .index({
        signal,
        onProgress: (known) => {
          if (performance.now() - told >= KNOWN_INTERVAL) tell(known);
        },
      })
      .then(() => {
        if (!signal.aborted && !allKnown) tell(file.known);
      })
      .catch((error: unknown) => {
        // Also where the read under way fails because the file was closed.
        if (signal.aborted || error instanceof CancelledError) return;
        // The rows found so far can be read; the file is not opened again before it changes.
        this.#news.onChange({ kind: 'gone', message: unreadable(this.#path, error).message });
      });
  }

  async #look(): Promise<void> {
    const file = this.#file();
    try {
      const change = await file.table.look();
      if (change === 'gone') {
        this.#troubled(
          `${this.#path} is gone. The rows that were read stay here; when the file is back, it is read again.`,
        );
      } else if (change === 'replaced' || this.#trouble !== undefined) {
        await this.#replace(file);
      } else if (change === 'grown') {
        this.#grow(file);
      }
    } catch (error) {
      // The new file cannot be read, or not yet: whoever writes it may still be at it. The next look tries again.
      this.#troubled(unreadable(this.#path, error).message);
    }
  }

  #grow(file: DatasetFile): void {
    this.#changes++;
    this.#summary = undefined;
    file.grown();
    this.#indexing.abort();
    this.#index(file);
  }

  async #replace(old: DatasetFile): Promise<void> {
    const file = await DatasetFile.open(this.#path);
    this.#indexing.abort();
    this.#changes++;
    this.#summary = undefined;
    this.#trouble = undefined;
    this.#views.clear();
    this.#opened = file;
    this.#news.onChange({ kind: 'replaced', info: file.info });
    this.#index(file);
    await old.retire();
  }

  #troubled(message: string): void {
    if (this.#trouble === message) return;
    this.#trouble = message;
    this.#news.onChange({ kind: 'gone', message });
  }
}

async function refuseSameFile(dataset: string, file: string): Promise<void> {
  // Either may be missing: a dataset that is gone is told by the thread that opens it.
  const [here, there] = await Promise.all([dataset, file].map((name) => stat(name).catch(() => undefined)));
  if (here === undefined || here.ino !== there?.ino || here.dev !== there.dev) return;
  throw new PrmError({
    where: file,
    what: 'This is the dataset itself, which is being read',
    remedy: 'Choose another file name.',
  });
}
