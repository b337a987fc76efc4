// The row that is shown as a trace: asks for it, its other paths, more of its steps, its scores.
import { DATASET_TRACE, SCORE_ROW, type TraceView } from '../../../protocol/src/datasets.ts';
import { isCancelled, messageOf, type Server } from './server.ts';
import { withSteps, type TraceModel } from './trace/model.ts';

/** A row by its place in the view or file (undefined where it has none there) and its position in the file. */
export interface OpenRow {
  place: number | undefined;
  position: number;
  /** 0-based. */
  path: number;
}

export type ReadingState = Pick<TraceModel, 'scores' | 'scoring' | 'showJson'> & {
  row: OpenRow | undefined;
  view: TraceView | undefined;
  loading: boolean;
  /** Why the row could not be fetched. */
  failed: string | undefined;
};

export class Reading {
  readonly #server: Server;
  readonly #changed: () => void;
  #asking: AbortController | undefined;
  #scoring: AbortController | undefined;
  #state: ReadingState = closed(false);

  constructor(server: Server, changed: () => void) {
    this.#server = server;
    this.#changed = changed;
  }

  get state(): Readonly<ReadingState> {
    return this.#state;
  }

  /** Shows a row; what was shown stays until the new row is there. */
  open(row: OpenRow): void {
    this.#stopScoring();
    this.#state = { ...this.#state, row, scores: undefined, scoring: 'no' };
    void this.#ask(row, 0, (view) => view);
  }

  /** Asks for the same row again. */
  again(): void {
    if (this.#state.row !== undefined) this.open(this.#state.row);
  }

  path(index: number): void {
    if (this.#state.row !== undefined) this.open({ ...this.#state.row, path: index });
  }

  /** Resolves when the steps are on screen, or why they are not. */
  async moreSteps(firstStep: number): Promise<void> {
    const { row, view } = this.#state;
    if (row === undefined || view === undefined) return;
    await this.#ask(row, firstStep, (slice) => withSteps(view, slice));
  }

  toggleJson(): void {
    this.#set({ showJson: !this.#state.showJson });
  }

  /** The rows were filtered or sorted anew: the row stays, its place is not known. */
  forgetPlace(): void {
    const { row } = this.#state;
    if (row !== undefined) this.#set({ row: { ...row, place: undefined } });
  }

  close(): void {
    this.#asking?.abort();
    this.#stopScoring();
    this.#state = closed(this.#state.showJson);
    this.#changed();
  }

  score(): void {
    const { row } = this.#state;
    if (row === undefined) return;
    this.#stopScoring();
    const scoring = new AbortController();
    this.#scoring = scoring;
    this.#set({ scoring: 'running', scores: undefined });
    const params = { position: row.position, trace: row.path };
    this.#server.ask(SCORE_ROW, params, { signal: scoring.signal }).then(
      (scores) => {
        if (!scoring.signal.aborted) this.#set({ scoring: 'no', scores });
      },
      (error: unknown) => {
        if (scoring.signal.aborted) return;
        this.#set({ scoring: isCancelled(error) ? 'no' : { failed: messageOf(error) } });
      },
    );
  }

  /** Never rejects: what went wrong is part of the state. */
  async #ask(
    { position, path }: OpenRow,
    firstStep: number,
    joined: (answer: TraceView) => TraceView,
  ): Promise<void> {
    this.#asking?.abort();
    const asking = new AbortController();
    const { signal } = asking;
    this.#asking = asking;
    this.#set({ loading: true, failed: undefined });
    try {
      const answer = await this.#server.ask(DATASET_TRACE, { position, trace: path, firstStep }, { signal });
      if (!signal.aborted) this.#set({ loading: false, view: joined(answer) });
    } catch (error) {
      if (signal.aborted) return;
      this.#set({ loading: false, failed: isCancelled(error) ? undefined : messageOf(error) });
    }
  }

  #stopScoring(): void {
    this.#scoring?.abort();
    this.#scoring = undefined;
  }

  #set(change: Partial<ReadingState>): void {
    this.#state = { ...this.#state, ...change };
    this.#changed();
  }
}

function closed(showJson: boolean): ReadingState {
  return {
    row: undefined,
    view: undefined,
    loading: false,
    failed: undefined,
    scores: undefined,
    scoring: 'no',
    showJson,
  };
}
