// The tokenizer: ids equal to the native one, any text comes back, text never becomes a special token, clear errors.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { MINI_SPECIAL_TOKENS, MINI_VOCABULARY_SIZE } from '../../../server/src/models/families/mini.ts';
import { loadTokenizer } from '../../../server/src/models/tokenizer.ts';
import { PrmError } from '../../../server/src/support/errors.ts';
import { byteAlphabet, learnMerges } from '../../../scripts/bytePairEncoding.ts';

const FILE = 'server/assets/mini/tokenizer.json';
const tokenizer = loadTokenizer(FILE);
const library = new HuggingFaceTokenizer(JSON.parse(readFileSync(FILE, 'utf8')) as object, {
  clean_up_tokenization_spaces: false,
});
const decode = (ids: number[]) => (ids.length === 0 ? '' : library.decode(ids));

describe('the mini tokenizer', () => {
  it('gives the ids of the native Hugging Face tokenizer', () => {
    const lines = readFileSync('test/fixtures/tokenizer/mini-golden.jsonl', 'utf8').trim().split('\n');
    expect(lines).toHaveLength(40);
    for (const line of lines) {
      const { text, ids } = JSON.parse(line) as { text: string; ids: number[] };
      expect(tokenizer.encode(text), text).toEqual(ids);
    }
  });

  it('has the special tokens first, and the size that the model is built with', () => {
    expect(MINI_SPECIAL_TOKENS.map((token) => tokenizer.idOf(token))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(tokenizer.vocabularySize).toBe(MINI_VOCABULARY_SIZE);
    expect(tokenizer.idOf('<|nothing|>')).toBeUndefined();
  });

  it('cuts numbers into digits', () => {
    const ids = (text: string) => tokenizer.encode(text);
    expect(ids('12345')).toEqual(['1', '2', '3', '4', '5'].flatMap(ids));
    expect(ids(' 12')).toHaveLength(2);
  });

  it('gives any text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const ids = tokenizer.encode(text);
        expect(decode(ids)).toBe(text);
        expect(ids.every((id) => id >= MINI_SPECIAL_TOKENS.length && id < MINI_VOCABULARY_SIZE)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('never turns text into a special token', () => {
    const piece = fc.oneof(fc.constantFrom(...MINI_SPECIAL_TOKENS), fc.string({ maxLength: 5 }));
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        const ids = tokenizer.encode(text);
        expect(ids.filter((id) => id < MINI_SPECIAL_TOKENS.length)).toEqual([]);
        expect(decode(ids)).toBe(text);
      }),
    );
  });

  it('replaces half a surrogate pair, which no UTF-8 can hold', () => {
    expect(decode(tokenizer.encode('a\ud83cb'))).toBe('a\ufffdb');
  });
});

describe('loadTokenizer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'prm-tokenizer-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const failure = (content: string): PrmError => {
    const file = join(folder, 'tokenizer.json');
    writeFileSync(file, content);
    try {
      loadTokenizer(file);
    } catch (error) {
      if (error instanceof PrmError) return error;
      throw error;
    }
    throw new Error('no error');
  };

  it('says which file is missing', () => {
    const file = join(folder, 'nowhere', 'tokenizer.json');
    expect(() => loadTokenizer(file)).toThrow(PrmError);
    expect(() => loadTokenizer(file)).toThrow(`${file}: There is no such tokenizer file`);
  });

  it.each([
    ['a file cut short', readFileSync(FILE, 'utf8').slice(0, 5000), 'not JSON'],
    ['a list', '[]', 'not a tokenizer'],
    ['no model', '{"added_tokens":[]}', 'not a tokenizer: model'],
    ['a vocabulary of strings', '{"model":{"type":"BPE","vocab":{"a":"1"},"merges":[]}}', 'not a tokenizer'],
    ['an unknown kind', '{"model":{"type":"Magic","vocab":{"a":1}}}', 'not a tokenizer: model.type'],
    [
      'an unknown step',
      '{"model":{"type":"BPE","vocab":{"a":1},"merges":[]},"pre_tokenizer":{"type":"Magic"}}',
      'cannot be read',
    ],
  ])('says what is wrong with %s', (_name, content, message) => {
    const error = failure(content);
    expect(error.message).toContain(message);
    expect(error.where).toBe(join(folder, 'tokenizer.json'));
    expect(error.remedy).toMatch(/\.$/);
  });

  it('keeps tokens that are added but not special', () => {
    const content = JSON.parse(readFileSync(FILE, 'utf8')) as { added_tokens: object[] };
    content.added_tokens.push({ id: 4096, content: '<think>', special: false, normalized: false });
    const file = join(folder, 'added.json');
    writeFileSync(file, JSON.stringify(content));
    const added = loadTokenizer(file);
    expect(added.vocabularySize).toBe(4097);
    expect(added.encode('<think>')).toEqual([4096]);
  });
});

describe('learnMerges', () => {
  it('joins the most frequent pair first and breaks ties by code unit order', () => {
    // "ab" 5 times, then "abc" and "de" 3 times each: "ab"+"c" comes before "d"+"e".
    const words = new Map([
      ['ab', 2],
      ['abc', 3],
      ['de', 3],
      ['once', 1],
    ]);
    expect(learnMerges(words, 10)).toEqual([
      ['a', 'b'],
      ['ab', 'c'],
      ['d', 'e'],
    ]);
  });

  it('writes bytes as GPT-2 does', () => {
    const alphabet = byteAlphabet();
    expect(new Set(alphabet).size).toBe(256);
    expect([alphabet[0x20], alphabet[0x0a], alphabet[0x41], alphabet[0xad]]).toEqual(['Ġ', 'Ċ', 'A', 'Ń']);
  });
});
