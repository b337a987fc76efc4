// The config.json of the model in a GGUF file, from the file's metadata and tensors.
// Keys: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md#llm
import type { ModelType } from '../backbones/architectures.ts';
import { transformersClass } from '../backbones/config.ts';
import type { GgufHeader } from './ggufHeader.ts';
import { Metadata } from './metadata.ts';

/** By `general.architecture`. Mistral's files say llama; the two compute the same. */
const MODEL_TYPES: ReadonlyMap<string, ModelType> = new Map([
  ['llama', 'llama'],
  ['qwen2', 'qwen2'],
  ['qwen3', 'qwen3'],
]);

/** Settings of an architecture that its models have here and that must not be anything else. */
const PLAIN_VALUES: Readonly<Record<string, number>> = {
  expert_count: 0,
  'attention.clamp_kqv': 0,
  'attention.max_alibi_bias': 0,
  logit_scale: 0,
  embedding_scale: 0,
  residual_scale: 0,
  'attention.scale': 0,
};

/**
 * @returns the fields that transformers writes; `parseDecoderConfig` checks their values
 * @throws PrmError naming the architecture or the setting that does not run here
 */
export function configOf(header: GgufHeader): Record<string, unknown> {
  const metadata = new Metadata(header);
  const architecture = metadata.required('general.architecture', metadata.string('general.architecture'));
  const type = MODEL_TYPES.get(architecture);
  if (type === undefined) {
    throw metadata.refusal(
      `it holds a model of architecture ${architecture}, and ${[...MODEL_TYPES.keys()].join(', ')} are supported`,
    );
  }
  const number = (key: string) => metadata.number(`${architecture}.${key}`);
  const required = (key: string) => metadata.required(`${architecture}.${key}`, number(key));
  for (const [key, plain] of Object.entries(PLAIN_VALUES)) {
    const value = number(key);
    if (value !== undefined && value !== plain) {
      throw metadata.refusal(`it sets ${architecture}.${key} to ${value}, which is not supported`);
    }
  }
  const hidden = required('embedding_length');
  const heads = required('attention.head_count');
  const headSize = number('attention.key_length') ?? hidden / heads;
  const turned = number('rope.dimension_count') ?? headSize;
  if (turned !== headSize || (number('attention.value_length') ?? headSize) !== headSize) {
    throw metadata.refusal(
      `its heads have ${headSize} values, of which ${turned} are turned; heads that are turned in part, or whose values are of another size, are not supported`,
    );
  }
  const has = (tensor: string) => header.tensors.has(tensor);
  return {
    architectures: [transformersClass({ model_type: type }).replace('TokenClassification', 'CausalLM')],
    model_type: type,
    vocab_size: vocabularySize(header, metadata),
    hidden_size: hidden,
    num_hidden_layers: required('block_count'),
    num_attention_heads: heads,
    num_key_value_heads: number('attention.head_count_kv') ?? heads,
    head_dim: headSize,
    intermediate_size: required('feed_forward_length'),
    hidden_act: 'silu',
    rms_norm_eps: shortest(required('attention.layer_norm_rms_epsilon')),
    rope_theta: shortest(number('rope.freq_base') ?? 10_000),
    max_position_embeddings: required('context_length'),
    tie_word_embeddings: !has('output.weight'),
    ...(type !== 'qwen2' && { attention_bias: has('blk.0.attn_q.bias') }),
    ...(type === 'llama' && { mlp_bias: has('blk.0.ffn_gate.bias') }),
    ...ropeScaling(architecture, header, metadata),
    ...tokenIds(metadata),
  };
}

/** Rows of the token table; the vocabulary itself may be shorter. */
function vocabularySize(header: GgufHeader, metadata: Metadata): number {
  return metadata.required('token_embd.weight', header.tensors.get('token_embd.weight')?.dims[0]);
}

/** The shortest decimal that is the same float32: what a person wrote before it was stored as one. */
function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === Math.fround(value)) return rounded;
  }
  return value;
}

/** `readRopeScaling` checks the kinds and their fields. */
function ropeScaling(architecture: string, header: GgufHeader, metadata: Metadata): Record<string, unknown> {
  const key = (name: string) => `${architecture}.rope.scaling.${name}`;
  if (header.tensors.has('rope_freqs.weight')) {
    throw metadata.refusal(
      'its rotary embedding is stretched by a table (rope_freqs.weight, as in Llama 3.1 and later), which GGUF stores without its settings',
      'Take the model itself with safetensors; its config.json has the settings.',
    );
  }
  const type = metadata.string(key('type'));
  if (type === undefined || type === 'none') {
    // Before there was a type, only linear scaling had a key.
    const linear = metadata.number(`${architecture}.rope.scale_linear`);
    return linear === undefined || linear === 1
      ? {}
      : { rope_scaling: { rope_type: 'linear', factor: linear } };
  }
  return {
    rope_scaling: {
      rope_type: type,
      factor: metadata.number(key('factor')),
      original_max_position_embeddings: metadata.number(key('original_context_length')),
    },
  };
}

function tokenIds(metadata: Metadata): Record<string, number> {
  const ids = ['bos', 'eos', 'pad'].map((name) => {
    const key = `tokenizer.ggml.${name === 'pad' ? 'padding' : name}_token_id`;
    return [`${name}_token_id`, metadata.number(key)] as const;
  });
  return Object.fromEntries(
    ids.filter((entry): entry is [`${string}_token_id`, number] => entry[1] !== undefined),
  );
}

/** Whether the file's rows of queries and keys are in llama.cpp's order: only in its `llama` files. */
export function hasPairedRows({ metadata }: GgufHeader): boolean {
  return metadata.get('general.architecture') === 'llama';
}
