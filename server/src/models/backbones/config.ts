// The `config.json` of a Hugging Face decoder: the fields that shape its graph, checked at the border.
import { z } from 'zod';
import { PrmError } from '../../support/errors.ts';
import { architectureOf, MODEL_TYPES, type ModelType } from './architectures.ts';
import { readRopeScaling, type RopeScaling } from './rope.ts';

const size = z.int().positive();

/** Kinds of attention that a layer can have. */
const LAYER_TYPES = ['full_attention', 'sliding_attention'] as const;

/** Field names and meanings as in transformers' configurations of these types. Other fields are let pass. */
const decoderConfigSchema = z.object({
  model_type: z.enum(MODEL_TYPES),
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
  /** Biases of the attention's projections, where the architecture leaves the choice. */
  attention_bias: z.boolean().exactOptional(),
  mlp_bias: z.boolean().exactOptional(),
  tie_word_embeddings: z.boolean().exactOptional(),
  /** Positions that a position of a sliding layer sees, itself included. */
  sliding_window: size.nullable().exactOptional(),
  use_sliding_window: z.boolean().exactOptional(),
  /** Layers from this one on slide, where `layer_types` does not say. */
  max_window_layers: z.int().nonnegative().exactOptional(),
  layer_types: z.array(z.enum(LAYER_TYPES)).exactOptional(),
});

export interface DecoderConfig extends z.infer<typeof decoderConfigSchema> {
  rope_scaling?: RopeScaling | null;
}

/** Values of known fields that this graph does not compute; a model that has another value would score wrongly. */
const SUPPORTED_VALUES: Readonly<Record<string, readonly unknown[]>> = {
  hidden_act: ['silu'],
  partial_rotary_factor: [1],
  quantization_config: [null],
};

/** Of a model with sliding layers whose file does not say. */
const DEFAULT_WINDOW = 4096;

const FROM_THE_MODEL = 'Take the config.json that came with the weights.';

/**
 * Checks a parsed `config.json`, in the form of transformers 4 (`rope_theta`, `rope_scaling`) or 5 (`rope_parameters`).
 * @param file named in errors
 * @throws PrmError that names the field and the value that are missing, wrong or not supported
 */
export function parseDecoderConfig(content: unknown, file: string): DecoderConfig {
  const raw = z.record(z.string(), z.unknown()).safeParse(content);
  const fields = raw.success ? raw.data : {};
  checkSupported(fields, file);
  const rope = z.record(z.string(), z.unknown()).safeParse(fields.rope_parameters).data;
  const parsed = decoderConfigSchema.safeParse({
    ...withDefaults(fields),
    ...(rope && { rope_theta: rope.rope_theta }),
  });
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'file'}: ${message}`,
    );
    throw new PrmError({
      what: `Not a decoder that can be run here (${problems.join('; ')})`,
      where: file,
      remedy: `Use the config.json of a model of one of the types ${MODEL_TYPES.join(', ')}.`,
    });
  }
  const config = parsed.data;
  if (config.num_attention_heads % config.num_key_value_heads !== 0) {
    throw new PrmError({
      what: `num_attention_heads (${config.num_attention_heads}) is not a multiple of num_key_value_heads (${config.num_key_value_heads})`,
      where: file,
      remedy: FROM_THE_MODEL,
    });
  }
  const layers = config.layer_types?.length ?? config.num_hidden_layers;
  if (layers !== config.num_hidden_layers) {
    throw new PrmError({
      what: `layer_types names ${layers} layers, and num_hidden_layers is ${config.num_hidden_layers}`,
      where: file,
      remedy: FROM_THE_MODEL,
    });
  }
  const scaling = readRopeScaling(rope ?? fields.rope_scaling, config.max_position_embeddings, file);
  return { ...config, ...(scaling !== undefined && { rope_scaling: scaling }) };
}

/** What transformers takes where the file leaves a field out or null. */
function withDefaults(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { hidden_size: hidden, num_attention_heads: heads } = fields;
  const given = Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => value != null || name === 'sliding_window'),
  );
  const type = MODEL_TYPES.find((name) => name === fields.model_type);
  const split = typeof hidden === 'number' && typeof heads === 'number' ? hidden / heads : undefined;
  return {
    num_key_value_heads: heads,
    rope_theta: 10_000,
    ...(type !== undefined && architectureOf(type).headSizeFromWidth && { head_dim: split }),
    ...(type !== undefined && architectureOf(type).slides(fields) && { sliding_window: DEFAULT_WINDOW }),
    ...given,
  };
}

function checkSupported(fields: Readonly<Record<string, unknown>>, file: string): void {
  for (const [field, supported] of Object.entries(SUPPORTED_VALUES)) {
    const value = fields[field];
    if (value === undefined || supported.includes(value)) continue;
    throw new PrmError({
      what: `${field} is ${JSON.stringify(value)}, and only ${supported.map((one) => JSON.stringify(one)).join(' or ')} is supported`,
      where: file,
      remedy: 'Use a model with that setting.',
    });
  }
}

/** The class of transformers that loads the model as a token classifier. */
export function transformersClass({ model_type: type }: { model_type: ModelType }): string {
  return `${architectureOf(type).className}ForTokenClassification`;
}
