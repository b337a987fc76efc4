// A decoder of the Qwen3, Qwen2, Llama or Mistral architecture with a head of two classes at every position.
// One definition serves training and scoring. Shapes stand on the right: B paths of L tokens, N = B L.
import type { Value } from '../../graph/graph.ts';
import { operators } from '../../graph/operators/index.ts';
import { recomputed } from '../../graph/recompute.ts';
import { rotaryTables } from '../../graph/operators/rotaryEmbedding.ts';
import { architectureOf } from './architectures.ts';
import type { DecoderConfig } from './config.ts';
import type { Adapter } from './lora.ts';
import { rotaryFrequencies } from './rope.ts';

const { add, causalAttention, linear, reshape, rmsNorm, rotaryEmbedding, swiGlu, transpose } = operators;

/** Paths of equal padded length that one run takes. */
export interface BatchShape {
  /** Paths, B. */
  batch: number;
  /** Tokens of each, L. */
  length: number;
}

interface DecoderOptions {
  /** What is added to a linear layer's output. */
  adapter?: Adapter;
  /** Drop each layer's activations after the forward pass and compute them again for its gradients. */
  recompute?: boolean;
}

/**
 * Emits the decoder.
 * @param embeddings the tokens' rows of `model.embed_tokens.weight`, [N, hidden]
 * @param parameter the value of a parameter, by its Hugging Face name; asked for those of `parameterSpecs`
 * @returns logits at every position, [N, 2]; class 1 = correct
 */
export function decoder(
  config: DecoderConfig,
  { batch, length }: BatchShape,
  embeddings: Value,
  parameter: (name: string) => Value,
  { adapter = () => undefined, recompute = false }: DecoderOptions = {},
): Value {
  const {
    num_attention_heads: heads,
    num_key_value_heads: groups,
    head_dim: size,
    rms_norm_eps: epsilon,
  } = config;
  const architecture = architectureOf(config.model_type);
  const bias = architecture.attentionBias(config);
  const tables = rotaryTables(embeddings.graph, length, rotaryFrequencies(config));

  /** x Wᵀ, plus the bias where the architecture has one, plus what an adapter adds. */
  const project = (x: Value, name: string, hasBias: boolean): Value => {
    const product = linear(x, parameter(`${name}.weight`));
    const sum = hasBias ? add(product, parameter(`${name}.bias`)) : product;
    const added = adapter(name, x);
    return added ? add(sum, added) : sum;
  };

  const attention = (x: Value, prefix: string, window: number | undefined): Value => {
    const split = (name: string, headCount: number) =>
      reshape(project(x, `${prefix}.${name}_proj`, bias.input), [batch, length, headCount, size]);
    const norm = (value: Value, name: string) =>
      architecture.queryKeyNorm ? rmsNorm(value, parameter(`${prefix}.${name}_norm.weight`), epsilon) : value;
    const byHead = (value: Value) => transpose(value, [0, 2, 1, 3]);

    const query = rotaryEmbedding(byHead(norm(split('q', heads), 'q')), tables); // [B, heads, L, size]
    const key = rotaryEmbedding(byHead(norm(split('k', groups), 'k')), tables); // [B, groups, L, size]
    const value = byHead(split('v', groups)); // [B, groups, L, size]
    const mixed = byHead(causalAttention(query, key, value, window)); // [B, L, heads, size]
    return project(reshape(mixed, [batch * length, heads * size]), `${prefix}.o_proj`, bias.output); // [N, hidden]
  };

  const feedForward = (x: Value, prefix: string): Value => {
    const hasBias = architecture.feedForwardBias(config);
    const gate = project(x, `${prefix}.gate_proj`, hasBias); // [N, intermediate]
    const up = project(x, `${prefix}.up_proj`, hasBias); // [N, intermediate]
    return project(swiGlu(gate, up), `${prefix}.down_proj`, hasBias); // [N, hidden]
  };

  const block = (x: Value, layer: number): Value => {
    const prefix = `model.layers.${layer}`;
    const norm = (value: Value, name: string) =>
      rmsNorm(value, parameter(`${prefix}.${name}.weight`), epsilon);
    const window = architecture.window(config, layer);
    const attended = add(x, attention(norm(x, 'input_layernorm'), `${prefix}.self_attn`, window));
    return add(attended, feedForward(norm(attended, 'post_attention_layernorm'), `${prefix}.mlp`));
  };

  let x = embeddings; // [N, hidden]
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    x = recompute ? recomputed([x], ([input]) => block(input, layer)) : block(x, layer);
  }
  return linear(rmsNorm(x, parameter('model.norm.weight'), epsilon), parameter('score.weight')); // [N, 2]
}
