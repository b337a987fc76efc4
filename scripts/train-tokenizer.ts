// Trains the mini model's tokenizer: byte-level BPE, digits one by one, written in Hugging Face's tokenizer.json format.
// Usage: npx tsx scripts/train-tokenizer.ts GSM8K_TRAIN.jsonl [server/assets/mini/tokenizer.json]
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { MINI_SPECIAL_TOKENS, MINI_VOCABULARY_SIZE } from '../server/src/models/families/mini.ts';
import { byteAlphabet, learnMerges } from './bytePairEncoding.ts';

/**
 * How text is cut before merging; merges never cross a cut. GPT-2's pattern with two changes: a digit is cut from the
 * digit before it, and white space is spelled out, because `\s` means different characters in Rust and in JavaScript.
 */
const WORD_PATTERN =
  "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}| ?[^ \\t\\n\\r\\v\\f\\p{L}\\p{N}]+|[ \\t\\n\\r\\v\\f]+(?![^ \\t\\n\\r\\v\\f])|[ \\t\\n\\r\\v\\f]+";

const row = z.object({ question: z.string(), answer: z.string() });

function main(): void {
  const [input, output = 'server/assets/mini/tokenizer.json'] = process.argv.slice(2);
  if (input === undefined) {
    console.error('Usage: npx tsx scripts/train-tokenizer.ts GSM8K_TRAIN.jsonl [OUTPUT]');
    process.exitCode = 2;
    return;
  }
  const words = new Map<string, number>();
  const pattern = new RegExp(WORD_PATTERN, 'gu');
  for (const line of readFileSync(input, 'utf8').split('\n')) {
    if (line === '') continue;
    const { question, answer } = row.parse(JSON.parse(line));
    // The answer's lines one by one: the model reads steps, and a step has no line break at its end.
    for (const text of [question, ...answer.split('\n')]) {
      for (const [word] of text.matchAll(pattern)) words.set(word, (words.get(word) ?? 0) + 1);
    }
  }
  const alphabet = byteAlphabet();
  const merges = learnMerges(words, MINI_VOCABULARY_SIZE - MINI_SPECIAL_TOKENS.length - alphabet.length);
  const entries = [...MINI_SPECIAL_TOKENS, ...alphabet, ...merges.map(([left, right]) => left + right)];
  writeFileSync(output, `${JSON.stringify(tokenizerFile(entries, merges), undefined, 1)}\n`);
  console.log(
    `${output}: ${entries.length} entries, ${merges.length} merges, from ${words.size} different words`,
  );
}

/** The file that `tokenizers` (Rust, Python) and @huggingface/tokenizers read. */
function tokenizerFile(entries: readonly string[], merges: readonly [string, string][]): object {
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: MINI_SPECIAL_TOKENS.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: WORD_PATTERN }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(entries.map((entry, id) => [entry, id])),
      merges,
    },
  };
}

main();
