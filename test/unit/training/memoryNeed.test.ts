// A model that cannot fit is refused with the figures.
import { describe, expect, it } from 'vitest';
import { checkMemoryNeed } from '../../../server/src/training/memoryNeed.ts';

describe('checkMemoryNeed', () => {
  it('refuses what does not fit, with both figures', () => {
    expect(() => {
      checkMemoryNeed(8e9, 24e9);
    }).toThrow(
      'Training 8000 million weights needs more than 128.0 GB, and this machine has 24.0 GB. Train adapters',
    );
  });

  it('lets pass what does', () => {
    expect(() => {
      checkMemoryNeed(135e6, 24e9);
    }).not.toThrow();
  });
});
