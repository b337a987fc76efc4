// The decoder of backbones/decoder.ts for other runtimes: any batch and length, standard ONNX operators only.
// Shapes stand on the right: B paths of L tokens, N = B L.
import { ONNX_DATA_TYPE } from '../../graph/elementType.ts';
import { architectureOf } from '../backbones/architectures.ts';
import type { DecoderConfig } from '../backbones/config.ts';
import { EMBEDDING } from '../backbones/parameters.ts';
import { rotaryFrequencies } from '../backbones/rope.ts';
import type { Name, OnnxBuilder } from './onnxBuilder.ts';

/** Added to the score of a position that is not seen: exp of it is 0, yet finite, so that no NaN can come of it. */
const MASKED = -1e9;

/** In a shape: as many as the input has on this axis, and as many as are left. */
const [SAME, REST] = [0, -1];

/**
 * Emits the decoder with its head. Later positions are never seen, so padding belongs on the right; no mask is needed.
 * @param ids int64 [B, L]
 * @param parameter the float32 value of a parameter, by its Hugging Face name
 * @returns logits [B, L, 2]; class 1 = correct
 */
export function onnxDecoder(
  builder: OnnxBuilder,
  config: DecoderConfig,
  ids: Name,
  parameter: (name: string) => Name,
): Name {
  const { num_attention_heads: heads, num_key_value_heads: groups, head_dim: size } = config;
  const architecture = architectureOf(config.model_type);
  const bias = architecture.attentionBias(config);
  const node = builder.node.bind(builder);
  const reshape = (x: Name, shape: readonly number[]) => node('Reshape', [x, builder.integers(shape)]);
  const transpose = (x: Name, axes: readonly number[]) =>
    node('Transpose', [x], { perm: { integers: axes } });
  const batchAndLength = node('Shape', [ids]); // [2]
  const positions = positionsOf(builder, batchAndLength);
  const tables = rotaryTables(builder, config, positions);
  /** [N, …] as [B, L, …]. */
  const unfold = (x: Name, rest: readonly number[]) =>
    node('Reshape', [x, node('Concat', [batchAndLength, builder.integers(rest)], { axis: { integer: 0 } })]);

  const rmsNorm = (x: Name, name: string): Name => {
    const meanSquare = node('ReduceMean', [node('Mul', [x, x]), builder.integers([-1])]);
    const root = node('Sqrt', [node('Add', [meanSquare, builder.scalar(config.rms_norm_eps)])]);
    return node('Mul', [node('Div', [x, root]), parameter(`${name}.weight`)]);
  };

  /** x Wᵀ, plus the bias where the architecture has one. */
  const project = (x: Name, name: string, hasBias: boolean): Name =>
    node('Gemm', [x, parameter(`${name}.weight`), ...(hasBias ? [parameter(`${name}.bias`)] : [])], {
      transB: { integer: 1 },
    });

  const rotate = (x: Name): Name => {
    const part = (from: number, to: number) =>
      node('Slice', [x, ...[from, to, -1].map((value) => builder.integers([value]))]);
    const [first, second] = [part(0, size / 2), part(size / 2, size)];
    const turned = (type: string, a: Name, b: Name) =>
      node(type, [node('Mul', [a, tables.cosine]), node('Mul', [b, tables.sine])]);
    return node('Concat', [turned('Sub', first, second), turned('Add', second, first)], {
      axis: { integer: -1 },
    });
  };

  const attention = (x: Name, prefix: string, mask: Name): Name => {
    const split = (name: string, count: number) =>
      unfold(project(x, `${prefix}.${name}_proj`, bias.input), [count, size]);
    const norm = (value: Name, name: string) =>
      architecture.queryKeyNorm ? rmsNorm(value, `${prefix}.${name}_norm`) : value;
    const query = rotate(transpose(norm(split('q', heads), 'q'), [0, 2, 1, 3])); // [B, heads, L, size]
    const key = rotate(transpose(norm(split('k', groups), 'k'), [0, 2, 1, 3])); // [B, groups, L, size]
    const value = transpose(split('v', groups), [0, 2, 1, 3]); // [B, groups, L, size]
    // The queries of one group, one head below the other: one product serves them all.
    const scaled = node('Mul', [query, builder.scalar(1 / Math.sqrt(size))]);
    const grouped = reshape(scaled, [SAME, groups, REST, size]); // [B, groups, heads / groups L, size]
    const scores = node('MatMul', [grouped, transpose(key, [0, 1, 3, 2])]); // [B, groups, heads / groups L, L]
    const byHead = reshape(scores, [SAME, heads, REST, SAME]); // [B, heads, L, L]
    const seen = node('Softmax', [node('Add', [byHead, mask])], { axis: { integer: -1 } });
    const mixed = node('MatMul', [reshape(seen, [SAME, groups, REST, SAME]), value]);
    const together = transpose(reshape(mixed, [SAME, heads, REST, size]), [0, 2, 1, 3]); // [B, L, heads, size]
    return project(reshape(together, [REST, heads * size]), `${prefix}.o_proj`, bias.output); // [N, hidden]
  };

  const feedForward = (x: Name, prefix: string): Name => {
    const hasBias = architecture.feedForwardBias(config);
    const gate = project(x, `${prefix}.gate_proj`, hasBias);
    const up = project(x, `${prefix}.up_proj`, hasBias);
    const activated = node('Mul', [node('Mul', [gate, node('Sigmoid', [gate])]), up]);
    return project(activated, `${prefix}.down_proj`, hasBias);
  };

  const masks = new Map<number | undefined, Name>();
  let x = reshape(node('Gather', [parameter(EMBEDDING), ids]), [REST, config.hidden_size]); // [N, hidden]
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const prefix = `model.layers.${layer}`;
    const window = architecture.window(config, layer);
    const mask = masks.get(window) ?? causalMask(builder, positions, window);
    masks.set(window, mask);
    x = node('Add', [x, attention(rmsNorm(x, `${prefix}.input_layernorm`), `${prefix}.self_attn`, mask)]);
    x = node('Add', [x, feedForward(rmsNorm(x, `${prefix}.post_attention_layernorm`), `${prefix}.mlp`)]);
  }
  return unfold(project(rmsNorm(x, 'model.norm'), 'score', true), [2]);
}

