// Root mean square normalisation (Zhang and Sennrich 2019, https://arxiv.org/abs/1910.07467).
import * as onnx from '../nodes.ts';
import type { Value } from '../graph.ts';
import { operator } from '../operator.ts';
import { sameShape, ShapeError } from '../shape.ts';

/**
 * y = w x̂ with x̂ = x r and r = 1 / √(mean(x²) + ε), over the last axis.
 *
 * With h = w dy: dx = r (h − x̂ mean(h x̂)) and dw = Σ dy x̂ over all outer axes.
 * @param x [..., size]
 * @param weight [size]
 * @param epsilon keeps the root away from 0
 */
export const rmsNorm = operator((x: Value, weight: Value, epsilon: number) => {
  const last = [x.shape.length - 1];
  if (!sameShape(weight.shape, x.shape.slice(-1))) {
    throw new ShapeError('rmsNorm', 'the weight does not fit the last axis', x.shape, weight.shape);
  }
  const meanSquare = onnx.mean(onnx.multiply(x, x), last);
  const r = onnx.reciprocal(onnx.squareRoot(onnx.add(meanSquare, x.graph.scalar(epsilon))));
  const normalised = onnx.multiply(x, r);
  return {
    inputs: [x, weight],
    output: onnx.multiply(normalised, weight),
    gradients: (dy) => {
      const h = onnx.multiply(dy, weight);
      const along = onnx.mean(onnx.multiply(h, normalised), last);
      return [
        onnx.multiply(onnx.subtract(h, onnx.multiply(normalised, along)), r),
        onnx.sumTo(onnx.multiply(dy, normalised), weight.shape),
      ];
    },
  };
});
