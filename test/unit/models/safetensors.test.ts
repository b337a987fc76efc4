import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  float32Tensor,
  readSafetensors,
  readSafetensorsHeader,
  toFloat32,
  writeSafetensors,
  type StoredTensor,
} from '../../../server/src/models/safetensors.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'prm-safetensors-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ELEMENT_BYTES = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8 } as const;

/** A file laid out by hand from the format's description, not by the code under test. */
async function handmade(header: unknown, data = new Uint8Array(0)): Promise<string> {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return saved(Buffer.concat([length, json, data]));
}

let files = 0;
async function saved(bytes: Uint8Array): Promise<string> {
  const file = path.join(folder, `file-${files++}.safetensors`);
  await writeFile(file, bytes);
  return file;
}

function storedTensor(type: StoredTensor['type'], dims: number[], values: number[]): StoredTensor {
  const bytes = new Uint8Array(values.length);
  bytes.set(values);
  return { type, dims, bytes };
}

const anyTensor = fc
  .record({
    type: fc.constantFrom('F64', 'F32', 'F16', 'BF16', 'I64'),
    dims: fc.array(fc.nat({ max: 4 }), { maxLength: 3 }),
  })
  .chain(({ type, dims }) => {
    const length = dims.reduce((product, dim) => product * dim, ELEMENT_BYTES[type]);
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((bytes): StoredTensor => ({ type, dims, bytes: new Uint8Array(bytes) }));
  });

