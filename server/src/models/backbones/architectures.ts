// How the decoder architectures differ: what a `model_type` means beyond the sizes. A new one is one entry here.
import type { DecoderConfig } from './config.ts';

export const MODEL_TYPES = ['qwen3', 'qwen2', 'llama', 'mistral'] as const;
export type ModelType = (typeof MODEL_TYPES)[number];

/** As transformers' modeling files of the same name compute it. */
interface Architecture {
  /** Prefix of its classes there. */
  className: string;
  /** A missing `head_dim` is `hidden_size / num_attention_heads`. */
  headSizeFromWidth: boolean;
  /** Queries and keys are normalised head by head before they are turned. */
  queryKeyNorm: boolean;
  /** Whether the projections to queries, keys and values, and the one behind the attention, add a bias. */
  attentionBias: (config: DecoderConfig) => { input: boolean; output: boolean };
  feedForwardBias: (config: DecoderConfig) => boolean;
  /** Positions that a position of this layer sees, itself included; undefined: all before it. */
  window: (config: DecoderConfig, layer: number) => number | undefined;
}

const ARCHITECTURES: Readonly<Record<ModelType, Architecture>> = {
  qwen3: {
    className: 'Qwen3',
    headSizeFromWidth: false,
    queryKeyNorm: true,
    attentionBias: bothAsConfigured,
    feedForwardBias: () => false,
    window: qwenWindow,
  },
  qwen2: {
    className: 'Qwen2',
    headSizeFromWidth: true,
    queryKeyNorm: false,
    attentionBias: () => ({ input: true, output: false }),
    feedForwardBias: () => false,
    window: qwenWindow,
  },
  llama: {
    className: 'Llama',
    headSizeFromWidth: true,
    queryKeyNorm: false,
    attentionBias: bothAsConfigured,
    feedForwardBias: ({ mlp_bias: bias = false }) => bias,
    window: () => undefined,
  },
  mistral: {
    className: 'Mistral',
    headSizeFromWidth: true,
    queryKeyNorm: false,
    attentionBias: () => ({ input: false, output: false }),
    feedForwardBias: () => false,
    window: ({ sliding_window: window }) => window ?? undefined,
  },
};

export function architectureOf(type: ModelType): Architecture {
  return ARCHITECTURES[type];
}

function bothAsConfigured({ attention_bias: bias = false }: DecoderConfig): {
  input: boolean;
  output: boolean;
} {
  return { input: bias, output: bias };
}

/** Off unless `use_sliding_window`; then the layers that `layer_types` names, or those from `max_window_layers` on. */
function qwenWindow(config: DecoderConfig, layer: number): number | undefined {
  const { sliding_window: window, use_sliding_window: used = false, layer_types: types } = config;
  if (!used || window == null) return undefined;
  const slides =
    types === undefined ? layer >= (config.max_window_layers ?? 28) : types[layer] === 'sliding_attention';
  return slides ? window : undefined;
}
