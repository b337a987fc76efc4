// How many requests run at once: more while the server keeps up, fewer when it says that it is busy or grows slow.
import { setTimeout as wait } from 'node:timers/promises';
import { PassingFailure } from './serverErrors.ts';

export interface PacerOptions {
  /** Most requests at once. */
  most: number;
  /** Tries of one request, the first included. */
  tries: number;
  /** Milliseconds before a second try where the server names no pause; doubled for each further one. */
  firstPause: number;
  /** Told of each failure that is tried again. */
  onRetry?: (failure: PassingFailure) => void;
}

const START = 2;
/** A server whose answers take this many times as long as its fastest ones has enough to do. */
const SLOW = 3;
/** Of our own choice, milliseconds. */
const LONGEST_PAUSE = 60_000;
/** That a server asks for; one that asks for more is asked again all the same. */
const LONGEST_ASKED = 600_000;
/** Weight of the newest duration in the running mean. */
const NEWEST = 0.2;

/** Adds one when as many requests as run at once have gone well, halves when the server is busy (Chiu and Jain, 1989). */
export class Pacer {
  readonly #options: PacerOptions;
  #limit: number;
  #running = 0;
  #well = 0;
  #mean: number | undefined;
  #fastest = Infinity;
  #notBefore = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(options: PacerOptions) {
    this.#options = options;
    this.#limit = Math.min(START, options.most);
  }

  /** Requests that may run at once now. */
  get limit(): number {
    return this.#limit;
  }

  /**
   * Runs one request when there is room, again where it failed for a passing reason.
   * @throws what the request throws; after the last try its PassingFailure
   */
  async run<T>(request: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      await this.#room(signal);
      const started = performance.now();
      try {
        const result = await request();
        this.#wentWell(performance.now() - started);
        return result;
      } catch (error) {
        if (!(error instanceof PassingFailure)) throw error;
        this.#failed(error, attempt);
        if (attempt === this.#options.tries) throw error;
        this.#options.onRetry?.(error);
      } finally {
        this.#running--;
        this.#next();
      }
    }
  }

  async #room(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const pause = this.#notBefore - performance.now();
      if (pause > 0) await wait(pause, undefined, { signal });
      else if (this.#running < this.#limit) break;
      else await this.#turn(signal);
    }
    this.#running++;
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        signal.removeEventListener('abort', go);
        resolve();
      };
      signal.addEventListener('abort', go, { once: true });
      this.#waiting.push(go);
    });
  }

  #next(): void {
    for (const go of this.#waiting.splice(0)) go();
  }

  #wentWell(milliseconds: number): void {
    this.#mean = this.#mean === undefined ? milliseconds : this.#mean + NEWEST * (milliseconds - this.#mean);
    this.#fastest = Math.min(this.#fastest, milliseconds);
    if (++this.#well < this.#limit) return;
    this.#well = 0;
    if (this.#mean > SLOW * this.#fastest) this.#limit = Math.max(1, this.#limit - 1);
    else this.#limit = Math.min(this.#options.most, this.#limit + 1);
  }

  #failed({ busy, pause }: PassingFailure, attempt: number): void {
    this.#well = 0;
    if (busy) this.#limit = Math.max(1, Math.floor(this.#limit / 2));
    const own = Math.min(LONGEST_PAUSE, this.#options.firstPause * 2 ** (attempt - 1));
    const asked = pause === undefined ? own : Math.min(LONGEST_ASKED, pause);
    this.#notBefore = Math.max(this.#notBefore, performance.now() + asked);
  }
}
