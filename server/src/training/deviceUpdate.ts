// The graphs that a device updates its tensors with: AdamW (as adamw.ts, in single precision), sums, sums of squares.
import type { Value } from '../graph/graph.ts';
import * as onnx from '../graph/nodes.ts';
import type { Shape } from '../graph/shape.ts';
import type { DeviceGraph } from '../models/deviceGraphs.ts';
import { BETA1, BETA2, EPSILON } from './adamw.ts';
import { STATE_PARTS } from './tensorStore.ts';

/** What AdamW reads beside the tensors, each [1]: `gradientScale` of the step, the others of `adamWFactors`. */
export const ADAMW_SCALARS = ['gradientScale', 'rate', 'secondCorrection', 'keep'] as const;

/** Reads values, first, second, gradient and the scalars; keeps `new values`, `new first`, `new second`. */
export function adamWGraph(shape: Shape): DeviceGraph {
  return {
    name: 'AdamW',
    inputs: {
      ...Object.fromEntries([...STATE_PARTS, 'gradient'].map((name) => [name, shape])),
      ...Object.fromEntries(ADAMW_SCALARS.map((name) => [name, [1]])),
    },
    build: ({ values, first, second, gradient, gradientScale, rate, secondCorrection, keep }) => {
      const { multiply, add } = onnx;
      const scalar = (number: number) => values.graph.scalar(number);
      const g = multiply(gradient, gradientScale);
      const m = add(multiply(first, scalar(BETA1)), multiply(g, scalar(1 - BETA1)));
      const v = add(multiply(second, scalar(BETA2)), multiply(multiply(g, g), scalar(1 - BETA2)));
      const size = add(onnx.squareRoot(multiply(v, secondCorrection)), scalar(EPSILON));
      const change = multiply(multiply(m, rate), onnx.reciprocal(size));
      return {
        'new values': onnx.subtract(multiply(values, keep), change),
        'new first': m,
        'new second': v,
      };
    },
    keep: STATE_PARTS.map((part) => `new ${part}`),
  };
}

/** left + right, kept as `sum`. */
export function sumGraph(shape: Shape): DeviceGraph {
  return {
    name: 'sum',
    inputs: { left: shape, right: shape },
    build: ({ left, right }) => ({ sum: onnx.add(left, right) }),
    keep: ['sum'],
  };
}

/** Σ x² over all elements of tensors `0`, `1`, …, to the host as `squares` [1]: one number comes back, not one for each. */
export function squaresGraph(shapes: readonly Shape[]): DeviceGraph {
  return {
    name: 'squares',
    inputs: Object.fromEntries(shapes.map((shape, index) => [String(index), shape])),
    build: (inputs) => {
      const squares = Object.values(inputs).map((x) =>
        onnx.reshape(onnx.sum(onnx.multiply(x, x), [...x.shape.keys()]), [1]),
      );
      return { squares: squares.reduce((sum: Value, next) => onnx.add(sum, next)) };
    },
  };
}
