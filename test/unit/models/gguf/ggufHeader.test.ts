// GGUF files that are none, damaged, cut short, or hold what does not run here: each refused with its reason.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convertGguf } from '../../../../server/src/models/gguf/convertGguf.ts';
import { readGgufHeader } from '../../../../server/src/models/gguf/ggufHeader.ts';
import { PrmError } from '../../../../server/src/support/errors.ts';
import { ggufBytes, type GgufEntry, type GgufParts } from '../../../support/ggufBytes.ts';

const REAL = readFileSync(path.resolve(import.meta.dirname, '../../../fixtures/gguf/llama.gguf'));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'gguf-header-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function written(bytes: Buffer): string {
  const file = path.join(folder, 'model.gguf');
  writeFileSync(file, bytes);
  return file;
}

async function refusal(reading: Promise<unknown>): Promise<string> {
  const error: unknown = await reading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PrmError);
  return error instanceof PrmError ? error.what : '';
}

const text = (value: string): GgufEntry => ({ type: 'string', value });
const number = (value: number): GgufEntry => ({ type: 'uint32', value });

describe('a header', () => {
  it('of a whole file tells what is in it', async () => {
    const { metadata, tensors, size } = await readGgufHeader(written(REAL));
    expect(size).toBe(REAL.length);
    expect(metadata.get('general.architecture')).toBe('llama');
    expect(metadata.get('llama.embedding_length')).toBe(64);
    expect(metadata.get('llama.rope.freq_base')).toBe(50_000);
    expect(metadata.get('tokenizer.ggml.add_bos_token')).toBe(false);
    expect(metadata.get('tokenizer.ggml.tokens')).toHaveLength(800);
    expect(tensors.get('blk.1.ffn_gate.weight')).toMatchObject({ dims: [96, 64], length: 96 * 2 * 20 });
  });

  it.each<[string, Buffer, string]>([
    ['an empty file', Buffer.alloc(0), 'it ends inside its header'],
    [
      'another format',
      Buffer.from('PK\u0003\u0004 and so on'),
      'this is not a GGUF file: it does not begin with GGUF',
    ],
    ['an old version', ggufBytes({ version: 1 }), 'it is GGUF version 1, and versions 2 and 3 are supported'],
    [
      'big-endian',
      ggufBytes({ version: 0x03_00_00_00 }),
      'it is a big-endian GGUF file, which is not supported',
    ],
    [
      'more tensors than bytes',
      ggufBytes({ tensorCount: 2 ** 40 }),
      `it is damaged: number of tensors is given as ${2 ** 40}, more than the file could hold`,
    ],
    [
      'more metadata than bytes',
      ggufBytes({ metadataCount: 2 ** 50 }),
      `it is damaged: number of metadata entries is given as ${2 ** 50}, more than the file could hold`,
    ],
    [
      'an array that lies',
      ggufBytes({ metadata: { list: { type: 'strings', value: ['a'], count: 2 ** 33 } } }),
      `it is damaged: length of an array is given as ${2 ** 33}, more than the file could hold`,
    ],
    [
      'a tensor behind the end',
      ggufBytes({ tensors: [{ name: 't', dims: [32], type: 0 }], data: 100 }),
      'tensor t ends at byte 192, and the file has 164',
    ],
    [
      'a tensor at an offset without end',
      ggufBytes({ tensors: [{ name: 't', dims: [32], type: 0, offset: 2 ** 60 }], data: 128 }),
      `tensor t ends at byte ${2 ** 60}, and the file has 192`,
    ],
    [
      'a tensor of dimensions without end',
      ggufBytes({ tensors: [{ name: 't', dims: [2 ** 40, 2 ** 40], type: 0 }], data: 128 }),
      `tensor t ends at byte ${2 ** 82}, and the file has 224`,
    ],
    [
      'a tensor of too many dimensions',
      ggufBytes({ tensors: [{ name: 't', dims: [1, 1, 1, 1, 1], type: 0 }], data: 128 }),
      'tensor t has 5 dimensions',
    ],
    [
      'a row that is no whole block',
      ggufBytes({ tensors: [{ name: 't', dims: [33], type: 3 }], data: 128 }),
      'tensor t has rows of 33 values, which are no whole blocks of 32',
    ],
    [
      'a tensor twice',
      ggufBytes({
        tensors: [
          { name: 't', dims: [1], type: 0 },
          { name: 't', dims: [1], type: 0 },
        ],
        data: 128,
      }),
      'it lists tensor t twice',
    ],
    [
      'an unsupported quantisation',
      ggufBytes({ tensors: [{ name: 't', dims: [256], type: 11 }], data: 128 }),
      'tensor t is stored as Q3_K, which is not supported',
    ],
    [
      'no alignment',
      ggufBytes({ metadata: { 'general.alignment': number(0) } }),
      'its general.alignment is no size',
    ],
  ])('of %s is refused', async (_, bytes, what) => {
    expect(await refusal(readGgufHeader(written(bytes)))).toBe(what);
  });

  it('of no file is refused', async () => {
    expect(await refusal(readGgufHeader(path.join(folder, 'none.gguf')))).toBe('there is no such file');
  });

  it('cut short anywhere is refused', async () => {
    const headerBytes = 20_000;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: headerBytes }), async (length) => {
        expect(await refusal(readGgufHeader(written(REAL.subarray(0, length))))).not.toBe('');
      }),
      { numRuns: 60 },
    );
  });

  it('with any bytes changed is read or refused, and nothing else', { timeout: 20_000 }, async () => {
    const change = fc.tuple(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = Buffer.from(REAL);
        for (const [at, value] of changes) bytes[at] = value;
        const error: unknown = await convertGguf(written(bytes), path.join(folder, 'converted')).catch(
          (thrown: unknown) => thrown,
        );
        if (error !== undefined) expect(error).toBeInstanceOf(PrmError);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a model', () => {
  /** A llama of one layer, without its tensors. */
  const METADATA: Record<string, GgufEntry> = {
    'general.architecture': text('llama'),
    'llama.embedding_length': number(32),
    'llama.block_count': number(1),
    'llama.attention.head_count': number(2),
    'llama.feed_forward_length': number(32),
    'llama.context_length': number(64),
    'llama.attention.layer_norm_rms_epsilon': { type: 'float32', value: 1e-5 },
    'tokenizer.ggml.model': text('gpt2'),
    'tokenizer.ggml.pre': text('gpt-2'),
    'tokenizer.ggml.tokens': { type: 'strings', value: ['a', 'b', 'ab'] },
    'tokenizer.ggml.merges': { type: 'strings', value: ['a b'] },
  };
  const matrix = (name: string, ...dims: number[]) => ({ name, dims, type: 0 });
  /** Dimensions from the inside out. */
  const TENSORS = [
    matrix('token_embd.weight', 32, 3),
    matrix('blk.0.attn_norm.weight', 32),
    ...['q', 'k', 'v'].map((part) => matrix(`blk.0.attn_${part}.weight`, 32, 32)),
    matrix('blk.0.attn_output.weight', 32, 32),
    matrix('blk.0.ffn_norm.weight', 32),
    ...['gate', 'up', 'down'].map((part) => matrix(`blk.0.ffn_${part}.weight`, 32, 32)),
    matrix('output_norm.weight', 32),
  ];
  const WHOLE: GgufParts = { metadata: METADATA, tensors: TENSORS, data: 32 * 32 * 4 };
  const without = (key: string) =>
    Object.fromEntries(Object.entries(METADATA).filter(([name]) => name !== key));
  const converted = (parts: GgufParts) =>
    convertGguf(written(ggufBytes({ ...WHOLE, ...parts })), path.join(folder, 'converted'));

  it('that lacks nothing is converted', async () => {
    await converted({});
  });

  it.each<[string, GgufParts, string]>([
    [
      'architecture',
      { metadata: { ...METADATA, 'general.architecture': text('deepseek2') } },
      'it holds a model of architecture deepseek2, and llama, qwen2, qwen3 are supported',
    ],
    [
      'mixture of experts',
      { metadata: { ...METADATA, 'llama.expert_count': number(8) } },
      'it sets llama.expert_count to 8, which is not supported',
    ],
    [
      'partly turned head',
      { metadata: { ...METADATA, 'llama.rope.dimension_count': number(8) } },
      'its heads have 16 values, of which 8 are turned; heads that are turned in part, or whose values are of another size, are not supported',
    ],
    [
      'table of stretched frequencies',
      { tensors: [...TENSORS, matrix('rope_freqs.weight', 8)] },
      'its rotary embedding is stretched by a table (rope_freqs.weight, as in Llama 3.1 and later), which GGUF stores without its settings',
    ],
    [
      'rope scaling',
      { metadata: { ...METADATA, 'llama.rope.scaling.type': text('longrope') } },
      'rope_scaling of type longrope is not supported; default, linear, llama3 and yarn are',
    ],
    [
      'tokenizer',
      { metadata: { ...METADATA, 'tokenizer.ggml.model': text('llama') } },
      'its tokenizer is llama with words cut as gpt-2, and gpt2 cut as gpt-2, smollm, qwen2, llama-bpe is supported',
    ],
    [
      'way to cut words',
      { metadata: { ...METADATA, 'tokenizer.ggml.pre': text('tekken') } },
      'its tokenizer is gpt2 with words cut as tekken, and gpt2 cut as gpt-2, smollm, qwen2, llama-bpe is supported',
    ],
    [
      'merge of a token that there is not',
      { metadata: { ...METADATA, 'tokenizer.ggml.merges': { type: 'strings', value: ['b a'] } } },
      'its vocabulary and its merges do not fit: "b a"',
    ],
    [
      'token twice',
      { metadata: { ...METADATA, 'tokenizer.ggml.tokens': { type: 'strings', value: ['a', 'a', 'b'] } } },
      'its vocabulary has a token twice',
    ],
    ['missing setting', { metadata: without('llama.block_count') }, 'its metadata lacks llama.block_count'],
    [
      'setting of another type',
      { metadata: { ...METADATA, 'llama.block_count': text('one') } },
      'its metadata has something else than a number as llama.block_count',
    ],
    ['missing tensor', { tensors: TENSORS.slice(0, -1) }, 'it lacks the tensor output_norm.weight'],
    [
      'tensor too many',
      { tensors: [...TENSORS, matrix('blk.0.ssm_a', 32)] },
      'it has a tensor blk.0.ssm_a, which models of this architecture here do not have',
    ],
    [
      'tensor of another shape',
      {
        tensors: TENSORS.map((tensor) =>
          tensor.name.includes('gate') ? { ...tensor, dims: [32, 16] } : tensor,
        ),
      },
      'tensor blk.0.ffn_gate.weight has dimensions [16, 32], and the metadata asks for [32, 32]',
    ],
    [
      'vocabulary larger than the embeddings',
      {
        metadata: { ...METADATA, 'tokenizer.ggml.tokens': { type: 'strings', value: ['a', 'b', 'ab', 'c'] } },
      },
      'its tokenizer has 4 tokens, and its embeddings 3',
    ],
  ])('with an unsupported or wrong %s is refused', async (_, parts, what) => {
    expect(await refusal(converted(parts))).toBe(what);
  });
});
