// The Qwen3 decoder (Yang et al. 2025, https://arxiv.org/abs/2505.09388) with a head of two classes at every position.
// One definition serves training and scoring. Shapes stand on the right: B paths of L tokens, N = B L.
import type { Value } from '../../graph/graph.ts';
import { operators } from '../../graph/operators/index.ts';
import { rotaryTables } from '../../graph/operators/rotaryEmbedding.ts';
import type { DecoderConfig } from './config.ts';

const { add, causalAttention, linear, reshape, rmsNorm, rotaryEmbedding, swiGlu, transpose } = operators;

/** Paths of equal padded length that one run takes. */
export interface BatchShape {
  /** Paths, B. */
  batch: number;
  /** Tokens of each, L. */
  length: number;
}

/**
 * Emits the decoder.
 * @param embeddings the tokens' rows of `model.embed_tokens.weight`, [N, hidden]
 * @param parameter the value of a parameter, by its Hugging Face name
 * @returns logits at every position, [N, 2]; class 1 = correct
 */
export function qwen3(
  config: DecoderConfig,
  { batch, length }: BatchShape,
  embeddings: Value,
  parameter: (name: string) => Value,
): Value {
  const {
    num_attention_heads: heads,
    num_key_value_heads: groups,
    head_dim: size,
    rms_norm_eps: epsilon,
  } = config;
  const tables = rotaryTables(embeddings.graph, length, size, config.rope_theta);

  const attention = (x: Value, prefix: string): Value => {
    const project = (name: string, headCount: number) =>
      reshape(linear(x, parameter(`${prefix}.${name}_proj.weight`)), [batch, length, headCount, size]);
    const norm = (value: Value, name: string) =>
      rmsNorm(value, parameter(`${prefix}.${name}_norm.weight`), epsilon);
    const byHead = (value: Value) => transpose(value, [0, 2, 1, 3]);

    const query = rotaryEmbedding(byHead(norm(project('q', heads), 'q')), tables); // [B, heads, L, size]
    const key = rotaryEmbedding(byHead(norm(project('k', groups), 'k')), tables); // [B, groups, L, size]
    const value = byHead(project('v', groups)); // [B, groups, L, size]
    const mixed = byHead(causalAttention(query, key, value)); // [B, L, heads, size]
    return linear(reshape(mixed, [batch * length, heads * size]), parameter(`${prefix}.o_proj.weight`)); // [N, hidden]
  };

  const feedForward = (x: Value, prefix: string): Value => {
    const gate = linear(x, parameter(`${prefix}.gate_proj.weight`)); // [N, intermediate]
    const up = linear(x, parameter(`${prefix}.up_proj.weight`)); // [N, intermediate]
    return linear(swiGlu(gate, up), parameter(`${prefix}.down_proj.weight`)); // [N, hidden]
  };

  let x = embeddings; // [N, hidden]
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const prefix = `model.layers.${layer}`;
    const norm = (value: Value, name: string) =>
      rmsNorm(value, parameter(`${prefix}.${name}.weight`), epsilon);
    x = add(x, attention(norm(x, 'input_layernorm'), `${prefix}.self_attn`));
    x = add(x, feedForward(norm(x, 'post_attention_layernorm'), `${prefix}.mlp`));
  }
  return linear(rmsNorm(x, parameter('model.norm.weight'), epsilon), parameter('score.weight')); // [N, 2]
}
