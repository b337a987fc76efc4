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
  /** Whether layers may have a window; transformers then takes one of 4096 where `sliding_window` is missing, none where it is null. */
  slides: (fields: { use_sliding_window?: unknown }) => boolean;
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
    slides: whereAsked,
    window: qwenWindow,
  },
  qwen2: {
    className: 'Qwen2',
    headSizeFromWidth: true,
    queryKeyNorm: false,
    attentionBias: () => ({ input: true, output: false }),
    feedForwardBias: () => false,
    slides: whereAsked,
    window: qwenWindow,
  },
  llama: {
    className: 'Llama',
    headSizeFromWidth: true,
    queryKeyNorm: false,
    attentionBias: bothAsConfigured,
    feedForwardBias: ({ mlp_bias: bias = false }) => bias,
    slides: () => false,
    window: () => undefined,
  },
  mistral: {
    className: 'Mistral',
    headSizeFromWidth: true,
    queryKeyNorm: false,
    attentionBias: () => ({ input: false, output: false }),
    feedForwardBias: () => false,
    slides: () => true,
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

function whereAsked({ use_sliding_window: used }: { use_sliding_window?: unknown }): boolean {
  return used === true;
}

/** Off unless `use_sliding_window`; then the layers that `layer_types` names, or those from `max_window_layers` on. */
function qwenWindow(config: DecoderConfig, layer: number): number | undefined {
  const { sliding_window: window, layer_types: types } = config;
  if (!whereAsked(config) || window == null) return undefined;
  const slides =
    types === undefined ? layer >= (config.max_window_layers ?? 28) : types[layer] === 'sliding_attention';
  return slides ? window : undefined;
}
