// Work on many items, several at once; the first failure stops the rest.

/**
 * @param most items at once
 * @param work given the item and a signal that is aborted by the caller's own or by the first failure
 * @throws the first failure, once all work that had begun is over
 */
export async function inParallel<T>(
  items: readonly T[],
  most: number,
  signal: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const all = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const rest = items.values();
  const worker = async (): Promise<void> => {
    // All workers take from the same iterator.
    for (const item of rest) {
      all.throwIfAborted();
      await work(item, all);
    }
  };
  const workers = Array.from({ length: Math.min(most, items.length) }, worker);
  try {
    await Promise.all(workers);
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(workers);
    throw error;
  }
}
