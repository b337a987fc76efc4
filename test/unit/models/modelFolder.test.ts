import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  findModelFolder,
  readModelFolder,
  writeModelFolder,
} from '../../../server/src/models/modelFolder.ts';
import { isStored } from '../../../server/src/models/backbones/weight.ts';
import { float32Tensor, writeSafetensors } from '../../../server/src/models/safetensors.ts';
import { SMALL_CONFIG, SMALL_DESCRIPTION, smallModel, writeSmallModel } from '../../support/smallModel.ts';

let root: string;
let good: string;
let folder: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'prm-model-'));
  good = await writeSmallModel(root, 'good');
});
afterAll(() => rm(root, { recursive: true, force: true }));

let copies = 0;
beforeEach(async () => {
  folder = path.join(root, `copy-${copies++}`);
  await cp(good, folder, { recursive: true });
});

async function edit(name: string, change: (contents: Record<string, unknown>) => void): Promise<void> {
  const file = path.join(folder, name);
  const contents = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  change(contents);
  await writeFile(file, JSON.stringify(contents));
}

/** Other weights under a prm.json that vouches for them. */
async function replaceWeights(tensors: Parameters<typeof writeSafetensors>[1]): Promise<void> {
  const { sha256, size } = await writeSafetensors(path.join(folder, 'model.safetensors'), tensors);
  await edit('prm.json', (contents) => (contents.weights = { sha256, bytes: size }));
}

