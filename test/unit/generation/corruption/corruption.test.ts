import { describe, expect, it } from 'vitest';
import { firstThat } from '../../../../server/src/generation/corruption/corruption.ts';
import { seededRandom } from '../../../../server/src/support/random.ts';

describe('firstThat', () => {
  const upTo = (length: number): number[] => Array.from({ length }, (_, index) => index);

  it('tries each of a few once, and of many a few', () => {
    for (const [length, most] of [
      [9, 9],
      [10_000, 100],
    ] as const) {
      const tried: number[] = [];
      const found = firstThat(upTo(length), seededRandom(3), (item) => void tried.push(item));
      expect(found).toBeUndefined();
      expect(new Set(tried).size).toBe(tried.length);
      expect(tried.length).toBeGreaterThanOrEqual(9);
      expect(tried.length).toBeLessThanOrEqual(most);
    }
  });

  it('ends with the first that gives something', () => {
    expect(firstThat(upTo(20), seededRandom(3), (item) => (item === 7 ? 'seven' : undefined))).toBe('seven');
    expect(firstThat([], seededRandom(3), () => 'something')).toBeUndefined();
  });
});
