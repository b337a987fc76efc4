// Keeps one dataset process started ahead: a process takes longer to start than the first rows of a file to read.
import type { DatasetChild } from './datasetChild.ts';

/** After one is taken, the next starts when the first rows are surely on screen; milliseconds. */
const REPLACED_AFTER = 2_000;

export class SpareProcess {
  readonly #start: () => DatasetChild;
  #spare: DatasetChild | undefined;
  #timer: NodeJS.Timeout | undefined;
  #disposed = false;

  /** @param start starts a process; throws a PrmError where the system refuses one */
  constructor(start: () => DatasetChild) {
    this.#start = start;
  }

  /** Starts one now, where there is none. */
  prepare(): void {
    if (this.#disposed || this.#spare?.lives === true) return;
    try {
      this.#spare = this.#start();
    } catch {
      // Whoever needs a process hears why there is none.
    }
  }

  /** @throws PrmError where none is there and none can be started */
  take(): DatasetChild {
    const taken = this.#spare?.lives === true ? this.#spare : this.#start();
    this.#spare = undefined;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.prepare(), REPLACED_AFTER);
    this.#timer.unref();
    return taken;
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#timer);
    await this.#spare?.stop();
  }
}