/** 0, 1, … L − 1, float32 [L]: exact up to 2^24 positions. */
function positionsOf(builder: OnnxBuilder, batchAndLength: Name): Name {
  const zero = builder.constant('int64', [], [0]);
  const one = builder.constant('int64', [], [1]);
  const length = builder.node('Gather', [batchAndLength, one]);
  const range = builder.node('Range', [zero, length, one]);
  return builder.node('Cast', [range], { to: { integer: ONNX_DATA_TYPE.float32 } });
}

/** Cosine and sine of every position's angles, [L, size / 2]. */
function rotaryTables(builder: OnnxBuilder, config: DecoderConfig, positions: Name) {
  const { radians, scale } = rotaryFrequencies(config);
  const column = builder.node('Unsqueeze', [positions, builder.integers([1])]);
  const angles = builder.node('Mul', [column, builder.constant('float32', [1, radians.length], radians)]);
  const table = (type: string) => builder.node('Mul', [builder.node(type, [angles]), builder.scalar(scale)]);
  return { cosine: table('Cos'), sine: table('Sin') };
}

/** [L, L], row = position that looks, column = position looked at: 0 where it is seen. */
function causalMask(builder: OnnxBuilder, positions: Name, window: number | undefined): Name {
  const looking = builder.node('Unsqueeze', [positions, builder.integers([1])]);
  const looked = builder.node('Unsqueeze', [positions, builder.integers([0])]);
  const behind = builder.node('Sub', [looking, looked]);
  const later = builder.node('Less', [behind, builder.scalar(0)]);
  const hidden =
    window === undefined
      ? later
      : builder.node('Or', [later, builder.node('GreaterOrEqual', [behind, builder.scalar(window)])]);
  return builder.node('Where', [hidden, builder.scalar(MASKED), builder.scalar(0)]);
}
