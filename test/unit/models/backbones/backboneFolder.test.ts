// A language model's folder as transformers writes it: its scores against PyTorch's, and everything that can be wrong with it.
// The folder and the golden rows are from test/reference/backbone.py.
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBackbone } from '../../../../server/src/models/backbones/backboneFolder.ts';
import { scoringGraph, TENSOR } from '../../../../server/src/models/backbones/graphs.ts';
import { parameterSpecs } from '../../../../server/src/models/backbones/parameters.ts';
import { familyOf } from '../../../../server/src/models/families/index.ts';
import { createSession } from '../../../../server/src/models/runtime.ts';
import {
  float32Tensor,
  readSafetensors,
  writeSafetensors,
} from '../../../../server/src/models/safetensors.ts';

const FIXTURE = path.resolve(import.meta.dirname, '../../../fixtures/backbone');
const SHARD = 'model-00002-of-00002.safetensors';

interface GoldenRow {
  problem: string;
  steps: string[];
  ids: number[];
  scores: number[];
}

const golden = JSON.parse(readFileSync(path.join(FIXTURE, 'golden.json'), 'utf8')) as GoldenRow[];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'backbone-'));
  cpSync(FIXTURE, folder, { recursive: true });
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const at = (name: string): string => path.join(folder, name);

function edit(name: string, change: (content: Record<string, unknown>) => void): void {
  const content = JSON.parse(readFileSync(at(name), 'utf8')) as Record<string, unknown>;
  change(content);
  writeFileSync(at(name), JSON.stringify(content));
}

describe('a backbone folder', () => {
  it("gives TRL's token ids and PyTorch's scores", async () => {
    const backbone = await openBackbone(folder);
    const { config, tokenizer } = backbone;
    const weights = await backbone.weights(1);
    for (const row of golden) {
      const { ids, scorePositions } = familyOf('trl').encode(row, tokenizer);
      expect([...ids]).toEqual(row.ids);
      const model = scoringGraph(config, { weights }, { batch: 1, length: ids.length });
      const { session } = await createSession(model, { device: 'cpu' });
      const logits = new Float32Array(2 * ids.length);
      await session.run({ [TENSOR.ids]: ids }, { [TENSOR.logits]: logits });
      await session.release();
      const scores = Array.from(
        scorePositions,
        (at) => 1 / (1 + Math.exp(logits[2 * at] - logits[2 * at + 1])),
      );
      expect(scores).toHaveLength(row.scores.length);
      for (const [index, score] of scores.entries()) expect(score).toBeCloseTo(row.scores[index], 4);
    }
  });

  it('without a head starts with one that the seed decides', async () => {
    const { tensors } = await readSafetensors(at('model-00001-of-00002.safetensors'));
    const rest = await readSafetensors(at(SHARD));
    const all = new Map([...tensors, ...rest.tensors].filter(([name]) => !name.startsWith('score.')));
    rmSync(at('model.safetensors.index.json'));
    // Base models have no prefix.
    const base = new Map([...all].map(([name, tensor]) => [name.replace(/^model\./, ''), tensor]));
    await writeSafetensors(at('model.safetensors'), base, {});
    const backbone = await openBackbone(folder);
    const [one, same, other] = [
      await backbone.weights(1),
      await backbone.weights(1),
      await backbone.weights(2),
    ];
    expect([...one.keys()].sort()).toEqual(
      parameterSpecs(backbone.config)
        .map(({ name }) => name)
        .sort(),
    );
    expect(one.get('score.weight')).toEqual(same.get('score.weight'));
    expect(one.get('score.weight')).not.toEqual(other.get('score.weight'));
  });
});

describe('a backbone folder is refused that', () => {
  async function refusal(): Promise<string> {
    const error: unknown = await openBackbone(folder)
      .then(({ weights }) => weights(1))
      .then(
        () => new Error('not refused'),
        (thrown: unknown) => thrown,
      );
    return String(error instanceof Error ? error.message : error).replaceAll(folder, 'FOLDER');
  }

  it('lacks a shard', async () => {
    rmSync(at(SHARD));
    expect(await refusal()).toMatch(/^FOLDER\/model-00002-of-00002\.safetensors: /);
  });

  it('has a shard cut short', async () => {
    truncateSync(at(SHARD), 20_000);
    expect(await refusal()).toMatch(/^FOLDER\/model-00002-of-00002\.safetensors: /);
  });

  it('has a header that is cut or lies', async () => {
    truncateSync(at(SHARD), 100);
    expect(await refusal()).toMatch(/^FOLDER\/model-00002-of-00002\.safetensors: /);
    const lying = Buffer.from(readFileSync(path.join(FIXTURE, SHARD)));
    lying.writeBigUInt64LE(2n ** 40n);
    writeFileSync(at(SHARD), lying);
    expect(await refusal()).toMatch(/^FOLDER\/model-00002-of-00002\.safetensors: /);
  });

  it('has a tensor of another shape', async () => {
    edit('config.json', (config) => (config.intermediate_size = 64));
    expect(await refusal()).toMatch(/is BF16 of \[.*\], but config\.json asks for \[.*64.*\]/);
  });

  it('lacks a tensor', async () => {
    edit(
      'model.safetensors.index.json',
      (index) => delete (index.weight_map as Record<string, string>)['model.norm.weight'],
    );
    expect(await refusal()).toBe(
      'FOLDER: The tensor model.norm.weight is missing. Copy or download the whole model folder again.',
    );
  });

  it('names a file outside of it', async () => {
    edit('model.safetensors.index.json', (index) => {
      (index.weight_map as Record<string, string>)['model.norm.weight'] = '../../etc/passwd';
    });
    expect(await refusal()).toMatch(/^FOLDER\/passwd: /);
  });

  it('is of an unknown architecture', async () => {
    edit('config.json', (config) => (config.model_type = 'mamba'));
    expect(await refusal()).toMatch(/^FOLDER\/config\.json: Not a decoder that can be run here \(model_type/);
  });

  it('has a tokenizer that does not fit the embedding', async () => {
    edit('config.json', (config) => (config.vocab_size = 300));
    expect(await refusal()).toMatch(/^FOLDER\/tokenizer\.json: The tokenizer has 512 entries, .* only 300/);
  });

  it('has a head with a bias', async () => {
    const index = JSON.parse(readFileSync(at('model.safetensors.index.json'), 'utf8')) as {
      weight_map: Record<string, string>;
    };
    const file = at(index.weight_map['score.bias'] ?? '');
    const { tensors } = await readSafetensors(file);
    await writeSafetensors(
      file,
      new Map([...tensors, ['score.bias', float32Tensor(Float32Array.of(0, 1), [2])]]),
      {},
    );
    expect(await refusal()).toMatch(/score\.bias is not zero/);
  });

  it('has no config', async () => {
    rmSync(at('config.json'));
    expect(await refusal()).toMatch(/^FOLDER\/config\.json: The model folder lacks this file/);
  });
});
