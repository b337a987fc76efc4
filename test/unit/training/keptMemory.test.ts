// Memory is kept only where a run of another session still fits beside it.
import { describe, expect, it } from 'vitest';
import { memoryIsPlentiful } from '../../../server/src/training/keptMemory.ts';

describe('memoryIsPlentiful', () => {
  const estimate = { process: 1e8, weights: 1e8, trained: 1e8, activations: 2e8, total: 5e8 };

  it('keeps the memory of a session only where a run of another one still fits beside it', () => {
    expect(memoryIsPlentiful(1e8, undefined)).toBe(true);
    expect(memoryIsPlentiful(1e8, { limit: 7e8, estimate })).toBe(true);
    // What is kept already counts.
    expect(memoryIsPlentiful(3.1e8, { limit: 7e8, estimate })).toBe(false);
    expect(memoryIsPlentiful(1e8, { limit: 6.9e8, estimate })).toBe(false);
    expect(memoryIsPlentiful(1e12, undefined)).toBe(false);
  });
});
