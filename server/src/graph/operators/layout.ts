// Operators that move elements and change none.
import * as onnx from '../nodes.ts';
import type { Value } from '../graph.ts';
import { operator } from '../operator.ts';
import type { Shape } from '../shape.ts';

/** The same elements in the same order, as another shape. */
export const reshape = operator((x: Value, shape: Shape) => ({
  inputs: [x],
  output: onnx.reshape(x, shape),
  gradients: (dy) => [onnx.reshape(dy, x.shape)],
}));

/** Axis i of the result is axis `permutation[i]` of x. */
export const transpose = operator((x: Value, permutation: readonly number[]) => ({
  inputs: [x],
  output: onnx.transpose(x, permutation),
  gradients: (dy) => [onnx.transpose(dy, inverse(permutation))],
}));

function inverse(permutation: readonly number[]): number[] {
  return permutation.map((_, axis) => permutation.indexOf(axis));
}
