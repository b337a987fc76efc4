import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportModel, type ExportOptions } from '../../../../server/src/models/export/exportModel.ts';
import { trl } from '../../../../server/src/models/families/trl.ts';
import { readModelFolder, writeModelFolder } from '../../../../server/src/models/modelFolder.ts';
import { readSafetensorsHeader } from '../../../../server/src/models/safetensors.ts';
import { Scorer } from '../../../../server/src/scoring/scorer.ts';
import { CancelledError } from '../../../../server/src/support/errors.ts';
import { writeSmallModel } from '../../../support/smallModel.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../../../fixtures');
const PATH = {
  problem: 'Tom has 3 boxes of 12 pens and gives 5 pens away. How many pens are left?',
  steps: ['He has 3 x 12 = 36 pens.', 'He gives away 5, so 36 - 5 = 30 are left.', '#### 30'],
};

let root: string;
let adapter: string;
let scores: readonly number[];
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'prm-export-'));
  await cp(path.join(FIXTURES, 'backbone'), path.join(root, 'backbone'), { recursive: true });
  const foreign = path.join(root, 'adapters/foreign');
  await cp(path.join(FIXTURES, 'adapter/lora'), foreign, { recursive: true });
  // As `prm train` writes it: without a bias of the head.
  const { headBias, ...model } = await readModelFolder(foreign);
  expect(headBias).toBeDefined();
  adapter = path.join(root, 'adapters/trained');
  await writeModelFolder(adapter, model);
  scores = await scoresOf(adapter);
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function scoresOf(folder: string): Promise<readonly number[]> {
  const scorer = await Scorer.load(folder, { device: 'cpu', threads: 1 });
  const result = await scorer.score(PATH);
  await scorer.dispose();
  return result.scores;
}

async function scoresOfOnnx(folder: string): Promise<number[]> {
  const { tokenizer } = await readModelFolder(adapter);
  const { ids, scorePositions } = trl.encode(PATH, tokenizer);
  const session = await InferenceSession.create(path.join(folder, 'model.onnx'), { intraOpNumThreads: 1 });
  const data = BigInt64Array.from(ids, (id) => BigInt(id));
  const { logits } = await session.run({ input_ids: new Tensor('int64', data, [1, ids.length]) });
  await session.release();
  const values = logits?.data as Float32Array;
  return Array.from(scorePositions, (position) => {
    const [incorrect = NaN, correct = NaN] = values.slice(2 * position, 2 * position + 2);
    return 1 / (1 + Math.exp(incorrect - correct));
  });
}

let exports = 0;
function options(more: Partial<ExportOptions> = {}): ExportOptions {
  const outputDir = path.join(root, `export-${exports++}`);
  return { model: adapter, to: 'hf', outputDir, dtype: 'float32', overwrite: false, ...more };
}

function expectSame(actual: readonly number[], expected: readonly number[], digits: number): void {
  expect(actual).toHaveLength(expected.length);
  for (const [step, score] of actual.entries()) expect(score).toBeCloseTo(expected[step] ?? NaN, digits);
}

