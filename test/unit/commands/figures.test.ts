// How counts and sizes are written on all screens.
import { describe, expect, it } from 'vitest';
import { count, sizeText } from '../../../server/src/commands/figures.ts';

describe('sizeText', () => {
  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [999_949_999, '999.9 MB'],
    [999_950_000, '1.0 GB'],
  ])('writes %i in the largest unit of which there is one', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});

describe('count', () => {
  it('parts thousands', () => {
    expect(count(1_234_567)).toBe('1,234,567');
  });
});
