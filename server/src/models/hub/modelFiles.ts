// Which files of a model's repository are needed to train and score: settings, tokenizer, and weights as safetensors.
import { z } from 'zod';
import { PrmError } from '../../support/errors.ts';

export const CONFIG_FILE = 'config.json';
const TOKENIZER_FILE = 'tokenizer.json';
const WEIGHTS = 'model.safetensors';
/** Says which file holds which tensor, where there are several. */
export const INDEX_FILE = 'model.safetensors.index.json';

/** Taken along where they are there; a model that is exported again keeps them. */
const OPTIONAL = ['tokenizer_config.json', 'special_tokens_map.json', 'generation_config.json'];

const SHARD = /^model-\d+-of-\d+\.safetensors$/;

/**
 * The small files, to be had before the weights: what they say may end the work.
 * @param listed paths of all files of the repository
 * @param model named in errors
 * @throws PrmError where the repository is not a language model with its tokenizer, or has no safetensors
 */
export function settingsFiles(listed: ReadonlySet<string>, model: string): string[] {
  if (!listed.has(CONFIG_FILE)) {
    throw new PrmError({
      where: model,
      what: listed.has('adapter_config.json')
        ? 'the repository holds an adapter, not a whole model'
        : `the repository has no ${CONFIG_FILE}`,
      remedy: listed.has('adapter_config.json')
        ? 'Give the model that the adapter was trained from.'
        : 'Give a language model that transformers can load.',
    });
  }
  if (!isSharded(listed) && !listed.has(WEIGHTS)) throw withoutSafetensors(listed, model);
  if (!listed.has(TOKENIZER_FILE)) {
    throw new PrmError({
      where: model,
      what: `the repository has no ${TOKENIZER_FILE}${listed.has('tokenizer.model') ? ', only tokenizer.model (SentencePiece)' : ''}`,
      remedy: "Take a model that has one; transformers' AutoTokenizer writes it with save_pretrained.",
    });
  }
  return [
    CONFIG_FILE,
    ...(isSharded(listed) ? [INDEX_FILE] : []),
    TOKENIZER_FILE,
    ...OPTIONAL.filter((file) => listed.has(file)),
  ];
}

/** Whether the weights are in several files, which the index names. */
export function isSharded(listed: ReadonlySet<string>): boolean {
  return listed.has(INDEX_FILE) && (!listed.has(WEIGHTS) || [...listed].some((file) => SHARD.test(file)));
}

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * @param index the index file's text, where the weights are in several files
 * @returns in order
 * @throws PrmError where the index cannot be read or names a file that is not listed
 */
export function weightFiles(index: string | undefined, listed: ReadonlySet<string>, model: string): string[] {
  if (index === undefined) return [WEIGHTS];
  const names = namesIn(index);
  if (names === undefined) {
    throw new PrmError({
      where: `${model}/${INDEX_FILE}`,
      what: 'it has no weight_map of file names',
      remedy: 'Take another revision of the model (owner/name@revision).',
    });
  }
  const missing = names.filter((name) => !listed.has(name));
  if (missing.length > 0) {
    throw new PrmError({
      where: model,
      what: `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing, which ${INDEX_FILE} names`,
      remedy: 'Take another revision of the model (owner/name@revision).',
    });
  }
  return names;
}

function namesIn(index: string): string[] | undefined {
  try {
    const { weight_map: map } = indexSchema.parse(JSON.parse(index));
    return [...new Set(Object.values(map))].sort();
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

function withoutSafetensors(listed: ReadonlySet<string>, model: string): PrmError {
  const gguf = [...listed].filter((file) => file.endsWith('.gguf')).sort();
  const other = [...listed].filter((file) =>
    /^(?:pytorch_model|tf_model|consolidated).*\.(?:bin|h5|pth)$/.test(file),
  );
  if (gguf.length > 0) {
    return new PrmError({
      where: model,
      what: `the repository holds GGUF files and no ${WEIGHTS}`,
      remedy: `Download one, such as ${gguf[0] ?? ''}, and give its path; or take the model that they were made from.`,
    });
  }
  return new PrmError({
    where: model,
    what:
      other.length > 0
        ? `the repository has no ${WEIGHTS}; its weights are in ${other[0] ?? ''}, which may hold programs`
        : `the repository has no ${WEIGHTS}`,
    remedy: 'Take a model with safetensors; transformers writes them with save_pretrained.',
  });
}
