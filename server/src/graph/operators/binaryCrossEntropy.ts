// The loss: weighted cross-entropy over two classes.
import * as onnx from '../nodes.ts';
import type { Value } from '../graph.ts';
import { operator } from '../operator.ts';
import { sameShape, ShapeError } from '../shape.ts';

/**
 * Σ weight · (t softplus(−z) + (1 − t) softplus(z)), nats, with z = logit 1 − logit 0 and t the wanted probability of
 * class 1: cross-entropy with a soft target, and softplus(z) − t z written so that hard targets (0 and 1) lose no digits.
 * softplus(z) = max(z, 0) + log(1 + exp(−|z|)) never overflows.
 *
 * dz = weight · ((1 − t) σ(z) − t σ(−z)).
 * @param logits [rows, 2]
 * @param signs [rows, 1], 2 t − 1: +1 where the label is class 1, −1 where it is class 0, or between for a soft target
 * @param weights [rows, 1]; let them sum to 1 for a mean
 * @returns a scalar; gradients flow to the logits only
 */
export const binaryCrossEntropy = operator((logits: Value, signs: Value, weights: Value) => {
  const { graph } = logits;
  const [rows, classes] = logits.shape;
  if (classes !== 2) throw new ShapeError('binaryCrossEntropy', 'two classes are needed', logits.shape);
  for (const column of [signs, weights]) {
    if (sameShape(column.shape, [rows, 1])) continue;
    throw new ShapeError(
      'binaryCrossEntropy',
      'one number for each row is needed',
      logits.shape,
      column.shape,
    );
  }
  const [one, half] = [graph.scalar(1), graph.scalar(0.5)];
  const target = onnx.multiply(onnx.add(one, signs), half);
  const rest = onnx.multiply(onnx.subtract(one, signs), half);
  const difference = graph.constant('class 1 less class 0', [2, 1], () => [-1, 1]);
  const z = onnx.gemm(logits, difference);
  const negative = onnx.negate(z);
  const hinge = onnx.add(onnx.multiply(target, onnx.relu(negative)), onnx.multiply(rest, onnx.relu(z)));
  const tail = onnx.logarithm(onnx.add(onnx.exponential(onnx.negate(onnx.absolute(z))), one));
  const losses = onnx.multiply(onnx.add(hinge, tail), weights);
  return {
    inputs: [logits],
    output: onnx.reshape(onnx.sum(losses, [0, 1]), []),
    gradients: (dy) => {
      const slope = onnx.subtract(
        onnx.multiply(rest, onnx.sigmoid(z)),
        onnx.multiply(target, onnx.sigmoid(negative)),
      );
      return [
        onnx.gemm(onnx.multiply(onnx.multiply(slope, weights), dy), difference, { transposeRight: true }),
      ];
    },
  };
});
