import { describe, expect, it } from 'vitest';
import { Pacer } from '../../../../server/src/generation/sampling/pacer.ts';
import { PassingFailure } from '../../../../server/src/generation/sampling/serverErrors.ts';

const never = new AbortController().signal;

/** Runs that are open, each ended by hand. */
class Requests {
  readonly open: (() => void)[] = [];
  most = 0;

  readonly start = (): Promise<void> => {
    const ended = new Promise<void>((resolve) => this.open.push(resolve));
    this.most = Math.max(this.most, this.open.length);
    return ended;
  };

  /** Ends all that are open, until none comes any more. */
  async drain(): Promise<void> {
    for (let idle = 0; idle < 3;) {
      await new Promise((resolve) => setImmediate(resolve));
      idle = this.open.length === 0 ? idle + 1 : 0;
      for (const end of this.open.splice(0)) end();
    }
  }
}

describe('Pacer', () => {
  it('begins with few at once, and takes more while it goes well, up to the most', async () => {
    const pacer = new Pacer({ most: 5, tries: 1, firstPause: 0 });
    const requests = new Requests();
    const all = Array.from({ length: 60 }, () => pacer.run(requests.start, never));
    await new Promise((resolve) => setImmediate(resolve));
    expect(requests.open.length).toBe(2);
    await requests.drain();
    await Promise.all(all);
    expect(requests.most).toBeLessThanOrEqual(5);
    expect(requests.most).toBeGreaterThan(2);
  });

  it('halves where the server is busy, and tries again', async () => {
    const retries: string[] = [];
    const pacer = new Pacer({ most: 4, tries: 3, firstPause: 0, onRetry: ({ what }) => retries.push(what) });
    let failures = 2;
    const limits: number[] = [];
    const result = await pacer.run(() => {
      limits.push(pacer.limit);
      if (failures-- > 0) return Promise.reject(new PassingFailure('busy', true, 0));
      return Promise.resolve('done');
    }, never);
    expect(result).toBe('done');
    expect(retries).toEqual(['busy', 'busy']);
    expect(limits).toEqual([2, 1, 1]);
  });

  it('gives up after its tries, and at once for other failures', async () => {
    const pacer = new Pacer({ most: 1, tries: 2, firstPause: 0 });
    let calls = 0;
    const fail = (error: Error) =>
      pacer.run(() => {
        calls++;
        return Promise.reject(error);
      }, never);
    await expect(fail(new PassingFailure('down', false))).rejects.toThrow('down');
    expect(calls).toBe(2);
    await expect(fail(new Error('broken'))).rejects.toThrow('broken');
    expect(calls).toBe(3);
  });

  it('ends at an abort while it waits for its turn or for a pause', async () => {
    const pacer = new Pacer({ most: 1, tries: 2, firstPause: 60_000 });
    const stop = new AbortController();
    const requests = new Requests();
    const running = pacer.run(requests.start, stop.signal);
    const waiting = pacer.run(requests.start, stop.signal);
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow();
    await requests.drain();
    await running;

    const other = new AbortController();
    const paused = pacer.run(() => Promise.reject(new PassingFailure('down', false)), other.signal);
    await new Promise((resolve) => setImmediate(resolve));
    other.abort(new Error('stopped'));
    await expect(paused).rejects.toThrow();
  });
});
