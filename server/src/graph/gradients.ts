// Reverse-mode differentiation: extends a graph by the gradients of a scalar.
import * as onnx from './nodes.ts';
import type { OperatorResult, Value } from './graph.ts';
import { ShapeError, sameShape } from './shape.ts';

/** What operators' gradient rules may ask about the differentiation that they take part in. */
export interface BackwardPass {
  /** Values that depend on what is differentiated by; no other value needs a gradient. */
  readonly dependent: ReadonlySet<Value>;
  /** Scalars that must be known before a block computes its activations again (recompute.ts). */
  waitFor: readonly Value[];
}

/**
 * Emits the gradient of a scalar with respect to each given value. Only the path between them is differentiated;
 * nodes that turn out not to be needed are left out when the model is written.
 * @returns one value for each of `sources`, in order and of its shape
 * @throws Error where the loss does not depend on a source
 */
export function gradients(loss: Value, sources: readonly Value[]): Value[] {
  if (loss.shape.length !== 0) throw new ShapeError('gradients', 'only a scalar has them', loss.shape);
  const { graph } = loss;
  const found = backwardThrough(graph.tape, loss, graph.scalar(1), sources, { waitFor: [] });
  return sources.map((source) => {
    const gradient = found.get(source);
    if (!gradient) throw new Error('gradients: the loss does not depend on one of the values.');
    return gradient;
  });
}

/**
 * Walks a tape backwards, from the gradient of a value that it computes.
 * @param pass the differentiation that this is a part of; what it waits for is carried on
 * @returns the gradients found, by value; none for a source that the output does not depend on
 */
export function backwardThrough(
  tape: readonly OperatorResult[],
  output: Value,
  outputGradient: Value,
  sources: readonly Value[],
  pass: Pick<BackwardPass, 'waitFor'>,
): ReadonlyMap<Value, Value> {
  const dependent = new Set(sources);
  for (const { inputs, output: computed } of tape) {
    if (inputs.some((input) => dependent.has(input))) dependent.add(computed);
  }

  const inner: BackwardPass = { dependent, waitFor: pass.waitFor };
  const gradientOf = new Map([[output, outputGradient]]);
  for (const result of tape.toReversed()) {
    const gradient = gradientOf.get(result.output);
    if (!gradient || !dependent.has(result.output)) continue;
    const inputGradients = result.gradients(gradient, inner);
    for (const [index, input] of result.inputs.entries()) {
      const inputGradient = inputGradients[index];
      if (!inputGradient || !dependent.has(input)) continue;
      if (!sameShape(inputGradient.shape, input.shape)) {
        throw new ShapeError(
          'gradients',
          'a gradient is not of its value’s shape',
          inputGradient.shape,
          input.shape,
        );
      }
      const other = gradientOf.get(input);
      gradientOf.set(input, other ? onnx.add(other, inputGradient) : inputGradient);
    }
  }
  pass.waitFor = inner.waitFor;
  return gradientOf;
}
