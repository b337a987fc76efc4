// Work in the background that nobody waits for: in short slices, and none while a request is under way.
import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled } from '../../../support/errors.ts';

/** Milliseconds. A request's message may wait for two slices: before it is read, and before it is handled. */
const SLICE = 3;

export class Turns {
  private readonly requests = new Set<Promise<unknown>>();
  /** End of this slice, on the clock of `performance.now()`. */
  private until = 0;

  /** Work that goes first. */
  async first<T>(work: Promise<T>): Promise<T> {
    this.requests.add(work);
    try {
      return await work;
    } finally {
      this.requests.delete(work);
    }
  }

  /** When the background has to call `pause`. */
  get sliceEnd(): number {
    return this.until;
  }

  /**
   * For the background, between two small pieces of work: goes on at once, or with the next slice.
   * @throws CancelledError where the signal was aborted
   */
  async pause(signal: AbortSignal): Promise<void> {
    throwIfCancelled(signal);
    if (this.requests.size === 0 && performance.now() < this.until) return;
    await setImmediate();
    while (this.requests.size > 0) await Promise.allSettled(this.requests);
    throwIfCancelled(signal);
    this.until = performance.now() + SLICE;
  }
}
