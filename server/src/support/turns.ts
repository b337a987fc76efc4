// Runs pieces of asynchronous work one after the other, in the order in which they were asked for.

export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** @returns what the work returns or throws; a failure does not keep the next piece from its turn */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
