// Root mean square normalisation (Zhang and Sennrich 2019, https://arxiv.org/abs/1910.07467).
import * as onnx from '../nodes.ts';
import type { Value } from '../graph.ts';
import { operator } from '../operator.ts';
import { elementCount, sameShape, ShapeError } from '../shape.ts';

/**
 * y = w x r with r = 1 / √(mean(x²) + ε), over the last axis.
 *
 * With t = dy x and n the last axis' size: dx = w dy r − x r³ (t · w) / n, and dw = Σ r t over all outer axes. Both
 * sums over t are products with a vector, which read t once and write next to nothing.
 * @param x [..., n]
 * @param weight [n]
 * @param epsilon keeps the root away from 0
 */
export const rmsNorm = operator((x: Value, weight: Value, epsilon: number) => {
  const { graph } = x;
  const size = x.shape[x.shape.length - 1];
  if (!sameShape(weight.shape, [size])) {
    throw new ShapeError('rmsNorm', 'the weight does not fit the last axis', x.shape, weight.shape);
  }
  const rows = onnx.reshape(x, [elementCount(x.shape) / size, size]);
  const meanSquare = onnx.multiply(onnx.sumOfSquares(rows, [1]), graph.scalar(1 / size));
  const r = onnx.reciprocal(onnx.squareRoot(onnx.add(meanSquare, graph.scalar(epsilon)))); // [rows, 1]
  const output = onnx.multiply(onnx.multiply(rows, r), weight);
  return {
    inputs: [x, weight],
    output: onnx.reshape(output, x.shape),
    gradients: (dy) => {
      const dyRows = onnx.reshape(dy, rows.shape);
      const t = onnx.multiply(dyRows, rows);
      const along = onnx.gemm(t, onnx.reshape(weight, [size, 1])); // t · w, [rows, 1]
      const cubed = onnx.multiply(r, onnx.multiply(r, r));
      const inward = onnx.multiply(along, onnx.multiply(cubed, graph.scalar(1 / size)));
      const dx = onnx.subtract(onnx.multiply(onnx.multiply(dyRows, weight), r), onnx.multiply(rows, inward));
      const dWeight = onnx.gemm(r, t, { transposeLeft: true }); // [1, size]
      return [onnx.reshape(dx, x.shape), onnx.reshape(dWeight, weight.shape)];
    },
  };
});
