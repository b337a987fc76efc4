import { cp, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { isStored } from '../../../server/src/models/backbones/weight.ts';
import {
  findModelFolder,
  loadTrained,
  readModelFolder,
  writeModelFolder,
  type AdapterModel,
  type StoredPrmModel,
} from '../../../server/src/models/modelFolder.ts';
import {
  float32Tensor,
  readSafetensors,
  writeSafetensors,
  type StoredTensor,
} from '../../../server/src/models/safetensors.ts';
import { Scorer } from '../../../server/src/scoring/scorer.ts';
import { SMALL_DESCRIPTION } from '../../support/smallModel.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../../fixtures');
const WEIGHTS = 'adapter_model.safetensors';

let root: string;
/** Copies of the adapters that PEFT wrote, beside a copy of their base model. */
let base: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'prm-adapter-'));
  base = path.join(root, 'backbone');
  await cp(path.join(FIXTURES, 'backbone'), base, { recursive: true });
});
afterAll(() => rm(root, { recursive: true, force: true }));

let copies = 0;
let folder: string;
beforeEach(async () => {
  folder = path.join(root, 'adapters', `copy-${copies++}`);
  await cp(path.join(FIXTURES, 'adapter/lora'), folder, { recursive: true });
});

async function editJson(name: string, change: (contents: Record<string, unknown>) => void): Promise<void> {
  const file = path.join(folder, name);
  const contents = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  change(contents);
  await writeFile(file, JSON.stringify(contents));
}

async function editTensors(change: (tensors: Map<string, StoredTensor>) => void): Promise<void> {
  const file = path.join(folder, WEIGHTS);
  const { tensors } = await readSafetensors(file);
  change(tensors);
  await writeSafetensors(file, tensors);
}

function asAdapter(model: StoredPrmModel): AdapterModel {
  if (model.kind !== 'adapter') throw new Error('A whole model.');
  const { kind, config, base: under, settings, tensors, tokenizerFile } = model;
  return { kind, config, base: under, settings, tensors, tokenizerFile, description: SMALL_DESCRIPTION };
}

/** The adapter as `prm train` writes it. */
async function written(name: string): Promise<string> {
  const model = asAdapter(await readModelFolder(folder));
  const place = path.join(root, 'adapters', name);
  await writeModelFolder(place, { ...model, description: { ...SMALL_DESCRIPTION, family: 'trl' } });
  return place;
}

describe('an adapter that PEFT wrote', () => {
  const rows = z.array(z.object({ problem: z.string(), steps: z.array(z.string()) }));
  const golden = z.record(z.string(), z.array(z.array(z.number())));

  it.each(['lora', 'head'])('scores as PEFT does: %s', async (kind) => {
    const paths = rows.parse(JSON.parse(await readFile(path.join(FIXTURES, 'backbone/golden.json'), 'utf8')));
    const expected = golden.parse(
      JSON.parse(await readFile(path.join(FIXTURES, 'adapter/golden.json'), 'utf8')),
    )[kind];
    const scorer = await Scorer.load(path.join(FIXTURES, 'adapter', kind), { device: 'cpu', threads: 1 });
    expect(scorer.loaded).toMatchObject({ name: kind, family: 'trl', threshold: 0.5 });
    for (const [row, reasoning] of paths.entries()) {
      const { scores } = await scorer.score(reasoning);
      expect(scores).toHaveLength(expected?.[row]?.length ?? NaN);
      for (const [step, score] of scores.entries())
        expect(score).toBeCloseTo(expected?.[row]?.[step] ?? NaN, 4);
    }
    expect(new Set(expected?.flat().map((score) => score.toFixed(2))).size).toBeGreaterThan(5);
    await scorer.dispose();
  });

  it('is read with its settings, its head and its base, which is not copied', async () => {
    expect(await findModelFolder(folder)).toBe(folder);
    const model = await readModelFolder(folder);
    expect(model).toMatchObject({
      kind: 'adapter',
      base: { name: '../../backbone', folder: base },
      settings: { rank: 4, alpha: 8, dropout: 0.05 },
    });
    const stored = [...model.weights].filter(([, weight]) => isStored(weight)).map(([name]) => name);
    expect(stored).toEqual([...model.weights.keys()].filter((name) => name !== 'score.weight'));
    expect(model.headBias?.every((value) => value !== 0)).toBe(true);
    // 7 layers in each of 2 blocks, two factors each, and the head.
    expect(asAdapter(model).tensors.size).toBe(29);
  });

  it('has a head with a bias, which is not trained further', async () => {
    await expect(loadTrained(folder)).rejects.toThrow(/Its head has a bias \(score\.bias\)/);
  });
});

