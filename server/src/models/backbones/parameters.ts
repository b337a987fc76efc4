// The parameters of a decoder: names as Hugging Face writes them, shapes, and values to start from.
import { elementCount } from '../../graph/shape.ts';
import { seededRandom } from '../../support/random.ts';
import { architectureOf } from './architectures.ts';
import type { DecoderConfig } from './config.ts';

export interface ParameterSpec {
  /** Name in `model.safetensors`. */
  name: string;
  dims: readonly number[];
  /** Where training from nothing starts: normal with `standardDeviation`, all ones, or all zeros. */
  initial: 'normal' | 'ones' | 'zeros';
  standardDeviation: number;
  /** Whether weight decay applies: to matrices, not to the scales of norms and to biases. */
  decay: boolean;
}

/** transformers' `initializer_range`. */
const STANDARD_DEVIATION = 0.02;

/** The token table, the one parameter that TypeScript reads and updates by rows instead of the graph. */
export const EMBEDDING = 'model.embed_tokens.weight';

/** Every parameter of a decoder with a head of two classes, in the order of the forward pass. */
export function parameterSpecs(config: DecoderConfig): ParameterSpec[] {
  const hidden = config.hidden_size;
  const queries = config.num_attention_heads * config.head_dim;
  const keys = config.num_key_value_heads * config.head_dim;
  const intermediate = config.intermediate_size;
  // Layers add two terms each to the residual stream: keep its variance at the start (GPT-2, Radford et al. 2019, 2.3).
  const residual = STANDARD_DEVIATION / Math.sqrt(2 * config.num_hidden_layers);

  const architecture = architectureOf(config.model_type);
  const bias = architecture.attentionBias(config);
  /** A projection, with its bias where it has one. */
  const projection = (name: string, dims: [number, number], hasBias: boolean, deviation?: number) => [
    matrix(`${name}.weight`, dims, deviation),
    ...(hasBias ? [offset(`${name}.bias`, dims[0])] : []),
  ];

  const specs = [matrix(EMBEDDING, [config.vocab_size, hidden])];
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const prefix = `model.layers.${layer}`;
    const attention = `${prefix}.self_attn`;
    const feedForwardBias = architecture.feedForwardBias(config);
    specs.push(
      scale(`${prefix}.input_layernorm.weight`, hidden),
      ...projection(`${attention}.q_proj`, [queries, hidden], bias.input),
      ...projection(`${attention}.k_proj`, [keys, hidden], bias.input),
      ...projection(`${attention}.v_proj`, [keys, hidden], bias.input),
      ...(architecture.queryKeyNorm
        ? [
            scale(`${attention}.q_norm.weight`, config.head_dim),
            scale(`${attention}.k_norm.weight`, config.head_dim),
          ]
        : []),
      ...projection(`${attention}.o_proj`, [hidden, queries], bias.output, residual),
      scale(`${prefix}.post_attention_layernorm.weight`, hidden),
      ...projection(`${prefix}.mlp.gate_proj`, [intermediate, hidden], feedForwardBias),
      ...projection(`${prefix}.mlp.up_proj`, [intermediate, hidden], feedForwardBias),
      ...projection(`${prefix}.mlp.down_proj`, [hidden, intermediate], feedForwardBias, residual),
    );
  }
  return [...specs, scale('model.norm.weight', hidden), matrix('score.weight', [2, hidden])];
}

function matrix(
  name: string,
  dims: readonly number[],
  standardDeviation = STANDARD_DEVIATION,
): ParameterSpec {
  return { name, dims, initial: 'normal', standardDeviation, decay: true };
}

function scale(name: string, size: number): ParameterSpec {
  return { name, dims: [size], initial: 'ones', standardDeviation: 0, decay: false };
}

function offset(name: string, size: number): ParameterSpec {
  return { name, dims: [size], initial: 'zeros', standardDeviation: 0, decay: false };
}

/** Values to train from nothing with; the same seed gives the same values on every machine. */
export function initialParameters(config: DecoderConfig, seed: number): Map<string, Float32Array> {
  const random = seededRandom(seed);
  return new Map(
    parameterSpecs(config).map(({ name, dims, initial, standardDeviation }) => {
      const values = new Float32Array(elementCount(dims));
      if (initial === 'zeros') return [name, values];
      if (initial === 'ones') return [name, values.fill(1)];
      for (let index = 0; index < values.length; index++) values[index] = random.normal() * standardDeviation;
      return [name, values];
    }),
  );
}

/** Number of trainable numbers. */
export function parameterCount(config: DecoderConfig): number {
  return parameterSpecs(config).reduce((sum, { dims }) => sum + elementCount(dims), 0);
}
