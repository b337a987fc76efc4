// Scaled dot-product attention with a causal mask (Vaswani et al. 2017, https://arxiv.org/abs/1706.03762), with
// grouped key and value heads (Ainslie et al. 2023, https://arxiv.org/abs/2305.13245).
import * as onnx from '../nodes.ts';
import type { Graph, Value } from '../graph.ts';
import { operator } from '../operator.ts';
import { ShapeError, sameShape } from '../shape.ts';

/** Added to the score of a later position: exp of it is 0, yet finite, so that no NaN can come of it. */
const MASKED = -1e9;

/**
 * o = p v with p = softmax(q kᵀ / √size + mask), every position looking at itself and those before it. Query heads
 * g·r to g·r + r − 1 share key and value head g, with r = heads / groups.
 *
 * Gradient (FlashAttention, Dao et al. 2022, appendix B.2, https://arxiv.org/abs/2205.14135): dv = pᵀ do,
 * ds = p (do vᵀ − Σ(do o)), dq = ds k / √size, dk = dsᵀ q / √size. The row sum Σ(do o) equals Σ(dp p) and is cheaper.
 * @param query [batch, heads, length, size]
 * @param key [batch, groups, length, size]
 * @param value [batch, groups, length, size]
 * @param window positions that a position sees, itself included; all before it where undefined
 * @returns [batch, heads, length, size]
 */
export const causalAttention = operator((query: Value, key: Value, value: Value, window?: number) => {
  const [batch, heads, length, size] = query.shape;
  const groups = key.shape[1];
  if (!sameShape(key.shape, value.shape) || !sameShape(key.shape, [batch, groups, length, size])) {
    throw new ShapeError(
      'causalAttention',
      'query, key and value do not fit',
      query.shape,
      key.shape,
      value.shape,
    );
  }
  if (heads % groups !== 0) {
    throw new ShapeError('causalAttention', 'query heads do not divide into groups', query.shape, key.shape);
  }
  const repeat = heads / groups;
  // The queries of one group, one head below the other: one product serves them all.
  const grouped = [batch, groups, repeat * length, size];
  const scale = 1 / Math.sqrt(size);
  const q = onnx.reshape(query, grouped);
  const scores = onnx.batchedMatmul(q, key, { transposeRight: true, scale });
  const byHead = onnx.reshape(scores, [batch, heads, length, length]);
  const p = onnx.reshape(
    onnx.softmax(onnx.add(byHead, causalMask(query.graph, length, window))),
    scores.shape,
  );
  const output = onnx.batchedMatmul(p, value);
  return {
    inputs: [query, key, value],
    output: onnx.reshape(output, query.shape),
    gradients: (dy) => {
      const dOutput = onnx.reshape(dy, grouped);
      const dP = onnx.batchedMatmul(dOutput, value, { transposeRight: true });
      const rowSums = onnx.sum(onnx.multiply(dOutput, output), [3]);
      const dScores = onnx.multiply(p, onnx.subtract(dP, rowSums));
      return [
        onnx.reshape(onnx.batchedMatmul(dScores, key, { scale }), query.shape),
        onnx.batchedMatmul(dScores, q, { transposeLeft: true, scale }),
        onnx.batchedMatmul(p, dOutput, { transposeLeft: true }),
      ];
    },
  };
});

/** [length, length], row = position that looks, column = position looked at. */
function causalMask(graph: Graph, length: number, window = length): Value {
  return graph.constant(`causal mask ${length} ${window}`, [length, length], () => {
    const mask = new Float32Array(length * length);
    for (let row = 0; row < length; row++) {
      mask.fill(MASKED, row * length + row + 1, (row + 1) * length);
      mask.fill(MASKED, row * length, row * length + Math.max(0, row + 1 - window));
    }
    return mask;
  });
}
