// Tokenizer of a model folder: `tokenizer.json` read by @huggingface/tokenizers.
import { readFileSync } from 'node:fs';
import { BPE, Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { messageOf, PrmError, systemErrorCode } from '../support/errors.ts';

export interface Tokenizer {
  /** Number of entries; ids are below it. */
  readonly vocabularySize: number;
  /**
   * Ids of a text, without special tokens added around it. Text that spells a special token (`<|step|>`, `<|im_end|>`)
   * is tokenised as the characters it is: only a family puts special tokens into a model's input, by `idOf`.
   */
  encode(text: string): number[];
  /** Ids that the tokenizer puts before every text (its post-processor's template): a beginning-of-text token, or none. */
  readonly beginning: readonly number[];
  /** Id of one exact token, undefined where there is none. */
  idOf(token: string): number | undefined;
}

const addedToken = z.looseObject({
  id: z.int().nonnegative(),
  content: z.string().min(1),
  special: z.boolean().default(false),
});

/** What we rely on ourselves; the library checks the rest when it builds the tokenizer. */
const tokenizerFile = z.looseObject({
  added_tokens: z.array(addedToken).default([]),
  normalizer: z.unknown().default(null),
  pre_tokenizer: z.unknown().default(null),
  post_processor: z.unknown().default(null),
  decoder: z.unknown().default(null),
  model: z.looseObject({
    type: z.enum(['BPE', 'Unigram', 'WordPiece']).optional(),
    vocab: z.union([z.record(z.string(), z.int().nonnegative()), z.array(z.tuple([z.string(), z.number()]))]),
  }),
});
type TokenizerFile = z.infer<typeof tokenizerFile>;

const NOT_A_TOKENIZER = 'Put the tokenizer.json of the model there, as Hugging Face writes it.';

/**
 * Reads a `tokenizer.json`.
 *
 * @throws PrmError where the file is missing, is not JSON, or is not a tokenizer
 */
export function loadTokenizer(file: string): Tokenizer {
  const content = parseFile(file, readText(file));
  const ids = tokenIds(content);
  const special = new Set(
    content.added_tokens.filter((token) => token.special).map((token) => token.content),
  );
  let library: HuggingFaceTokenizer;
  try {
    library = new HuggingFaceTokenizer(
      {
        ...content,
        pre_tokenizer: withAllDigits(content.pre_tokenizer),
        added_tokens: content.added_tokens.filter((token) => !special.has(token.content)),
      },
      {},
    );
    library.encode('1 + 1 = 2', { add_special_tokens: false });
    if (library.model instanceof BPE) rememberWords(library.model);
  } catch (cause) {
    throw new PrmError({
      what: `This tokenizer cannot be read: ${messageOf(cause)}`,
      where: file,
      remedy: NOT_A_TOKENIZER,
      cause,
    });
  }
  let vocabularySize = 0;
  for (const id of ids.values()) vocabularySize = Math.max(vocabularySize, id + 1);
  return {
    vocabularySize,
    beginning: beginningOf(content.post_processor).flatMap((token) => ids.get(token) ?? []),
    encode: (text) => (text === '' ? [] : library.encode(text, { add_special_tokens: false }).ids),
    idOf: (token) => ids.get(token),
  };
}

const digitsSchema = z.object({ type: z.literal('Digits'), individual_digits: z.boolean().default(false) });
const pretokenizersSchema = z.looseObject({
  type: z.literal('Sequence'),
  pretokenizers: z.array(z.unknown()),
});

/**
 * The library cuts only the digits 0 to 9, the native one every numeric character (½, ², ٣): the same step, written as a
 * pattern.
 */
function withAllDigits(preTokenizer: unknown): unknown {
  const digits = digitsSchema.safeParse(preTokenizer).data;
  if (digits !== undefined) {
    const pattern = { Regex: digits.individual_digits ? '\\p{N}' : '\\p{N}+' };
    return { type: 'Split', pattern, behavior: 'Isolated', invert: false };
  }
  const sequence = pretokenizersSchema.safeParse(preTokenizer).data;
  if (sequence === undefined) return preTokenizer;
  return { ...sequence, pretokenizers: sequence.pretokenizers.map(withAllDigits) };
}

const templateSchema = z.object({
  type: z.literal('TemplateProcessing'),
  single: z.array(
    z.union([
      z.object({ SpecialToken: z.object({ id: z.string() }) }),
      z.object({ Sequence: z.unknown() }).transform(() => 'text' as const),
    ]),
  ),
});
const sequenceSchema = z.object({ type: z.literal('Sequence'), processors: z.array(z.unknown()) });

/** The special tokens that a `post_processor` writes before the text itself. */
function beginningOf(processor: unknown): string[] {
  const sequence = sequenceSchema.safeParse(processor).data;
  if (sequence !== undefined) return sequence.processors.flatMap(beginningOf);
  const pieces = templateSchema.safeParse(processor).data?.single ?? [];
  const text = pieces.indexOf('text');
  return pieces
    .slice(0, Math.max(0, text))
    .flatMap((piece) => (piece === 'text' ? [] : piece.SpecialToken.id));
}

/** Words kept with their pieces; the memory that they take stays below some 10 MB. */
const MAX_REMEMBERED = 20_000;

/**
 * Puts a plain bounded map in front of the library's cache, whose moving of every used word to the end of a Map takes half
 * of the time of tokenising.
 */
function rememberWords(model: BPE): void {
  const remembered = new Map<string, string[]>();
  const split = model.bpe.bind(model);
  model.max_length_to_cache = 0;
  model.bpe = (word) => {
    const known = remembered.get(word);
    if (known !== undefined) return known;
    const pieces = split(word);
    if (word.length > 64) return pieces;
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(word, pieces);
    return pieces;
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PrmError({
      what:
        systemErrorCode(cause) === 'ENOENT'
          ? 'There is no such tokenizer file'
          : `The tokenizer file cannot be read: ${messageOf(cause)}`,
      where: file,
      remedy: 'Choose a model folder that holds a tokenizer.json.',
      cause,
    });
  }
}

function parseFile(file: string, text: string): TokenizerFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new PrmError({
      what: `The tokenizer file is not JSON (${messageOf(cause)})`,
      where: file,
      remedy: 'The file is damaged or cut short: copy it again.',
      cause,
    });
  }
  const parsed = tokenizerFile.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new PrmError({
    what: `This is not a tokenizer: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
    where: file,
    remedy: NOT_A_TOKENIZER,
    cause: parsed.error,
  });
}

/** Every token's id. A Unigram vocabulary is a list of [token, score], its ids are the positions. */
function tokenIds(content: TokenizerFile): Map<string, number> {
  const { vocab } = content.model;
  const ids = Array.isArray(vocab)
    ? new Map(vocab.map(([token], id) => [token, id]))
    : new Map(Object.entries(vocab));
  for (const { content: token, id } of content.added_tokens) ids.set(token, id);
  return ids;
}
