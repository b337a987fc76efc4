// Tokenizers of the shapes that supported models have: ids equal to the native Hugging Face library's.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../../server/src/models/tokenizer.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../fixtures/tokenizer');

interface Golden {
  beginning: number[];
  size: number;
  texts: { text: string; ids: number[] }[];
}

/** Made by test/reference/tokenizer_shapes.py. */
function golden(shape: string): Golden {
  const [head, ...texts] = readFileSync(path.join(FOLDER, `${shape}-golden.jsonl`), 'utf8')
    .trim()
    .split('\n');
  return {
    ...(JSON.parse(head ?? '') as { beginning: number[]; size: number }),
    texts: texts.map((line) => JSON.parse(line) as { text: string; ids: number[] }),
  };
}

describe.each(['smollm2', 'qwen', 'llama3', 'mistral', 'mistral-v3'])('a tokenizer shaped as %s', (shape) => {
  const tokenizer = loadTokenizer(path.join(FOLDER, `${shape}.json`));
  const { beginning, size, texts } = golden(shape);

  it('gives the ids of the native library', () => {
    expect(texts.length).toBeGreaterThan(50);
    for (const { text, ids } of texts) expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
  });

  it('has its size and what it puts before every text', () => {
    expect(tokenizer.vocabularySize).toBe(size);
    expect(tokenizer.beginning).toEqual(beginning);
  });
});
