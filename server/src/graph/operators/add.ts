// Elementwise sum, with broadcasting: residual connections and biases.
import * as onnx from '../nodes.ts';
import type { Value } from '../graph.ts';
import { operator } from '../operator.ts';

/** y = a + b. Shapes broadcast. */
export const add = operator((a: Value, b: Value) => ({
  inputs: [a, b],
  output: onnx.add(a, b),
  gradients: (dy) => [onnx.sumTo(dy, a.shape), onnx.sumTo(dy, b.shape)],
}));