describe('an adapter folder', () => {
  it('gives back what was written, in the layout of PEFT', async () => {
    const model = asAdapter(await readModelFolder(folder));
    const place = await written('written');
    expect((await readdir(place)).sort()).toEqual([
      'README.md',
      'adapter_config.json',
      WEIGHTS,
      'config.json',
      'prm.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    const again = await readModelFolder(place);
    expect(again).toMatchObject({ kind: 'adapter', settings: model.settings, base: model.base });
    expect(asAdapter(again).tensors).toEqual(model.tensors);
    expect(await loadTrained(place)).toEqual(model.tensors);
    const { tensors } = await readSafetensors(path.join(place, WEIGHTS));
    expect([...tensors.keys()]).toContain('base_model.model.model.layers.1.mlp.down_proj.lora_B.weight');
    expect([...tensors.keys()].filter((name) => name.includes('score'))).toEqual([
      'base_model.model.score.weight',
      'base_model.model.score.bias',
    ]);
    expect(JSON.parse(await readFile(path.join(place, 'adapter_config.json'), 'utf8'))).toMatchObject({
      peft_type: 'LORA',
      task_type: 'TOKEN_CLS',
      base_model_name_or_path: '../../backbone',
      r: 4,
      lora_alpha: 8,
      modules_to_save: ['score'],
    });
  });

  it('of a head alone gives it back too', async () => {
    const model = asAdapter(await readModelFolder(path.join(FIXTURES, 'adapter/head')));
    expect(model.settings).toBeUndefined();
    const place = path.join(root, 'adapters/head');
    await writeModelFolder(place, { ...model, description: { ...SMALL_DESCRIPTION, family: 'trl' } });
    expect([...(await loadTrained(place)).keys()]).toEqual(['score.weight']);
  });

  it('finds its base again when both are moved together', async () => {
    await written('moved');
    const home = path.join(root, 'elsewhere');
    await cp(path.join(root, 'adapters/moved'), path.join(home, 'adapters/moved'), { recursive: true });
    await cp(base, path.join(home, 'backbone'), { recursive: true });
    const model = await readModelFolder(path.join(home, 'adapters/moved'));
    expect(asAdapter(model).base.folder).toBe(path.join(home, 'backbone'));
  });

  it('says where its base is looked for when it is gone', async () => {
    await written('orphan');
    const home = path.join(root, 'nobase');
    await cp(path.join(root, 'adapters/orphan'), path.join(home, 'adapters/orphan'), { recursive: true });
    await expect(readModelFolder(path.join(home, 'adapters/orphan'))).rejects.toMatchObject({
      name: 'PrmError',
      where: path.join(home, 'adapters/orphan'),
      what: expect.stringMatching(
        /^The adapter's base model \.\.\/\.\.\/backbone is not on this machine/,
      ) as string,
      remedy: `Put the base model at ${path.join(home, 'backbone')}.`,
    });
  });

  it('of a model of the Hub says how to get it', async () => {
    await editJson('adapter_config.json', (config) => {
      config.base_model_name_or_path = 'nobody/nothing-0.1B';
      config.revision = 'main';
    });
    await expect(readModelFolder(folder)).rejects.toThrow(
      /base model nobody\/nothing-0\.1B is not on this machine .*hf download nobody\/nothing-0\.1B --revision main/,
    );
  });

  describe('over a model of the Hub', () => {
    const commit = '0123456789abcdef0123456789abcdef01234567';
    let snapshot: string;
    beforeAll(async () => {
      const cache = path.join(root, 'hub');
      snapshot = path.join(cache, 'models--owner--tiny/snapshots', commit);
      await cp(base, snapshot, { recursive: true });
      vi.stubEnv('HF_HUB_CACHE', cache);
    });
    afterAll(() => {
      vi.unstubAllEnvs();
    });

    it('finds it in the cache by name and commit', async () => {
      const model = asAdapter(await readModelFolder(folder));
      const place = path.join(root, 'of-the-hub');
      await writeModelFolder(place, {
        ...model,
        base: { name: 'owner/tiny', folder: snapshot, revision: commit },
        description: { ...SMALL_DESCRIPTION, family: 'trl' },
      });
      const again = asAdapter(await readModelFolder(place));
      expect(again.base).toEqual({ name: 'owner/tiny', folder: snapshot, revision: commit });
      const config = JSON.parse(await readFile(path.join(place, 'adapter_config.json'), 'utf8')) as unknown;
      expect(config).toMatchObject({ base_model_name_or_path: 'owner/tiny', revision: commit });
      expect(await readFile(path.join(place, 'README.md'), 'utf8')).toContain('base_model: "owner/tiny"');
    });

    it('finds it for an adapter that PEFT wrote', async () => {
      await editJson('adapter_config.json', (config) => {
        config.base_model_name_or_path = 'owner/tiny';
        config.revision = commit;
      });
      expect(asAdapter(await readModelFolder(folder)).base.folder).toBe(snapshot);
    });
  });

  it.each([
    ['weights', 'model-00002-of-00002.safetensors'],
    ['config.json', 'config.json'],
  ])('never runs over another base: other %s', async (part, file) => {
    const place = await written(`over-${part}`);
    const home = path.join(root, `changed-${part}`);
    await cp(place, path.join(home, 'adapters/one'), { recursive: true });
    await cp(base, path.join(home, 'backbone'), { recursive: true });
    await readModelFolder(path.join(home, 'adapters/one'));
    const changed = path.join(home, 'backbone', file);
    if (part === 'config.json') {
      await writeFile(
        changed,
        (await readFile(changed, 'utf8')).replace(/"rms_norm_eps": [^,]+,/, '"rms_norm_eps": 0.01,'),
      );
    } else {
      const bytes = await readFile(changed);
      // The first numbers of a tensor.
      bytes.writeUInt16LE(0x3f80, 8 + Number(bytes.readBigUInt64LE()));
      await writeFile(changed, bytes);
    }
    await expect(readModelFolder(path.join(home, 'adapters/one'))).rejects.toThrow(
      new RegExp(`This is not the base model that the adapter .* was trained on: ${part} differ`),
    );
  });
});

describe('a damaged or foreign adapter', () => {
  async function expectRefusal(file: string, what: RegExp): Promise<void> {
    await expect(readModelFolder(folder)).rejects.toMatchObject({
      name: 'PrmError',
      where: path.join(folder, file),
      what: expect.stringMatching(what) as string,
    });
  }

  it('has no weights', async () => {
    await rm(path.join(folder, WEIGHTS));
    await expectRefusal(WEIGHTS, /^The model folder lacks this file$/);
  });

  it('has cut weights', async () => {
    await truncate(path.join(folder, WEIGHTS), 5000);
    await expectRefusal(WEIGHTS, /cut short/);
  });

  it('has weights that its prm.json does not know', async () => {
    const place = await written('swapped');
    await rename(place, (folder = `${place}-2`));
    const file = path.join(folder, WEIGHTS);
    const bytes = await readFile(file);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(file, bytes);
    await expectRefusal(WEIGHTS, /^The weights are not the ones that were written/);
  });

  it('has another rank than its config says', async () => {
    await editJson('adapter_config.json', (config) => (config.r = 8));
    await expectRefusal(
      WEIGHTS,
      /lora_A\.weight is F32 of \[4, 32\], but adapter_config\.json .* ask for \[8, 32\]$/,
    );
  });

  it('lacks a factor', async () => {
    await editTensors((tensors) => {
      tensors.delete('base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight');
    });
    await expectRefusal(
      WEIGHTS,
      /^Tensor base_model.*layers\.1\.self_attn\.q_proj\.lora_B\.weight is missing$/,
    );
  });

  it('has no head', async () => {
    await editTensors((tensors) => {
      tensors.delete('base_model.model.score.weight');
    });
    await expectRefusal(WEIGHTS, /^It has no head \(base_model\.model\.score\.weight\), so it is no PRM$/);
  });

  it('brings a tensor of its own', async () => {
    await editTensors((tensors) => {
      tensors.set('base_model.model.model.norm.weight', float32Tensor(new Float32Array(32), [32]));
    });
    await expectRefusal(WEIGHTS, /^Tensor model\.norm\.weight belongs to nothing/);
  });

  it.each([
    ['use_rslora', true, /^The adapter uses use_rslora, which is not supported$/],
    ['use_dora', true, /^The adapter uses use_dora/],
    ['rank_pattern', { 'layers.0': 2 }, /^The adapter uses rank_pattern/],
    ['bias', 'all', /^The adapter uses bias "all"/],
    ['peft_type', 'IA3', /^The adapter uses peft_type IA3/],
    ['init_lora_weights', 'pissa', /^The adapter uses init_lora_weights "pissa"/],
    ['modules_to_save', ['embed_tokens', 'score'], /^The adapter uses modules_to_save embed_tokens/],
    ['target_modules', ['q_proj', 'lm_head'], /^target_modules names lm_head$/],
    ['target_modules', 'all-linear', /^target_modules names all-linear$/],
    ['r', 0, /^r: /],
    ['base_model_name_or_path', null, /^The adapter does not say which base model/],
  ])('has %s = %j', async (field, value, what) => {
    await editJson('adapter_config.json', (config) => (config[field] = value));
    await expectRefusal('adapter_config.json', what);
  });
});
