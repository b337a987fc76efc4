// Work on streams of items: order, how far ahead is read, and what a failure leaves.
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { inOrder } from '../../../server/src/generation/parallel.ts';

/** Counts how far it was read, and whether it was closed. */
function numbers(count: number) {
  const state = { read: 0, closed: false };
  async function* items(): AsyncGenerator<number> {
    try {
      for (; state.read < count; state.read++) yield await Promise.resolve(state.read);
    } finally {
      state.closed = true;
    }
  }
  return { state, items: items() };
}

describe('inOrder', () => {
  it('gives results in the order of the items, whatever their work takes', async () => {
    let running = 0;
    let most = 0;
    const results: number[] = [];
    for await (const result of inOrder(numbers(50).items, 4, undefined, async (item) => {
      most = Math.max(most, ++running);
      await wait((item * 7) % 5);
      running--;
      return item;
    })) {
      results.push(result);
    }
    expect(results).toEqual(Array.from({ length: 50 }, (_, item) => item));
    expect(most).toBe(4);
  });

  it('reads no further ahead than a few items for each at work', async () => {
    const { state, items } = numbers(1_000);
    for await (const result of inOrder(items, 2, undefined, (item) => Promise.resolve(item))) {
      expect(state.read).toBeLessThan(result + 20);
    }
    expect(state).toEqual({ read: 1_000, closed: true });
  });

  it('stops everything at the first failure, and waits until all is over', async () => {
    const { state, items } = numbers(1_000);
    let open = 0;
    const results = inOrder(items, 4, undefined, async (item, signal) => {
      open++;
      try {
        if (item === 5) throw new Error('five');
        await wait(item === 0 ? 60_000 : 1, undefined, { signal });
      } finally {
        open--;
      }
    });
    await expect(results.next()).rejects.toThrow('five');
    expect(open).toBe(0);
    expect(state.closed).toBe(true);
    expect(state.read).toBeLessThan(10);
  });

  it('ends with the reason of the signal', async () => {
    const stop = new AbortController();
    const results = inOrder(numbers(1_000).items, 2, stop.signal, (item) => {
      if (item === 3) stop.abort(new Error('enough'));
      return Promise.resolve(item);
    });
    await expect(
      (async () => {
        for await (const result of results) expect(result).toBeLessThan(10);
      })(),
    ).rejects.toThrow('enough');
  });

  it('closes its items where nobody wants more results', async () => {
    const { state, items } = numbers(1_000);
    for await (const result of inOrder(items, 2, undefined, (item) => Promise.resolve(item))) {
      if (result === 3) break;
    }
    expect(state.closed).toBe(true);
  });
});
