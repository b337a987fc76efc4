// The exported graph against PyTorch (the golden files of test/reference/decoders.py), and with any batch and length.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDecoderConfig, type DecoderConfig } from '../../../../server/src/models/backbones/config.ts';
import { writeOnnx } from '../../../../server/src/models/export/onnxFile.ts';
import { readSafetensors, toFloat32 } from '../../../../server/src/models/safetensors.ts';
import type { WrittenType } from '../../../../server/src/models/shards.ts';
import { convertedSource } from '../../../../server/src/models/tensorSource.ts';

const CASES = path.resolve(import.meta.dirname, '../../../fixtures/decoders');
const [BATCH, LENGTH] = [2, 12];

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'prm-onnx-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

interface Case {
  session: InferenceSession;
  config: DecoderConfig;
  /** [BATCH * LENGTH] */
  ids: number[];
  /** PyTorch's, [BATCH * LENGTH, 2] */
  logits: Float32Array;
}

async function open(name: string, type: WrittenType = 'F32'): Promise<Case> {
  const file = path.join(CASES, name, 'config.json');
  const config = parseDecoderConfig(JSON.parse(await readFile(file, 'utf8')), file);
  const { tensors } = await readSafetensors(path.join(CASES, name, 'model.safetensors'));
  const sources = [...tensors].map(([tensor, stored]) =>
    convertedSource(tensor, { dims: stored.dims, values: toFloat32(stored) }, type),
  );
  const bias = convertedSource('score.bias', { dims: [2], values: new Float32Array(2) }, type);
  const folder = await mkdtemp(path.join(root, name));
  await writeOnnx(folder, config, [...sources, bias], {});
  const golden = (await readSafetensors(path.join(CASES, name, 'golden.safetensors'))).tensors;
  const values = (tensor: string): Float32Array => {
    const found = golden.get(tensor);
    if (found === undefined) throw new Error(`No golden ${tensor}.`);
    return toFloat32(found);
  };
  return {
    session: await InferenceSession.create(path.join(folder, 'model.onnx'), { intraOpNumThreads: 1 }),
    config,
    ids: [...values('ids')],
    logits: values('logits'),
  };
}

/** @param rows token ids, padded to one length. @returns logits of each row, [length, 2] */
async function run(session: InferenceSession, rows: readonly (readonly number[])[]): Promise<number[][]> {
  const length = rows[0]?.length ?? 0;
  const data = BigInt64Array.from(rows.flat(), (id) => BigInt(id));
  const { logits } = await session.run({ input_ids: new Tensor('int64', data, [rows.length, length]) });
  expect(logits?.dims).toEqual([rows.length, length, 2]);
  const values = [...(logits?.data as Float32Array)];
  return rows.map((_, row) => values.slice(row * length * 2, (row + 1) * length * 2));
}

function expectClose(actual: readonly number[], expected: ArrayLike<number>, tolerance: number): void {
  const differences = actual.map((value, index) => Math.abs(value - (expected[index] ?? NaN)));
  expect(Math.max(...differences)).toBeLessThan(tolerance);
}

describe('the exported graph', () => {
  it('has a case of every fixture', async () => {
    const names = (await readdir(CASES)).filter((name) => name !== 'README.md');
    expect(names.length).toBeGreaterThan(8);
  });

  it.each([
    'qwen3',
    'qwen3-sliding',
    'qwen2',
    'qwen2-yarn',
    'llama',
    'llama-biased',
    'llama3',
    'llama-linear',
    'mistral',
  ])('gives the logits of PyTorch: %s', async (name) => {
    const { session, ids, logits } = await open(name);
    const rows = Array.from({ length: BATCH }, (_, row) => ids.slice(row * LENGTH, (row + 1) * LENGTH));
    expectClose((await run(session, rows)).flat(), logits, 1e-4);
    await session.release();
  });

  it('takes any batch and length, and padding on the right changes nothing before it', async () => {
    const { session, ids } = await open('qwen3');
    const first = ids.slice(0, LENGTH);
    const [whole = []] = await run(session, [first]);
    for (const length of [1, 2, 7, 11]) {
      const [beginning = []] = await run(session, [first.slice(0, length)]);
      expectClose(beginning, whole, 1e-5);
    }
    const padded = [...first, ...Array.from({ length: 9 }, () => 0)];
    const [alone = [], other = []] = await run(session, [padded, padded.toReversed()]);
    expectClose(alone.slice(0, 2 * LENGTH), whole, 1e-5);
    expect(other).not.toEqual(alone);
    await session.release();
  });

  it.each([
    ['BF16', 0.3],
    ['F16', 0.03],
  ] as const)('computes in float32 over weights stored as %s', async (type, tolerance) => {
    const { session, ids, logits } = await open('llama', type);
    const rows = Array.from({ length: BATCH }, (_, row) => ids.slice(row * LENGTH, (row + 1) * LENGTH));
    const found = (await run(session, rows)).flat();
    expectClose(found, logits, tolerance);
    expect(found).not.toEqual([...logits]);
    await session.release();
  });
});
