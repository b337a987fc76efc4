// A language model's folder as transformers writes it: its scores against PyTorch's, and everything that can be wrong with it.
// The folder and the golden rows are from test/reference/backbone.py.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBackbone } from '../../../../server/src/models/backbones/backboneFolder.ts';
import { scoringGraph, TENSOR, type GraphModel } from '../../../../server/src/models/backbones/graphs.ts';
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
const NAMES = readdirSync(FIXTURE).filter((name) => name !== 'golden.json');

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

/** The scores that a folder's model gives the golden rows, against those that PyTorch gives. */
async function expectGoldenScores(from: string): Promise<GraphModel> {
  const backbone = await openBackbone(from);
  const { config, tokenizer } = backbone;
  const weights = await backbone.weights(1);
  let last: GraphModel | undefined;
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
    last = model;
  }
  if (last === undefined) throw new Error('There are no golden rows.');
  return last;
}

/** Writes a safetensors file's header anew. @param odd the tensors then lie at odd numbers of bytes */
function rewriteHeader(file: string, change: (header: Record<string, Entry>) => void, odd = false): void {
  const bytes = readFileSync(file);
  const end = 8 + Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString('utf8', 8, end)) as Record<string, Entry>;
  change(header);
  const text = JSON.stringify(header);
  const json = Buffer.from(odd && text.length % 2 === 0 ? `${text} ` : text);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(file, Buffer.concat([length, json, bytes.subarray(end)]));
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

describe('a backbone folder', () => {
  it("gives TRL's token ids and PyTorch's scores, its weights left in their files", async () => {
    const weights = [...(await (await openBackbone(folder)).weights(1)).values()];
    expect(weights.every((weight) => 'file' in weight && weight.type === 'BF16')).toBe(true);
    expect((await expectGoldenScores(folder)).externalFolder).toBe(realpathSync(folder));
  });

  it('may hold links, as the cache of the Hub does', async () => {
    const blobs = at('blobs');
    const snapshot = at('snapshots/main');
    mkdirSync(blobs);
    mkdirSync(snapshot, { recursive: true });
    for (const [index, name] of NAMES.entries()) {
      renameSync(at(name), path.join(blobs, `blob${index}`));
      symlinkSync(path.join('..', '..', 'blobs', `blob${index}`), path.join(snapshot, name));
    }
    expect((await expectGoldenScores(snapshot)).externalFolder).toBe(realpathSync(blobs));
  });

  it('may have its weights in several other folders', async () => {
    for (const name of NAMES.filter((name) => name.endsWith('.safetensors'))) {
      mkdirSync(at(`store of ${name}/below`), { recursive: true });
      renameSync(at(name), at(`store of ${name}/below/weights`));
      symlinkSync(at(`store of ${name}/below/weights`), at(name));
    }
    expect((await expectGoldenScores(folder)).externalFolder).toBe(realpathSync(folder));
  });

  it('may have its weights where they cannot be mapped, an odd number of bytes into the file', async () => {
    for (const name of NAMES.filter((name) => name.endsWith('.safetensors'))) {
      rewriteHeader(at(name), () => undefined, true);
    }
    const weights = [...(await (await openBackbone(folder)).weights(1)).values()];
    expect(weights.every((weight) => 'values' in weight)).toBe(true);
    expect((await expectGoldenScores(folder)).externalFolder).toBeUndefined();
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

  it.each<[string, (header: Record<string, Entry>, names: string[]) => void, RegExp]>([
    [
      'two tensors on the same bytes',
      (header, [first, second]) => (header[second].data_offsets = header[first].data_offsets),
      /Tensor \S+ (overlaps|is \w+ of)/,
    ],
    [
      'a tensor behind the end of the file',
      (header, names) => {
        const last = header[names.at(-1) ?? ''];
        last.data_offsets = [last.data_offsets[0] + 2 ** 40, last.data_offsets[1] + 2 ** 40];
      },
      /cut short: tensor \S+ ends at byte/,
    ],
    [
      'a tensor that starts before the data',
      (header, [first]) => (header[first].data_offsets = [-64, header[first].data_offsets[1] - 64]),
      /Tensor \S+ has no usable dtype, shape and data_offsets/,
    ],
    [
      'a tensor of a petabyte',
      (header, [first]) => (header[first].shape = [2 ** 30, 2 ** 20]),
      /Tensor \S+ is BF16 of \[1073741824, 1048576\]/,
    ],
    [
      'whole numbers of 8 bits',
      (header, [first]) => {
        header[first].dtype = 'I8';
        header[first].shape = [header[first].data_offsets[1] - header[first].data_offsets[0]];
      },
      /Tensor \S+ has element type I8\. Convert it/,
    ],
    [
      'floats of 8 bits',
      (header, [first]) => {
        header[first].dtype = 'F8_E4M3';
        header[first].shape = [header[first].data_offsets[1] - header[first].data_offsets[0]];
      },
      /Tensor \S+ has element type F8_E4M3\. Convert it/,
    ],
  ])('has a header that claims %s', async (_, change, message) => {
    rewriteHeader(at(SHARD), (header) => {
      const names = Object.keys(header).filter((name) => name !== '__metadata__');
      change(
        header,
        names.sort((a, b) => header[a].data_offsets[0] - header[b].data_offsets[0]),
      );
    });
    const text = await refusal();
    expect(text).toMatch(/^FOLDER\/model-00002-of-00002\.safetensors: /);
    expect(text).toMatch(message);
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

  it('names the wrong file for a tensor', async () => {
    edit(
      'model.safetensors.index.json',
      (index) => ((index.weight_map as Record<string, string>)['model.embed_tokens.weight'] = SHARD),
    );
    expect(await refusal()).toMatch(
      /^FOLDER\/model-00002-of-00002\.safetensors: The tensor model\.embed_tokens\.weight is missing, though model\.safetensors\.index\.json names this file/,
    );
  });

  it.each(['{"weight_map": [', '{"weight_map": 3}', '[]'])('has the index %s', async (index) => {
    writeFileSync(at('model.safetensors.index.json'), index);
    expect(await refusal()).toMatch(/^FOLDER\/model\.safetensors\.index\.json: /);
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
