// The shapes of usual models, without their weights: for tables and benchmarks.
import type { DecoderConfig } from '../models/backbones/config.ts';
import { MINI_CONFIG } from '../models/families/mini.ts';

export interface ReferenceModel {
  model: string;
  config: DecoderConfig;
  /** How its weights are published; `held` for one that is trained from nothing. */
  storedType: 'BF16' | 'held';
}

const QWEN3 = {
  model_type: 'qwen3',
  vocab_size: 151_936,
  num_key_value_heads: 8,
  head_dim: 128,
  rms_norm_eps: 1e-6,
  rope_theta: 1e6,
  max_position_embeddings: 40_960,
} as const;

/** The sizes that the models' own `config.json` give. */
export const REFERENCE_MODELS: readonly ReferenceModel[] = [
  { model: 'mini', config: MINI_CONFIG, storedType: 'held' },
  {
    model: 'SmolLM2-135M',
    storedType: 'BF16',
    config: {
      model_type: 'llama',
      vocab_size: 49_152,
      hidden_size: 576,
      num_hidden_layers: 30,
      num_attention_heads: 9,
      num_key_value_heads: 3,
      head_dim: 64,
      intermediate_size: 1536,
      rms_norm_eps: 1e-5,
      rope_theta: 1e5,
      max_position_embeddings: 8192,
    },
  },
  { model: 'Qwen3-0.6B', storedType: 'BF16', config: qwen3(1024, 28, 16, 3072) },
  { model: 'Qwen3-1.7B', storedType: 'BF16', config: qwen3(2048, 28, 16, 6144) },
  { model: 'Qwen3-4B', storedType: 'BF16', config: qwen3(2560, 36, 32, 9728) },
  { model: 'Qwen3-8B', storedType: 'BF16', config: qwen3(4096, 36, 32, 12_288) },
];

function qwen3(hidden: number, layers: number, heads: number, intermediate: number): DecoderConfig {
  return {
    ...QWEN3,
    hidden_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    intermediate_size: intermediate,
  };
}
