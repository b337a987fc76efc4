// Every supported quantisation against the numbers that ggml's own Python package reads from the same bytes.
// The values are from test/reference/gguf_files.py (gguf 0.19.0).
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float16At, toFloat16 } from '../../../../server/src/models/gguf/float16.ts';
import { storageOf, type Storage } from '../../../../server/src/models/gguf/storage.ts';

const GOLDEN = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, '../../../fixtures/gguf/blocks.json'), 'utf8'),
) as Record<string, { bytes: string; values: string }>;

/** All that there are, by name. */
const STORAGES = new Map<string, Storage>();
for (const type of [0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 30]) {
  const storage = storageOf(type, 'test');
  STORAGES.set(storage.name, storage);
}

function float32s(base64: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
}

describe('blocks', () => {
  it.each(Object.keys(GOLDEN))('%s', (name) => {
    const { bytes, values } = GOLDEN[name] ?? { bytes: '', values: '' };
    const stored = Buffer.from(bytes, 'base64');
    const expected = float32s(values);
    const { block = NaN, blockBytes = NaN, dequantise } = STORAGES.get(name) ?? {};
    expect((stored.length / blockBytes) * block).toBe(expected.length);
    const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
    const read = new Float32Array(expected.length);
    for (let index = 0; index < expected.length / block; index++) {
      dequantise?.(view, index * blockBytes, read, index * block);
    }
    const largest = Math.max(...expected.map(Math.abs));
    // ggml rounds scale and product one after the other.
    for (const [index, value] of read.entries()) {
      expect(Math.abs(value - (expected[index] ?? NaN))).toBeLessThanOrEqual(largest * 2e-7);
    }
  });

  it('of every supported type are tested', () => {
    expect([...STORAGES.keys()].filter((name) => !(name in GOLDEN))).toEqual(['F32']);
  });

  it.each([
    [10, 'Q2_K'],
    [23, 'IQ4_XS'],
    [99, 'the unknown type 99'],
  ])('of type %i are refused by name', (type, name) => {
    expect(() => storageOf(type, 'blk.0.attn_q.weight')).toThrow(
      `tensor blk.0.attn_q.weight is stored as ${name}, which is not supported. Take a GGUF file of the model in one of ` +
        'F32, F16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K, BF16, or the model itself with safetensors.',
    );
  });
});

describe('half precision', () => {
  const half = (value: number): number => {
    const bits = toFloat16(Float32Array.of(value));
    return float16At(new DataView(bits.buffer), 0);
  };

  it('of every half-precision number is that number', () => {
    const all = new DataView(Uint16Array.from({ length: 0x1_0000 }, (_, bits) => bits).buffer);
    for (let bits = 0; bits < 0x1_0000; bits++) {
      const value = float16At(all, bits * 2);
      expect(half(value)).toBe(value);
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
