// Rotary embedding's frequencies, and how models stretch them to longer texts (`rope_scaling` in config.json).
// As transformers' modeling_rope_utils computes them.
import { z } from 'zod';
import type { RotaryFrequencies } from '../../graph/operators/rotaryEmbedding.ts';
import { PrmError } from '../../support/errors.ts';
import type { DecoderConfig } from './config.ts';

const positive = z.number().positive();
/** Positions that the model was trained with before it was stretched. */
const trained = z.int().positive();

const scalingSchema = z.discriminatedUnion('rope_type', [
  z.object({ rope_type: z.literal('linear'), factor: positive }),
  z.object({
    rope_type: z.literal('llama3'),
    factor: positive,
    low_freq_factor: positive,
    high_freq_factor: positive,
    original_max_position_embeddings: trained,
  }),
  z.object({
    rope_type: z.literal('yarn'),
    factor: positive,
    original_max_position_embeddings: trained,
    attention_factor: positive.nullish(),
    beta_fast: positive.nullish(),
    beta_slow: positive.nullish(),
    mscale: z.number().nullish(),
    mscale_all_dim: z.number().nullish(),
    truncate: z.boolean().nullish(),
  }),
]);

export type RopeScaling = z.infer<typeof scalingSchema>;

/**
 * @param content `rope_scaling` (transformers 4) or `rope_parameters` (5) of a config.json
 * @param maxPositions taken where the file does not say what the model was trained with
 * @returns undefined where nothing is stretched
 * @throws PrmError naming a kind of scaling that is not supported, or a field that is missing
 */
export function readRopeScaling(
  content: unknown,
  maxPositions: number,
  file: string,
): RopeScaling | undefined {
  if (content == null) return undefined;
  const fields = z.record(z.string(), z.unknown()).safeParse(content).data ?? {};
  // Older files say `type`.
  const type = fields.rope_type ?? fields.type ?? 'default';
  if (type === 'default') return undefined;
  const parsed = scalingSchema.safeParse({
    original_max_position_embeddings: maxPositions,
    ...fields,
    rope_type: type,
  });
  if (parsed.success) return parsed.data;
  const shown = typeof type === 'string' ? type : JSON.stringify(type);
  const known = scalingSchema.options.some(({ shape }) => shape.rope_type.value === type);
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new PrmError({
    where: file,
    what: known
      ? `rope_scaling of type ${shown} is not complete (${issues.join('; ')})`
      : `rope_scaling of type ${shown} is not supported; default, linear, llama3 and yarn are`,
    remedy: 'Use a model with one of these.',
  });
}

/** @returns radians a position for every pair of a head, and the factor on cosine and sine */
export function rotaryFrequencies(config: DecoderConfig): RotaryFrequencies {
  const { head_dim: size, rope_theta: base, rope_scaling: scaling } = config;
  const plain = Array.from({ length: size / 2 }, (_, pair) => base ** ((-2 * pair) / size));
  switch (scaling?.rope_type) {
    case undefined:
      return { radians: plain, scale: 1 };
    case 'linear':
      return { radians: plain.map((radians) => radians / scaling.factor), scale: 1 };
    case 'llama3':
      return { radians: plain.map((radians) => stretchedByWavelength(radians, scaling)), scale: 1 };
    case 'yarn':
      return yarn(plain, config, scaling);
  }
}

/** Llama 3.1: long waves are stretched, short ones are not, those between by an interpolation of both. */
function stretchedByWavelength(
  radians: number,
  scaling: Extract<RopeScaling, { rope_type: 'llama3' }>,
): number {
  const { factor, low_freq_factor: low, high_freq_factor: high } = scaling;
  const turns = (scaling.original_max_position_embeddings * radians) / (2 * Math.PI);
  if (turns < low) return radians / factor;
  if (turns > high) return radians;
  const smooth = (turns - low) / (high - low);
  return ((1 - smooth) * radians) / factor + smooth * radians;
}

/** YaRN (Peng et al. 2023, https://arxiv.org/abs/2309.00071). */
function yarn(
  plain: readonly number[],
  { head_dim: size, rope_theta: base }: DecoderConfig,
  scaling: Extract<RopeScaling, { rope_type: 'yarn' }>,
): RotaryFrequencies {
  const { factor, original_max_position_embeddings: trainedPositions, truncate } = scaling;
  /** The pair that makes this many turns within the trained positions. */
  const pairOf = (turns: number): number =>
    (size * Math.log(trainedPositions / (turns * 2 * Math.PI))) / (2 * Math.log(base));
  let low = pairOf(scaling.beta_fast ?? 32);
  let high = pairOf(scaling.beta_slow ?? 1);
  if (truncate ?? true) [low, high] = [Math.floor(low), Math.ceil(high)];
  low = Math.max(low, 0);
  high = Math.min(high, size - 1);
  // A ramp of no width would divide by 0.
  if (low === high) high += 0.001;
  const radians = plain.map((fast, pair) => {
    const stretched = Math.min(1, Math.max(0, (pair - low) / (high - low)));
    return (fast / factor) * stretched + fast * (1 - stretched);
  });
  return { radians, scale: scaling.attention_factor ?? yarnAttentionFactor(scaling) };
}

function yarnAttentionFactor({
  factor,
  mscale,
  mscale_all_dim: allDimensions,
}: Extract<RopeScaling, { rope_type: 'yarn' }>): number {
  const temperature = (weight: number): number => (factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1);
  return mscale && allDimensions ? temperature(mscale) / temperature(allDimensions) : temperature(1);
}
