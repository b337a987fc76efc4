// Every supported quantisation against the numbers that ggml's own Python package reads from the same bytes.
// The values are from test/reference/gguf_files.py (gguf 0.19.0).
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
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
