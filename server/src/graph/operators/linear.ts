// Linear layer without a bias.
import * as onnx from '../nodes.ts';
import type { Value } from '../graph.ts';
import { operator } from '../operator.ts';

/**
 * y = factor · x Wᵀ, the layout of PyTorch's `nn.Linear`.
 *
 * A weight of half precision is widened where it is used, forward and backward each for itself.
 * @param x [rows, in]
 * @param weight [out, in]
 * @returns [rows, out]
 */
export const linear = operator((x: Value, weight: Value, factor?: number) => {
  const scale = factor ?? 1;
  return {
    inputs: [x, weight],
    output: onnx.gemm(x, onnx.widen(weight), { transposeRight: true, scale }),
    gradients: (dy) => [
      onnx.gemm(dy, onnx.widen(weight), { scale }),
      onnx.gemm(dy, x, { transposeLeft: true, scale }),
    ],
  };
});
