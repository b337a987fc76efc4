// Work on a stream of items, several at once; the first failure stops the rest.

/** Results that may wait for an earlier one, for each item at work. */
const AHEAD = 4;

/**
 * Gives the results in the order of the items, and reads no further ahead than it has to, so that neither items nor results pile up.
 * @param most items at once
 * @param work given the item and a signal that is aborted by the caller's own or by the first failure
 * @throws the first failure, of the work or of the stream, once all work that had begun is over
 */
export async function* inOrder<T, R>(
  items: AsyncIterable<T>,
  most: number,
  signal: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): AsyncGenerator<R> {
  const stop = new AbortController();
  const all = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const waiting: Promise<R>[] = [];
  const running = new Set<Promise<void>>();
  const begin = (item: T): void => {
    const result = work(item, all);
    waiting.push(result);
    const over: Promise<void> = result
      .then(
        () => undefined,
        (error: unknown) => {
          stop.abort(error);
        },
      )
      .finally(() => running.delete(over));
    running.add(over);
  };
  try {
    for await (const item of items) {
      all.throwIfAborted();
      begin(item);
      while (running.size >= most) await Promise.race(running);
      for (const result of waiting.splice(0, waiting.length - AHEAD * most)) yield await result;
    }
    for (const result of waiting.splice(0)) yield await result;
  } finally {
    stop.abort();
    await Promise.all(running);
  }
}