describe('round trip', () => {
  it('gives back every tensor, its metadata, its size and its sha256', async () => {
    const tensorName = fc.string({ unit: 'grapheme' }).filter((name) => !name.startsWith('__'));
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(tensorName, anyTensor, { maxKeys: 6, noNullPrototype: true }),
        fc.dictionary(tensorName, fc.string(), { maxKeys: 2, noNullPrototype: true }),
        async (tensors, metadata) => {
          const file = path.join(folder, 'round.safetensors');
          const written = await writeSafetensors(file, new Map(Object.entries(tensors)), metadata);
          const read = await readSafetensors(file);
          expect(Object.fromEntries(read.tensors)).toEqual(tensors);
          expect(read.metadata).toEqual(metadata);
          const bytes = await readFile(file);
          expect(written).toEqual({
            size: bytes.length,
            sha256: createHash('sha256').update(bytes).digest('hex'),
          });
          expect({ size: read.size, sha256: read.sha256 }).toEqual(written);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('aligns every tensor to its element size and leaves no temporary file', async () => {
    const file = path.join(folder, 'aligned.safetensors');
    const tensors = new Map([
      ['half', storedTensor('F16', [1], [1, 2])],
      ['wide', storedTensor('F64', [1], [1, 2, 3, 4, 5, 6, 7, 8])],
      ['float', storedTensor('F32', [1], [1, 2, 3, 4])],
    ]);
    await writeSafetensors(file, tensors);
    const header = await readSafetensorsHeader(file);
    for (const { type, start } of header.tensors.values()) expect(start % ELEMENT_BYTES[type]).toBe(0);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('reading a file made by hand', () => {
  it('reads metadata, a scalar, an empty tensor and padding', async () => {
    const header = {
      __metadata__: { format: 'pt' },
      scalar: { dtype: 'F32', shape: [], data_offsets: [0, 4] },
      empty: { dtype: 'F32', shape: [0, 3], data_offsets: [4, 4] },
    };
    const file = await handmade(
      `${JSON.stringify(header)}      `,
      new Uint8Array(new Float32Array([2.5]).buffer),
    );
    const { tensors, metadata } = await readSafetensors(file);
    expect(metadata).toEqual({ format: 'pt' });
    expect(toFloat32(tensors.get('scalar') ?? expect.fail())).toEqual(new Float32Array([2.5]));
    expect(toFloat32(tensors.get('empty') ?? expect.fail())).toEqual(new Float32Array());
  });

  const one = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
  const data = new Uint8Array(4);
  it.each([
    ['text that is not JSON', '{"a":', data, /header is not JSON/],
    ['a list', [], data, /header is not a JSON object/],
    ['metadata that is no table', { __metadata__: 3, a: one }, data, /__metadata__ is not a table of texts/],
    [
      'a tensor without a shape',
      { a: { dtype: 'F32', data_offsets: [0, 4] } },
      data,
      /Tensor a has no usable/,
    ],
    ['a negative dimension', { a: { ...one, shape: [-1] } }, data, /Tensor a has no usable/],
    ['a dimension beyond 2^53', { a: { ...one, shape: [2 ** 60] } }, data, /Tensor a has no usable/],
    [
      'an unknown element type',
      { a: { ...one, dtype: 'F4' } },
      data,
      /Tensor a has element type F4.*Convert/,
    ],
    [
      'a shape unlike its place',
      { a: { ...one, shape: [2] } },
      data,
      /Tensor a is F32 of \[2\], 8 bytes.*has 4/,
    ],
    ['a shape that overflows', { a: { ...one, shape: [2 ** 40, 2 ** 40] } }, data, /Tensor a is F32/],
    ['too little data', { a: one }, data.subarray(2), /cut short: tensor a ends at byte \d+ of \d+/],
    ['overlapping tensors', { a: one, b: { ...one } }, data, /Tensor b overlaps tensor a/],
    [
      'a hole',
      { a: one, b: { ...one, data_offsets: [8, 12] } },
      new Uint8Array(12),
      /Between tensor a and tensor b/,
    ],
    ['unused bytes at the end', { a: one }, new Uint8Array(9), /Behind tensor a lie 5 unused bytes/],
  ])('refuses %s', async (_, header, bytes, message) => {
    const file = await handmade(header, bytes);
    await expect(readSafetensors(file)).rejects.toThrow(message);
    await expect(readSafetensors(file)).rejects.toMatchObject({ name: 'PrmError', where: file });
    await expect(readSafetensors(file)).rejects.toHaveProperty(
      'remedy',
      expect.stringMatching(/again|Convert/),
    );
  });

  it('refuses an empty file, one shorter than its header says, and an absurd header length', async () => {
    await expect(readSafetensors(await saved(new Uint8Array(0)))).rejects.toThrow(/has 0 bytes, too few/);
    await expect(readSafetensors(await saved(Uint8Array.of(200, 0, 0, 0, 0, 0, 0, 0)))).rejects.toThrow(
      /ends inside its header \(8 of 208 bytes\)/,
    );
    await expect(readSafetensors(await saved(new Uint8Array(16).fill(0xff)))).rejects.toThrow(
      /header is 18446744073709551615 bytes/,
    );
  });

  it('names a file that is not there, and a folder', async () => {
    await expect(readSafetensors(path.join(folder, 'none'))).rejects.toThrow(/none: There is no such file\./);
    await expect(readSafetensors(folder)).rejects.toThrow(/This is a folder/);
  });

  it('never accepts a file with one byte cut off, wherever the data ends', async () => {
    await fc.assert(
      fc.asyncProperty(anyTensor, fc.nat(), async (tensor, cut) => {
        const file = path.join(folder, 'cut.safetensors');
        await writeSafetensors(file, new Map([['t', tensor]]));
        const bytes = await readFile(file);
        await writeFile(file, bytes.subarray(0, cut % bytes.length));
        await expect(readSafetensors(file)).rejects.toMatchObject({ name: 'PrmError' });
      }),
      { numRuns: 50 },
    );
  });
});

describe('writing', () => {
  it('refuses bytes that do not fit the shape', async () => {
    const wrong = new Map([['a', float32Tensor(new Float32Array(3), [2])]]);
    await expect(writeSafetensors(path.join(folder, 'w'), wrong)).rejects.toThrow(
      /a: 12 bytes are not a F32/,
    );
  });

  it('names a folder that is not there', async () => {
    const file = path.join(folder, 'missing', 'w.safetensors');
    await expect(writeSafetensors(file, new Map())).rejects.toMatchObject({ name: 'PrmError', where: file });
  });
});

describe('toFloat32', () => {
  it('converts bfloat16 exactly', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (value) => {
        const bits = new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0;
        const upper = new Uint8Array(Uint16Array.of(bits >>> 16).buffer);
        const expected = new Float32Array(Uint32Array.of(bits & 0xffff0000).buffer);
        expect(toFloat32({ type: 'BF16', dims: [1], bytes: upper })).toEqual(expected);
      }),
    );
  });

  it.each([
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3c00, 1],
    [0x3555, 0.333251953125],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x7e00, NaN],
  ])('reads binary16 %i', (bits, expected) => {
    const bytes = new Uint8Array(Uint16Array.of(bits).buffer);
    expect(toFloat32({ type: 'F16', dims: [1], bytes })[0]).toBe(expected);
  });

  it('rounds float64 and refuses integers', () => {
    const bytes = new Uint8Array(Float64Array.of(0.1).buffer);
    expect(toFloat32({ type: 'F64', dims: [1], bytes })[0]).toBe(Math.fround(0.1));
    expect(() => toFloat32({ type: 'I64', dims: [1], bytes })).toThrow(RangeError);
  });
});
