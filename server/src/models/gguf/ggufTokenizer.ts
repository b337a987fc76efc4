// The tokenizer.json of the model in a GGUF file: byte-level BPE, as GPT-2, Llama 3, Qwen and SmolLM have it.
// Regular expressions: https://github.com/ggml-org/llama.cpp/blob/master/src/llama-vocab.cpp
import type { GgufHeader } from './ggufHeader.ts';
import { Metadata } from './metadata.ts';

/** `tokenizer.ggml.token_type` */
const CONTROL = 3;
const USER_DEFINED = 4;
const UNUSED = 5;

const byteLevel = (cutsWords: boolean) => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: cutsWords,
});

/** Cuts by a pattern first; what is left between two matches is a word too. */
const split = (pattern: string) => ({
  type: 'Sequence',
  pretokenizers: [
    { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
    byteLevel(false),
  ],
});

/** GPT-4's way to cut words; the ways differ in how many digits stay together. */
const gpt4 = (digits: string) =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

interface Cutting {
  normalizer: unknown;
  preTokenizer: unknown;
  /** A word that is a token is taken whole, whatever the merges say. */
  ignoreMerges: boolean;
  /** Where the file does not say it. */
  addsBeginning: boolean;
}

/** By `tokenizer.ggml.pre`: how words are cut before merging. */
const CUTTINGS: ReadonlyMap<string, Cutting> = new Map<string, Cutting>([
  ['gpt-2', { normalizer: null, preTokenizer: byteLevel(true), ignoreMerges: false, addsBeginning: false }],
  [
    'smollm',
    {
      normalizer: null,
      preTokenizer: {
        type: 'Sequence',
        pretokenizers: [{ type: 'Digits', individual_digits: true }, byteLevel(true)],
      },
      ignoreMerges: false,
      addsBeginning: false,
    },
  ],
  [
    'qwen2',
    {
      normalizer: { type: 'NFC' },
      preTokenizer: split(gpt4('\\p{N}')),
      ignoreMerges: false,
      addsBeginning: false,
    },
  ],
  [
    'llama-bpe',
    { normalizer: null, preTokenizer: split(gpt4('\\p{N}{1,3}')), ignoreMerges: true, addsBeginning: true },
  ],
]);

/**
 * @returns `tokenizer.json`, and the `tokenizer_config.json` that transformers reads beside it
 * @throws PrmError naming a kind of tokenizer that is not supported, or what the metadata lacks
 */
export function tokenizerOf(header: GgufHeader): { tokenizer: unknown; settings: unknown } {
  const metadata = new Metadata(header);
  const kind = metadata.required('tokenizer.ggml.model', metadata.string('tokenizer.ggml.model'));
  const pre = metadata.string('tokenizer.ggml.pre') ?? 'unnamed';
  const cutting = CUTTINGS.get(pre);
  if (kind !== 'gpt2' || cutting === undefined) {
    throw metadata.refusal(
      `its tokenizer is ${kind} with words cut as ${pre}, and gpt2 cut as ${[...CUTTINGS.keys()].join(', ')} is supported`,
      'Take the model itself with safetensors and tokenizer.json.',
    );
  }
  const tokens = metadata.required('tokenizer.ggml.tokens', metadata.strings('tokenizer.ggml.tokens'));
  const merges = metadata.required('tokenizer.ggml.merges', metadata.strings('tokenizer.ggml.merges'));
  const types = metadata.numbers('tokenizer.ggml.token_type') ?? [];
  const rows = header.tensors.get('token_embd.weight')?.dims[0];
  if (rows !== undefined && tokens.length > rows) {
    throw metadata.refusal(`its tokenizer has ${tokens.length} tokens, and its embeddings ${rows}`);
  }
  checkMerges(tokens, merges, metadata);
  const tokenAt = (name: string) => tokens[metadata.number(`tokenizer.ggml.${name}_token_id`) ?? -1];
  const beginning =
    (metadata.boolean('tokenizer.ggml.add_bos_token') ?? cutting.addsBeginning) ? tokenAt('bos') : undefined;
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: addedTokens(tokens, types),
      normalizer: cutting.normalizer,
      pre_tokenizer: cutting.preTokenizer,
      post_processor: postProcessor(beginning, tokens),
      decoder: byteLevel(true),
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: cutting.ignoreMerges,
        vocab: vocabulary(tokens, types),
        merges,
      },
    },
    settings: {
      tokenizer_class: 'PreTrainedTokenizerFast',
      clean_up_tokenization_spaces: false,
      ...namedTokens(tokenAt),
      ...(metadata.has('tokenizer.chat_template') && {
        chat_template: metadata.string('tokenizer.chat_template'),
      }),
    },
  };
}

function vocabulary(tokens: readonly string[], types: readonly number[]): Record<string, number> {
  return Object.fromEntries(
    [...tokens.entries()].filter(([id]) => types[id] !== UNUSED).map(([id, token]) => [token, id]),
  );
}

function addedTokens(tokens: readonly string[], types: readonly number[]): unknown[] {
  return [...tokens.entries()].flatMap(([id, content]) => {
    const type = types[id];
    if (type !== CONTROL && type !== USER_DEFINED) return [];
    const special = type === CONTROL;
    return [{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special }];
  });
}

/** The beginning-of-text token before every text, where the model was trained with one. */
function postProcessor(beginning: string | undefined, tokens: readonly string[]): unknown {
  if (beginning === undefined) return { ...byteLevel(true), trim_offsets: false };
  const special = { SpecialToken: { id: beginning, type_id: 0 } };
  const text = (id: 'A' | 'B', type: number) => ({ Sequence: { id, type_id: type } });
  return {
    type: 'TemplateProcessing',
    single: [special, text('A', 0)],
    pair: [special, text('A', 0), text('B', 1)],
    special_tokens: {
      [beginning]: { id: beginning, ids: [tokens.indexOf(beginning)], tokens: [beginning] },
    },
  };
}

function namedTokens(tokenAt: (name: string) => string | undefined): Record<string, string> {
  const names = { bos: 'bos', eos: 'eos', unk: 'unknown', pad: 'padding' };
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, key]) => {
      const token = tokenAt(key);
      return token === undefined ? [] : [[`${name}_token`, token]];
    }),
  );
}

/** A merge joins two tokens to a third one. */
function checkMerges(tokens: readonly string[], merges: readonly string[], metadata: Metadata): void {
  const known = new Set(tokens);
  if (known.size !== tokens.length) throw metadata.refusal('its vocabulary has a token twice');
  for (const merge of merges) {
    const [left, right, more] = merge.split(' ');
    const isMerge = left !== undefined && right !== undefined && more === undefined;
    if (isMerge && known.has(left) && known.has(right) && known.has(left + right)) continue;
    throw metadata.refusal(`its vocabulary and its merges do not fit: ${JSON.stringify(merge)}`);
  }
}
