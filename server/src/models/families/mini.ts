// Family `mini`: our own small model, trained from nothing, with arithmetic evidence in its input.
import type { DecoderConfig } from '../backbones/config.ts';
import { PrmError } from '../../support/errors.ts';
import { findEquations, type Equation } from '../arithmetic/index.ts';
import type { Tokenizer } from '../tokenizer.ts';
import type { EncodedPath, Family, ReasoningPath } from './family.ts';
import { cleanStep } from './stepText.ts';

/** Entries of server/assets/mini/tokenizer.json, special tokens included. */
export const MINI_VOCABULARY_SIZE = 4096;

const PROBLEM_END = '<|problem|>';
const STEP_END = '<|step|>';
const VERDICT_TOKENS = { holds: '<|holds|>', fails: '<|fails|>', unsure: '<|unsure|>' } as const;

/** In order of their ids, from 0. Text never becomes one of them (see loadTokenizer). */
export const MINI_SPECIAL_TOKENS: readonly string[] = [
  '<|pad|>',
  PROBLEM_END,
  STEP_END,
  VERDICT_TOKENS.holds,
  VERDICT_TOKENS.fails,
  VERDICT_TOKENS.unsure,
];

/** A Qwen3-shaped decoder of 7.3M parameters: 6 layers of 1.05M, 1.05M in the embedding. */
export const MINI_CONFIG: DecoderConfig = {
  model_type: 'qwen3',
  vocab_size: MINI_VOCABULARY_SIZE,
  hidden_size: 256,
  num_hidden_layers: 6,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  head_dim: 64,
  intermediate_size: 1024,
  rms_norm_eps: 1e-6,
  rope_theta: 10_000,
  max_position_embeddings: 2048,
};

/**
 * `{problem}<|problem|>{step}<|step|>{step}<|step|>…`, and after every equation in a step its verdict. A score is read
 * at each `<|step|>`. An annotation (`<<48/2=24>>`) that repeats the prose around it is left out: the verdict says it.
 */
export const mini: Family = {
  name: 'mini',
  encode(path: ReasoningPath, tokenizer: Tokenizer): EncodedPath {
    const stepEnd = specialId(tokenizer, STEP_END);
    const ids = tokenizer.encode(path.problem.trim());
    ids.push(specialId(tokenizer, PROBLEM_END));
    const scorePositions = new Int32Array(path.steps.length);
    for (const [index, step] of path.steps.entries()) {
      appendStep(ids, cleanStep(step), tokenizer);
      scorePositions[index] = ids.length;
      ids.push(stepEnd);
    }
    return { ids: Int32Array.from(ids), scorePositions };
  },
};

function appendStep(ids: number[], text: string, tokenizer: Tokenizer): void {
  let done = 0;
  for (const equation of findEquations(text)) {
    append(ids, tokenizer.encode(written(text.slice(done, equation.end), equation)));
    ids.push(specialId(tokenizer, VERDICT_TOKENS[equation.verdict]));
    done = equation.end;
  }
  append(ids, tokenizer.encode(text.slice(done)));
}

/** The text up to an equation's end, without the annotation that the equation has taken in. */
function written(text: string, equation: Equation): string {
  return equation.text.startsWith('<<') ? text : text.replace(/<<[^<>]*>>/g, '');
}

function append(ids: number[], more: readonly number[]): void {
  for (const id of more) ids.push(id);
}

function specialId(tokenizer: Tokenizer, token: string): number {
  const id = tokenizer.idOf(token);
  if (id !== undefined) return id;
  throw new PrmError({
    what: `The tokenizer has no token ${token}, which family mini needs`,
    remedy: 'Use the tokenizer.json that the model was trained with.',
  });
}
