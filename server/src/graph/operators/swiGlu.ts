// The gate of a SwiGLU feed-forward block (Shazeer 2020, https://arxiv.org/abs/2002.05202).
import * as onnx from '../nodes.ts';
import type { Value } from '../graph.ts';
import { operator } from '../operator.ts';
import { sameShape, ShapeError } from '../shape.ts';

/**
 * y = silu(gate) up with silu(g) = g σ(g).
 *
 * silu'(g) = σ(g) (1 + g (1 − σ(g))) = s + a (1 − s) with s = σ(g) and a = silu(g).
 * @param gate any shape
 * @param up the shape of gate
 */
export const swiGlu = operator((gate: Value, up: Value) => {
  if (!sameShape(gate.shape, up.shape))
    throw new ShapeError('swiGlu', 'gate and up differ', gate.shape, up.shape);
  const s = onnx.sigmoid(gate);
  const a = onnx.multiply(gate, s);
  return {
    inputs: [gate, up],
    output: onnx.multiply(a, up),
    gradients: (dy) => {
      const slope = onnx.add(s, onnx.multiply(a, onnx.subtract(gate.graph.scalar(1), s)));
      return [onnx.multiply(onnx.multiply(dy, up), slope), onnx.multiply(dy, a)];
    },
  };
});
