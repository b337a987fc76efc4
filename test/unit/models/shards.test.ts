import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors, toFloat32 } from '../../../server/src/models/safetensors.ts';
import { hashOf, weightFiles, writeShards, type WrittenType } from '../../../server/src/models/shards.ts';
import { convertedSource } from '../../../server/src/models/tensorSource.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'prm-shards-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Relative rounding of a type, and its smallest step near zero. */
const ROUNDING: Record<WrittenType, [relative: number, absolute: number]> = {
  F32: [0, 0],
  F16: [2 ** -11, 2 ** -25],
  BF16: [2 ** -8, 2 ** -134],
};

const tensor = fc.record({
  dims: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }),
  type: fc.constantFrom<WrittenType>('F32', 'F16', 'BF16'),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
});

describe('writeShards', () => {
  it('writes what safetensors readers read, whatever the types and the size of a shard', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(tensor, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 8, max: 600 }),
        async (tensors, shardBytes) => {
          const folder = await mkdtemp(path.join(root, 'case-'));
          const written = tensors.map(({ dims, type, seed }, index) => {
            const size = dims.reduce((product, dim) => product * dim, 1);
            const values = Float32Array.from(
              { length: size },
              (_, at) => ((seed * (at + 1)) % 1009) / 100 - 5,
            );
            return { name: `tensor ${index}`, dims, type, values };
          });
          const sources = written.map(({ name, type, ...weight }) => convertedSource(name, weight, type));
          const { sha256, bytes } = await writeShards(folder, sources, { shardBytes });
          const files = await weightFiles(folder);
          expect(await hashOf(files)).toBe(sha256);
          const read = new Map<string, { values: Float32Array; file: string }>();
          let size = 0;
          for (const file of files) {
            const shard = await readSafetensors(file);
            size += shard.size;
            for (const [name, stored] of shard.tensors) {
              read.set(name, { values: toFloat32(stored), file: path.basename(file) });
            }
          }
          expect(size).toBe(bytes);
          expect([...read.keys()].sort()).toEqual(written.map(({ name }) => name).sort());
          for (const { name, type, values } of written) {
            const [relative, absolute] = ROUNDING[type];
            for (const [at, value] of values.entries()) {
              const difference = Math.abs((read.get(name)?.values[at] ?? NaN) - value);
              expect(difference).toBeLessThanOrEqual(relative * Math.abs(value) + absolute);
            }
          }
          if (files.length > 1) {
            const index = JSON.parse(
              await readFile(path.join(folder, 'model.safetensors.index.json'), 'utf8'),
            ) as unknown;
            expect(index).toMatchObject({
              weight_map: Object.fromEntries([...read].map(([name, { file }]) => [name, file])),
            });
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('keeps what is no number, and signs of zero', async () => {
    const values = Float32Array.of(NaN, Infinity, -Infinity, -0, 0);
    for (const type of ['F32', 'F16', 'BF16'] as const) {
      const folder = await mkdtemp(path.join(root, 'odd-'));
      await writeShards(folder, [convertedSource('odd', { dims: [5], values }, type)]);
      const { tensors } = await readSafetensors(path.join(folder, 'model.safetensors'));
      const odd = tensors.get('odd');
      expect(odd && toFloat32(odd)).toEqual(values);
    }
  });

  it('refuses a source of another size than it says', async () => {
    const folder = await mkdtemp(path.join(root, 'lying-'));
    const lying = {
      name: 'lying',
      dims: [2],
      type: 'F32',
      bytes: () => Promise.resolve(new Uint8Array(4)),
    } as const;
    await expect(writeShards(folder, [lying])).rejects.toThrow(/lying: 4 bytes instead of 8/);
  });
});
