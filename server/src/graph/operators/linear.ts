// Linear layer without a bias.
import * as onnx from '../nodes.ts';
import type { Value } from '../graph.ts';
import { operator } from '../operator.ts';

/**
 * y = x Wᵀ, the layout of PyTorch's `nn.Linear`.
 * @param x [rows, in]
 * @param weight [out, in]
 * @returns [rows, out]
 */
export const linear = operator((x: Value, weight: Value) => ({
  inputs: [x, weight],
  output: onnx.gemm(x, weight, { transposeRight: true }),
  gradients: (dy) => [onnx.gemm(dy, weight), onnx.gemm(dy, x, { transposeLeft: true })],
}));
