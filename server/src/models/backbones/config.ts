// The `config.json` of a Hugging Face decoder: the fields that shape its graph, checked at the border.
import { z } from 'zod';
import { PrmError } from '../../support/errors.ts';

const size = z.int().positive();

/** Field names and meanings as in transformers' Qwen3Config. Other fields are let pass. */
const decoderConfigSchema = z.object({
  model_type: z.literal('qwen3'),
  vocab_size: size,
  hidden_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size,
  head_dim: size.refine((value) => value % 2 === 0, 'must be even: rotary embedding turns pairs'),
  intermediate_size: size,
  rms_norm_eps: z.number().positive(),
  rope_theta: z.number().positive(),
  max_position_embeddings: size,
});

export type DecoderConfig = z.infer<typeof decoderConfigSchema>;

/** Values of known fields that this graph does not compute; a model that has another value would score wrongly. */
const supportedValues: Readonly<Record<string, readonly unknown[]>> = {
  hidden_act: ['silu'],
  attention_bias: [false],
  rope_scaling: [null],
  use_sliding_window: [false],
};

/**
 * Checks a parsed `config.json`.
 * @param file named in errors
 * @throws PrmError that names the field and the value that are missing, wrong or not supported
 */
export function parseDecoderConfig(content: unknown, file: string): DecoderConfig {
  const parsed = decoderConfigSchema.safeParse(content);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'file'}: ${message}`,
    );
    throw new PrmError({
      what: `Not a decoder that can be run here (${problems.join('; ')})`,
      where: file,
      remedy: 'Use the config.json of a Qwen3 model.',
    });
  }
  for (const [field, supported] of Object.entries(supportedValues)) {
    const value = (content as Record<string, unknown>)[field];
    if (value === undefined || supported.includes(value)) continue;
    throw new PrmError({
      what: `${field} is ${JSON.stringify(value)}, and only ${supported.map((one) => JSON.stringify(one)).join(' or ')} is supported`,
      where: file,
      remedy: 'Use a model with that setting.',
    });
  }
  const config = parsed.data;
  if (config.num_attention_heads % config.num_key_value_heads !== 0) {
    throw new PrmError({
      what: `num_attention_heads (${config.num_attention_heads}) is not a multiple of num_key_value_heads (${config.num_key_value_heads})`,
      where: file,
    });
  }
  return config;
}
