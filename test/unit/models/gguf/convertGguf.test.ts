// GGUF files become folders that compute what transformers computes with the same file.
// The files and values are from test/reference/gguf_files.py (gguf 0.19.0, torch 2.15.0, transformers 5.23.0).
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBackbone } from '../../../../server/src/models/backbones/backboneFolder.ts';
import { convertGguf } from '../../../../server/src/models/gguf/convertGguf.ts';
import { readGgufHeader } from '../../../../server/src/models/gguf/ggufHeader.ts';
import { resolveModel } from '../../../../server/src/models/hub/resolveModel.ts';
import { CancelledError } from '../../../../server/src/support/errors.ts';
import { nextTokenLogits } from '../../../support/languageHead.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../../../fixtures');
const fixture = (name: string): string => path.join(FIXTURES, 'gguf', name);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'gguf-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The file, its tokenizer's shape, and how its matrices are stored. */
describe.each([
  ['llama', 'smollm2', 'Q4_1'],
  ['llama3', 'llama3', 'Q8_0'],
  ['qwen2', 'qwen', 'F16'],
  ['qwen3', 'qwen', 'Q5_0'],
])('%s', (name, shape, storage) => {
  const converted = (): string => path.join(folder, name);
  beforeAll(async () => {
    await convertGguf(fixture(`${name}.gguf`), converted());
  });

  it('is stored as its name says', async () => {
    const { tensors } = await readGgufHeader(fixture(`${name}.gguf`));
    expect(tensors.get('blk.0.attn_q.weight')?.storage.name).toBe(storage);
    expect(tensors.get('token_embd.weight')?.storage.name).toBe('Q8_0');
  });

  it('has the logits that transformers computes', async () => {
    const { ids, columns, logits } = JSON.parse(readFileSync(fixture(`${name}-golden.json`), 'utf8')) as {
      ids: number[];
      columns: number[];
      logits: number[][];
    };
    const all = await nextTokenLogits(converted(), ids);
    const width = all.length / ids.length;
    const largest = Math.max(...logits.flat().map(Math.abs));
    for (const [position, row] of logits.entries()) {
      for (const [index, expected] of row.entries()) {
        const value = all[position * width + (columns[index] ?? NaN)] ?? NaN;
        // float16 has 11 binary digits; transformers keeps what is dequantised in float32.
        expect(Math.abs(value - expected) / largest).toBeLessThan(1e-3);
      }
    }
  });

  it('has its tokenizer', async () => {
    const { tokenizer } = await openBackbone(converted());
    const lines = readFileSync(path.join(FIXTURES, 'tokenizer', `${shape}-golden.jsonl`), 'utf8').trim();
    const [head, ...rows] = lines.split('\n').map((line) => JSON.parse(line) as unknown);
    expect(tokenizer.beginning).toEqual((head as { beginning: number[] }).beginning);
    for (const { text, ids } of rows as { text: string; ids: number[] }[]) {
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
    }
  });
});

describe('conversion', () => {
  const files = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];

  it('is done once, beside the cache of the Hub, for a model given as a file', async () => {
    const environment = { HF_HOME: path.join(folder, 'home') };
    const file = path.join(folder, 'tiny.GGUF');
    writeFileSync(file, readFileSync(fixture('llama.gguf')));
    const seen: [number, number][] = [];
    const onConvert = (done: number, total: number): void => void seen.push([done, total]);
    const model = await resolveModel(file, { environment, onConvert });
    expect(path.relative(folder, model.folder)).toMatch(/^home\/prm-workbench\/gguf\/tiny-[0-9a-f]{12}$/);
    expect(readdirSync(model.folder).sort()).toEqual(files);
    expect(model).toMatchObject({
      name: file,
      notes: [expect.stringContaining('The weights of tiny.GGUF are used as float16')],
    });
    const [done, total] = seen.at(-1) ?? [];
    expect(done).toBe(total);

    seen.length = 0;
    expect(await resolveModel(file, { environment, onConvert })).toEqual(model);
    expect(seen).toEqual([]);

    // Another file of the same name is another model.
    writeFileSync(file, readFileSync(fixture('qwen3.gguf')));
    expect((await resolveModel(file, { environment })).folder).not.toBe(model.folder);
  });

  it('leaves nothing behind when it is stopped', async () => {
    const stop = new AbortController();
    const converting = convertGguf(fixture('llama.gguf'), path.join(folder, 'stopped'), {
      signal: stop.signal,
      onProgress: () => {
        stop.abort();
      },
    });
    await expect(converting).rejects.toThrow(CancelledError);
    expect(readdirSync(folder).filter((name) => name.startsWith('stopped'))).toEqual([]);
  });
});
