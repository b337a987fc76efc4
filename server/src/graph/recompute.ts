// Activation recomputation (Chen et al. 2016, https://arxiv.org/abs/1604.06174): a block of a graph keeps its inputs
// only, and computes everything between them and its output a second time for the backward pass.
import { backwardThrough, type BackwardPass } from './gradients.ts';
import type { Graph, OperatorResult, Value } from './graph.ts';
import * as onnx from './nodes.ts';

/**
 * Emits a block whose activations are dropped after the forward pass. It costs the block's forward pass once more; the
 * gradients are the same.
 *
 * The second computation takes its inputs through a barrier, which adds 0 times one element of gradients that must be
 * known first. Without it the runtime would merge the two computations into one; and since it runs the gradients of
 * weights only after everything else, every block's activations would wait for theirs. So the barrier waits for the
 * gradient of the block's output and for every gradient of a weight in the block above.
 * @param inputs the activations that the block reads; values that it reads besides, such as weights, stay in memory
 * @param build emits the block from its inputs; called twice and must emit the same both times
 */
export function recomputed(
  inputs: readonly [Value, ...Value[]],
  build: (inputs: readonly Value[]) => Value,
): Value {
  const { graph } = inputs[0];
  const { output, tape } = recorded(graph, () => build(inputs));
  const outside = readFromOutside(tape, inputs);
  graph.tape.push({
    inputs: [...inputs, ...outside],
    output,
    gradients: (outputGradient, pass) => {
      const behind = barrier(outputGradient, pass);
      const again = inputs.map((input) => onnx.add(input, behind));
      const second = recorded(graph, () => build(again));
      const sources = [
        ...again.filter((_, index) => pass.dependent.has(inputs[index])),
        ...outside.filter((value) => pass.dependent.has(value)),
      ];
      const found = backwardThrough(second.tape, second.output, outputGradient, sources, pass);
      const outsideGradients = outside.map((value) => found.get(value));
      pass.waitFor = outsideGradients.flatMap((gradient) => (gradient ? [corner(gradient)] : []));
      return [...again.map((value) => found.get(value)), ...outsideGradients];
    },
  });
  return output;
}

/** Runs a builder and takes what it leaves on the tape off it again. */
function recorded(graph: Graph, build: () => Value): { output: Value; tape: OperatorResult[] } {
  const before = graph.tape.length;
  const output = build();
  return { output, tape: graph.tape.splice(before) };
}

/** Values that operators of a block read and neither the block computes nor its inputs give, each once. */
function readFromOutside(tape: readonly OperatorResult[], inputs: readonly Value[]): Value[] {
  const inside = new Set([...inputs, ...tape.map(({ output }) => output)]);
  return [...new Set(tape.flatMap((result) => result.inputs))].filter((value) => !inside.has(value));
}

/** A zero that is known only when the gradient and what the pass waits for are. */
function barrier(gradient: Value, pass: BackwardPass): Value {
  const elements = [corner(gradient), ...pass.waitFor];
  return onnx.multiply(
    elements.reduce((sum, element) => onnx.add(sum, element)),
    gradient.graph.scalar(0),
  );
}

/** One element of a value, as a scalar. */
function corner(value: Value): Value {
  const { graph, shape } = value;
  if (shape.length === 0) return value;
  const ones = shape.map(() => 1);
  const ranges = [shape.map(() => 0), ones, [...shape.keys()]].map((list) => graph.integers(list));
  return onnx.reshape(graph.emit('Slice', [value, ...ranges], ones), []);
}
