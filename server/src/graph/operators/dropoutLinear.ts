// Linear layer behind dropout (Srivastava et al. 2014): random elements of its input are left out while training.
import * as onnx from '../nodes.ts';
import type { Value } from '../graph.ts';
import { operator } from '../operator.ts';
import type { DropoutMask } from '../dropout.ts';

/**
 * y = factor · (m x) Wᵀ with m[i, j] = 0 where the mask drops and 1 elsewhere; put 1 / (1 − share) into the factor.
 *
 * dx = m (factor · dy W), dW = factor · dyᵀ (m x). The mask and the kept part of x are computed again for the gradients:
 * kept, they would be larger than everything else that the layer needs.
 * @param x [rows, in]
 * @param weight [out, in]
 * @param mask of [rows, in]
 * @returns [rows, out]
 */
export const dropoutLinear = operator((x: Value, weight: Value, mask: DropoutMask, factor: number) => ({
  inputs: [x, weight],
  output: onnx.gemm(mask.keep(x), onnx.widen(weight), { transposeRight: true, scale: factor }),
  gradients: (dy) => [
    mask.keep(onnx.gemm(dy, onnx.widen(weight), { scale: factor })),
    onnx.gemm(dy, mask.keep(x), { transposeLeft: true, scale: factor }),
  ],
}));
