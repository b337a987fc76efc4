// The Qwen3 decoder written down plainly, one number after another, to test the graph against. Follows transformers'
// modeling_qwen3.py (Apache-2.0), read and written anew.
import type { DecoderConfig } from '../../../../server/src/models/backbones/config.ts';

type Vector = number[];

/** Logits at every position of one path. */
export function referenceLogits(
  config: DecoderConfig,
  parameters: ReadonlyMap<string, Float64Array>,
  ids: readonly number[],
): Vector[] {
  const weight = (name: string) => {
    const values = parameters.get(`${name}.weight`);
    if (!values) throw new Error(`No ${name}`);
    return [...values];
  };
  const linear = (x: Vector, name: string): Vector => {
    const w = weight(name);
    return Array.from({ length: w.length / x.length }, (_, out) =>
      dot(x, w.slice(out * x.length, (out + 1) * x.length)),
    );
  };
  const norm = (x: Vector, name: string): Vector => {
    const w = weight(name);
    const root = Math.sqrt(dot(x, x) / x.length + config.rms_norm_eps);
    return x.map((value, index) => (w[index] * value) / root);
  };
  const rotate = (x: Vector, position: number): Vector => {
    const half = x.length / 2;
    return x.map((value, index) => {
      const angle = position / config.rope_theta ** ((2 * (index % half)) / x.length);
      const partner = index < half ? -x[index + half] : x[index - half];
      return value * Math.cos(angle) + partner * Math.sin(angle);
    });
  };
  const head = (x: Vector, number: number) =>
    x.slice(number * config.head_dim, (number + 1) * config.head_dim);

  const table = weight('model.embed_tokens');
  let states = ids.map((id) => table.slice(id * config.hidden_size, (id + 1) * config.hidden_size));
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const prefix = `model.layers.${layer}`;
    const inputs = states.map((x) => norm(x, `${prefix}.input_layernorm`));
    const heads = (name: string) => inputs.map((x) => linear(x, `${prefix}.self_attn.${name}_proj`));
    const [queries, keys, values] = ['q', 'k', 'v'].map(heads);
    const turned = (x: Vector, number: number, position: number, name: string) =>
      rotate(norm(head(x, number), `${prefix}.self_attn.${name}_norm`), position);

    const attended = states.map((_, position) => {
      const output: Vector = [];
      for (let number = 0; number < config.num_attention_heads; number++) {
        const group = Math.floor((number * config.num_key_value_heads) / config.num_attention_heads);
        const query = turned(queries[position], number, position, 'q');
        const scores = keys
          .slice(0, position + 1)
          .map((key, other) => dot(query, turned(key, group, other, 'k')) / Math.sqrt(config.head_dim));
        const weights = softmax(scores);
        for (let column = 0; column < config.head_dim; column++) {
          output.push(
            dot(
              weights,
              weights.map((_, other) => head(values[other], group)[column]),
            ),
          );
        }
      }
      return linear(output, `${prefix}.self_attn.o_proj`);
    });
    states = states.map((x, position) => plus(x, attended[position]));

    states = states.map((x) => {
      const input = norm(x, `${prefix}.post_attention_layernorm`);
      const gate = linear(input, `${prefix}.mlp.gate_proj`);
      const up = linear(input, `${prefix}.mlp.up_proj`);
      const inner = gate.map((value, index) => (value / (1 + Math.exp(-value))) * up[index]);
      return plus(x, linear(inner, `${prefix}.mlp.down_proj`));
    });
  }
  return states.map((x) => linear(norm(x, 'model.norm'), 'score'));
}

function dot(left: Vector, right: Vector): number {
  return left.reduce((sum, value, index) => sum + value * right[index], 0);
}

function plus(left: Vector, right: Vector): Vector {
  return left.map((value, index) => value + right[index]);
}

function softmax(scores: Vector): Vector {
  const largest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - largest));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
}
