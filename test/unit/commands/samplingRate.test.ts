// The note of a progress line: rates of the last seconds, what was paid, and the time left.
import { describe, expect, it } from 'vitest';
import { SamplingRate } from '../../../server/src/commands/samplingRate.ts';

/** One sample of 100 tokens every half second, after 50 from the cache; `fast` until the tenth second. */
function after(seconds: number, fast = 1) {
  let now = 0;
  const rate = new SamplingRate(() => now);
  let shown: ReturnType<SamplingRate['update']> = ['', null];
  for (let half = 0; half <= 2 * seconds; half++) {
    now = half / 2;
    const asked = Math.min(half, 20) * fast + Math.max(0, half - 20);
    shown = rate.update({
      wanted: 1050,
      done: 50 + asked,
      cached: 50,
      requests: asked,
      promptTokens: 10 * asked,
      completionTokens: 100 * asked,
      limit: 4,
    });
  }
  return shown;
}

describe('SamplingRate', () => {
  it('tells nothing of the speed in the first second', () => {
    expect(after(0)).toEqual(['50 from the cache', null]);
    expect(after(0.5)).toEqual(['110 tokens so far, 50 from the cache, 4 at once', null]);
  });

  it('tells samples and tokens a second, what was paid, and the time left for what is not in the cache', () => {
    const [note, left] = after(10);
    expect(note).toBe('2.0 samples/s, 200 tokens/s, 2,200 tokens so far, 50 from the cache, 4 at once');
    expect(left).toBe(490);
  });

  it('goes by the last half minute', () => {
    const [note, left] = after(60, 10);
    expect(note).toMatch(/^2\.0 samples\/s, 200 tokens\/s/);
    expect(left).toBeCloseTo((1000 - 300) / 2, 0);
  });
});
