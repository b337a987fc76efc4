// The loss: weighted cross-entropy over two classes.
import * as onnx from '../nodes.ts';
import type { Value } from '../graph.ts';
import { operator } from '../operator.ts';
import { sameShape, ShapeError } from '../shape.ts';

/**
 * Σ weight · −log softmax(logits)[label], nats. Over two classes −log softmax is softplus(−sign · margin) with
 * margin = logit 1 − logit 0, and softplus(z) = max(z, 0) + log(1 + exp(−|z|)) never overflows.
 *
 * d margin = −sign · weight · σ(−sign · margin).
 * @param logits [rows, 2]
 * @param signs [rows, 1], +1 where the label is class 1, −1 where it is class 0
 * @param weights [rows, 1]; let them sum to 1 for a mean
 * @returns a scalar; gradients flow to the logits only
 */
export const binaryCrossEntropy = operator((logits: Value, signs: Value, weights: Value) => {
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
  const difference = logits.graph.constant('class 1 less class 0', [2, 1], () => [-1, 1]);
  const z = onnx.multiply(onnx.gemm(logits, difference), onnx.negate(signs));
  const tail = onnx.logarithm(
    onnx.add(onnx.exponential(onnx.negate(onnx.absolute(z))), logits.graph.scalar(1)),
  );
  const losses = onnx.multiply(onnx.add(onnx.relu(z), tail), weights);
  return {
    inputs: [logits],
    output: onnx.reshape(onnx.sum(losses, [0, 1]), []),
    gradients: (dy) => {
      const slope = onnx.multiply(onnx.sigmoid(z), onnx.multiply(onnx.negate(signs), weights));
      return [onnx.gemm(onnx.multiply(slope, dy), difference, { transposeRight: true })];
    },
  };
});