describe('an export for transformers', () => {
  it('is the merged model, and scores as the adapter over its base', async () => {
    const asked = options();
    const report = await exportModel(asked);
    expect(report).toMatchObject({ name: 'foreign', folder: asked.outputDir, base: '../../backbone' });
    expect((await readdir(report.folder)).sort()).toEqual([
      'README.md',
      'config.json',
      'model.safetensors',
      'prm.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    const config = JSON.parse(await readFile(path.join(report.folder, 'config.json'), 'utf8')) as unknown;
    expect(config).toMatchObject({ architectures: ['LlamaForTokenClassification'], torch_dtype: 'float32' });
    const { tensors } = await readSafetensorsHeader(path.join(report.folder, 'model.safetensors'));
    expect(tensors.get('score.bias')?.dims).toEqual([2]);
    expectSame(await scoresOf(report.folder), scores, 5);
  });

  it('of a head alone, and of a whole model', async () => {
    const head = await exportModel(options({ model: path.join(FIXTURES, 'adapter/head') }));
    const { tensors } = await readSafetensorsHeader(path.join(head.folder, 'model.safetensors'));
    expect(tensors.has('score.weight')).toBe(true);
    const small = await writeSmallModel(root, 'small');
    const whole = await exportModel(options({ model: small }));
    expect(whole.base).toBeUndefined();
    expect(await scoresOf(whole.folder)).toEqual(await scoresOf(small));
  });

  it('in shards with an index', async () => {
    const { folder } = await exportModel(options({ shardBytes: 40_000 }));
    const names = (await readdir(folder)).filter((name) => name.startsWith('model'));
    expect(names.length).toBeGreaterThan(3);
    expect(names).toContain('model.safetensors.index.json');
    expectSame(await scoresOf(folder), scores, 5);
    const [shard = ''] = names;
    await truncate(path.join(folder, shard), 1000);
    await expect(readModelFolder(folder)).rejects.toThrow(
      /The \d+ weights files have \d+ bytes, but prm\.json says/,
    );
  });

  it.each([
    ['bfloat16', 1],
    ['float16', 2],
  ] as const)('in half the size: %s', async (dtype, digits) => {
    const { folder, bytes } = await exportModel(options({ dtype }));
    const { tensors } = await readSafetensorsHeader(path.join(folder, 'model.safetensors'));
    expect(new Set([...tensors.values()].map(({ type }) => type))).toEqual(
      new Set([dtype === 'float16' ? 'F16' : 'BF16']),
    );
    expect(bytes).toBeLessThan(80_000);
    expectSame(await scoresOf(folder), scores, digits);
  });
});

describe('an export as ONNX', () => {
  it('scores as the adapter over its base', async () => {
    const { folder } = await exportModel(options({ to: 'onnx' }));
    expect((await readdir(folder)).sort()).toEqual([
      'README.md',
      'config.json',
      'model.onnx',
      'model.onnx_data',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    expect((await stat(path.join(folder, 'model.onnx'))).size).toBeLessThan(100_000);
    expectSame(await scoresOfOnnx(folder), scores, 5);
  });

  it('keeps the bias of a head that was trained elsewhere', async () => {
    const foreign = path.join(root, 'adapters/foreign');
    const { folder } = await exportModel(options({ to: 'onnx', model: foreign }));
    const expected = await scoresOf(foreign);
    expect(expected).not.toEqual(scores);
    expectSame(await scoresOfOnnx(folder), expected, 5);
  });
});

describe('where an export goes', () => {
  it('is a new or empty folder, or an earlier export with overwrite', async () => {
    const first = options();
    await mkdir(first.outputDir);
    await exportModel(first);
    await expect(exportModel(first)).rejects.toThrow(/has other files in it.*give --overwrite to replace/);
    await exportModel({ ...first, to: 'onnx', overwrite: true });
    expect(await readdir(first.outputDir)).toContain('model.onnx');
    await exportModel({ ...first, overwrite: true });
    expect(await readdir(first.outputDir)).not.toContain('model.onnx');
  });

  it('is never a folder that something else made', async () => {
    const asked = options({ overwrite: true });
    await mkdir(asked.outputDir);
    await writeFile(path.join(asked.outputDir, 'thesis.tex'), 'x');
    await expect(exportModel(asked)).rejects.toThrow(/has other files in it/);
    expect(await readdir(asked.outputDir)).toEqual(['thesis.tex']);
  });

  it.each(['adapters/trained', 'adapters', 'adapters/trained/merged', 'backbone'])(
    'is never over or inside its own model: %s',
    async (place) => {
      const outputDir = path.join(root, place);
      await expect(exportModel(options({ outputDir, overwrite: true }))).rejects.toThrow(
        /would lie in or over the model that it is made from/,
      );
    },
  );

  it('keeps nothing of an export that was cancelled or failed', async () => {
    const stop = new AbortController();
    const asked = options({
      signal: stop.signal,
      onProgress: () => {
        stop.abort();
      },
    });
    await expect(exportModel(asked)).rejects.toThrow(CancelledError);
    await expect(exportModel({ ...asked, to: 'onnx' })).rejects.toThrow(CancelledError);
    const failing = options({
      onProgress: ({ done }) => {
        if (done > 50_000) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      },
    });
    await expect(exportModel(failing)).rejects.toMatchObject({
      name: 'PrmError',
      where: failing.outputDir,
      what: 'The disk is full',
    });
    const left = (await readdir(root)).filter((name) => name.startsWith('export-'));
    expect(left.filter((name) => [asked, failing].some(({ outputDir }) => outputDir.endsWith(name)))).toEqual(
      [],
    );
    expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
