// How often a crashing server is started again before it is left to the person.

/** Crashes that are followed by a restart, within WINDOW. */
const RESTARTS = 3;
/** Milliseconds. */
const WINDOW = 3 * 60_000;

export class RestartLimit {
  #times: number[] = [];

  /** Crashes within the window, the newest included. */
  get crashes(): number {
    return this.#times.length;
  }

  /** Counts a crash; true where the server should be started again. @param now milliseconds */
  allows(now: number): boolean {
    this.#times = [...this.#times.filter((time) => now - time < WINDOW), now];
    return this.#times.length <= RESTARTS;
  }
}