describe('a model folder', () => {
  it('gives back what was written', async () => {
    const written = smallModel();
    const read = await readModelFolder(folder);
    expect(read.config).toEqual({ ...SMALL_CONFIG, attention_bias: false, tie_word_embeddings: false });
    expect(read.description).toEqual(SMALL_DESCRIPTION);
    expect([...read.weights.keys()].sort()).toEqual([...written.weights.keys()].sort());
    for (const [name, weight] of written.weights) expect(read.weights.get(name), name).toEqual(weight);
    expect(read.tokenizer.encode('48 + 2')).toHaveLength(read.tokenizer.encode('12 + 3').length);
    expect(read.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('holds these files, written the same way each time', async () => {
    expect((await readdir(folder)).sort()).toEqual([
      'README.md',
      'config.json',
      'model.safetensors',
      'prm.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    const again = await writeSmallModel(root, 'again');
    for (const name of await readdir(good)) {
      const [first, second] = [await readFile(path.join(good, name)), await readFile(path.join(again, name))];
      expect(first.equals(second), name).toBe(true);
    }
  });

  it('takes the place of an earlier model, itself included, and leaves nothing else behind', async () => {
    await writeModelFolder(folder, { ...(await readModelFolder(folder)), ...smallModel(7) });
    const reread = await readModelFolder(folder);
    await writeModelFolder(folder, reread);
    expect((await readModelFolder(folder)).weights).toEqual(smallModel(7).weights);
    expect((await readdir(root)).filter((name) => /\.(tmp|old)$/.test(name))).toEqual([]);
  });

  it('is never written over a folder with other files in it', async () => {
    const place = path.join(root, 'taken');
    await mkdir(place);
    await writeFile(path.join(place, 'thesis.tex'), 'x');
    await expect(writeModelFolder(place, smallModel())).rejects.toThrow(
      /taken: The folder has other files in it.*Name another folder/,
    );
    expect(await readdir(place)).toEqual(['thesis.tex']);
  });

  it('leaves nothing behind where writing fails', async () => {
    const place = path.join(root, 'failed');
    await expect(
      writeModelFolder(place, { ...smallModel(), tokenizerFile: path.join(root, 'none.json') }),
    ).rejects.toMatchObject({ name: 'PrmError', where: place });
    expect((await readdir(root)).filter((name) => name.startsWith('failed'))).toEqual([]);
  });
});

describe('a damaged model folder', () => {
  async function expectRefusal(file: string, what: RegExp, remedy: RegExp): Promise<void> {
    await expect(readModelFolder(folder)).rejects.toMatchObject({
      name: 'PrmError',
      where: path.join(folder, file),
      what: expect.stringMatching(what) as string,
      remedy: expect.stringMatching(remedy) as string,
    });
  }

  it.each(['config.json', 'model.safetensors', 'prm.json', 'tokenizer.json'])('lacks %s', async (file) => {
    await rm(path.join(folder, file));
    await expectRefusal(file, /^The model folder lacks this file$/, /Copy the whole model folder again/);
  });

  it.each(['config.json', 'prm.json'])('has a %s that is not JSON', async (file) => {
    await writeFile(path.join(folder, file), '{"schema":');
    await expectRefusal(file, /^The file is not JSON/, /damaged: copy the model folder again/);
  });

  it('has a tokenizer.json that is not JSON', async () => {
    await writeFile(path.join(folder, 'tokenizer.json'), '{"model":');
    await expectRefusal('tokenizer.json', /JSON/, /copy it again/);
  });

  it('has cut weights', async () => {
    await truncate(path.join(folder, 'model.safetensors'), 1000);
    await expectRefusal('model.safetensors', /^The file has 1000 bytes, but prm.json says \d+$/, /Copy/);
  });

  it('has altered weights', async () => {
    const file = path.join(folder, 'model.safetensors');
    const bytes = await readFile(file);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(file, bytes);
    await expectRefusal('model.safetensors', /^The weights are not the ones that were written/, /Copy/);
  });

  it('lacks a tensor', async () => {
    await replaceWeights(new Map([['score.weight', float32Tensor(new Float32Array(64), [2, 32])]]));
    await expectRefusal('', /^The tensor model\.embed_tokens\.weight is missing$/, /Copy/);
  });

  it('lacks its head', async () => {
    const tensors = new Map(
      [...smallModel().weights].flatMap(([name, weight]) =>
        name === 'score.weight' || isStored(weight)
          ? []
          : [[name, float32Tensor(weight.values, weight.dims)] as const],
      ),
    );
    await replaceWeights(tensors);
    await expectRefusal('model.safetensors', /^Tensor score\.weight is missing$/, /Copy/);
  });

  it('has a tensor of another shape', async () => {
    await edit('config.json', (contents) => (contents.intermediate_size = 96));
    await expectRefusal(
      'model.safetensors',
      /^Tensor model\.layers\.0\.mlp\.gate_proj\.weight is F32 of \[64, 32\], but config\.json asks for \[96, 32\]$/,
      /Copy/,
    );
  });

  it('has a tokenizer larger than the embedding', async () => {
    await edit('config.json', (contents) => (contents.vocab_size = 100));
    await expectRefusal('tokenizer.json', /^The tokenizer has 4096 entries, but .* only 100$/, /same model/);
  });

  it('is of another architecture', async () => {
    await edit('config.json', (contents) => (contents.model_type = 'bert'));
    await expectRefusal('config.json', /^Not a decoder that can be run here \(model_type/, /qwen3/);
  });

  it('has heads that do not divide', async () => {
    await edit('config.json', (contents) => (contents.num_attention_heads = 3));
    await edit('config.json', (contents) => (contents.num_key_value_heads = 2));
    await expectRefusal(
      'config.json',
      /^num_attention_heads \(3\) is not a multiple of num_key_value_heads \(2\)$/,
      /came with the weights/,
    );
  });

  it.each([
    ['threshold', 1.5, /^threshold: /],
    ['name', undefined, /^name: /],
    ['weights', { sha256: 'abc', bytes: 1 }, /^weights\.sha256: not a sha256/],
  ])('has no usable %s in prm.json', async (field, value, what) => {
    await edit('prm.json', (contents) => (contents[field] = value));
    await expectRefusal('prm.json', what, /damaged/);
  });

  it('was written by a newer version', async () => {
    await edit('prm.json', (contents) => (contents.schema = 2));
    await expectRefusal('prm.json', /newer version \(schema 2, known: 1\)/, /Update PRM Workbench/);
  });

  it('is of a family that nobody knows', async () => {
    await edit('prm.json', (contents) => (contents.family = 'maxi'));
    await expectRefusal('prm.json', /^There is no model family "maxi"$/, /Update/);
  });

  it('is not there, or is a file', async () => {
    await expect(readModelFolder(path.join(root, 'nowhere'))).rejects.toThrow(
      /nowhere: There is no such model folder/,
    );
    await expect(readModelFolder(path.join(folder, 'prm.json'))).rejects.toThrow(
      /This is a file, not a model/,
    );
  });
});

describe('findModelFolder', () => {
  it('takes a model folder, or the best model of a run folder', async () => {
    expect(await findModelFolder(folder)).toBe(folder);
    const run = path.join(root, 'run');
    await cp(good, path.join(run, 'final_model'), { recursive: true });
    expect(await findModelFolder(run)).toBe(path.join(run, 'final_model'));
    await cp(good, path.join(run, 'best_model'), { recursive: true });
    expect(await findModelFolder(run)).toBe(path.join(run, 'best_model'));
  });

  it('says what a folder without a model lacks', async () => {
    await expect(findModelFolder(root)).rejects.toThrow(/The folder holds no model: it has no prm\.json/);
  });
});
