// The summary of the whole file: made when it is first looked at, kept until the file changes.
import { DATASET_SUMMARY } from '../../../protocol/src/datasetSummary.ts';
import { isCancelled, messageOf, type Server } from './server.ts';
import type { SummaryModel } from './summary/model.ts';

export class Summarising {
  readonly #server: Server;
  readonly #changed: () => void;
  #running: AbortController | undefined;
  model: SummaryModel = { summary: undefined, state: 'none' };

  constructor(server: Server, changed: () => void) {
    this.#server = server;
    this.#changed = changed;
  }

  /** Makes one where there is none yet. */
  look(): void {
    if (this.model.state === 'none') this.run();
  }

  run(): void {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.#set({ state: 'running', share: undefined });
    const onProgress = (share: number) => {
      if (!running.signal.aborted) this.#set({ share });
    };
    this.#server.ask(DATASET_SUMMARY, {}, { signal: running.signal, onProgress }).then(
      (summary) => {
        if (!running.signal.aborted) this.#set({ summary, state: 'done', outdated: false });
      },
      (error: unknown) => {
        if (running.signal.aborted) return;
        if (isCancelled(error)) this.#set({ state: this.#rest() });
        else this.#set({ state: { failed: messageOf(error) } });
      },
    );
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#set({ state: this.#rest() });
  }

  /** The file has grown: the summary stays, and says so. */
  outdate(): void {
    if (this.model.summary !== undefined) this.#set({ outdated: true });
  }

  /** The file is another one now. */
  forget(): void {
    this.#running?.abort();
    this.model = { summary: undefined, state: 'none' };
    this.#changed();
  }

  #rest(): 'none' | 'done' {
    return this.model.summary === undefined ? 'none' : 'done';
  }

  #set(change: Partial<SummaryModel>): void {
    this.model = { ...this.model, ...change };
    this.#changed();
  }
}
