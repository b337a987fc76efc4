// Half-precision numbers: each is itself, and others are rounded to the nearest.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float16At, fromFloat16, toFloat16 } from '../../../server/src/models/float16.ts';

describe('half precision', () => {
  const half = (value: number): number => {
    const bits = toFloat16(Float32Array.of(value));
    return float16At(new DataView(bits.buffer), 0);
  };

  it('of every half-precision number is that number', () => {
    const halves = Uint16Array.from({ length: 0x1_0000 }, (_, bits) => bits);
    const all = new DataView(halves.buffer);
    const values = fromFloat16(halves);
    for (let bits = 0; bits < 0x1_0000; bits++) {
      const value = float16At(all, bits * 2);
      expect(half(value)).toBe(value);
      expect(values[bits]).toBe(value);
    }
  });

  it('is the nearest there is', () => {
    fc.assert(
      fc.property(fc.float({ min: -65_504, max: 65_504, noNaN: true }), (value) => {
        const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(value) || 1)));
        expect(Math.abs(half(value) - value)).toBeLessThanOrEqual(2 ** (exponent - 11));
      }),
    );
  });

  it.each([
    [2049, 2048],
    [2051, 2052],
    [2 ** -25, 0],
    [3 * 2 ** -25, 2 ** -23],
    [65_519, 65_504],
    [65_520, Infinity],
    [-1e9, -Infinity],
    [1e-30, 0],
  ])('of %f, a tie or an end, is %f', (value, expected) => {
    expect(half(value)).toBe(expected);
  });
});
