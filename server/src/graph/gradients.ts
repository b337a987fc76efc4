// Reverse-mode differentiation: extends a graph by the gradients of a scalar.
import * as onnx from './nodes.ts';
import type { Value } from './graph.ts';
import { ShapeError, sameShape } from './shape.ts';

/**
 * Emits the gradient of a scalar with respect to each given value. Only the path between them is differentiated;
 * nodes that turn out not to be needed are left out when the model is written.
 * @returns one value for each of `sources`, in order and of its shape
 * @throws Error where the loss does not depend on a source
 */
export function gradients(loss: Value, sources: readonly Value[]): Value[] {
  if (loss.shape.length !== 0) throw new ShapeError('gradients', 'only a scalar has them', loss.shape);
  const { graph } = loss;

  const dependent = new Set(sources);
  for (const { inputs, output } of graph.tape) {
    if (inputs.some((input) => dependent.has(input))) dependent.add(output);
  }

  const gradientOf = new Map<Value, Value>([[loss, graph.scalar(1)]]);
  for (const result of graph.tape.toReversed()) {
    const outputGradient = gradientOf.get(result.output);
    if (!outputGradient || !dependent.has(result.output)) continue;
    const inputGradients = result.gradients(outputGradient);
    for (const [index, input] of result.inputs.entries()) {
      if (!dependent.has(input)) continue;
      const gradient = inputGradients[index];
      if (!sameShape(gradient.shape, input.shape)) {
        throw new ShapeError(
          'gradients',
          'a gradient is not of its value’s shape',
          gradient.shape,
          input.shape,
        );
      }
      const other = gradientOf.get(input);
      gradientOf.set(input, other ? onnx.add(other, gradient) : gradient);
    }
  }

  return sources.map((source) => {
    const gradient = gradientOf.get(source);
    if (!gradient) throw new Error('gradients: the loss does not depend on one of the values.');
    return gradient;
  });
}
