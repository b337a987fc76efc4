// Defines differentiable operators: what they compute and how gradients flow back through them.
import type { OperatorResult, Value } from './graph.ts';

/** A differentiable operator, applied by calling it. */
export type Operator<Arguments extends readonly unknown[]> = (...args: Arguments) => Value;

/** Makes an operator out of a rule: emits its forward nodes and records its gradient rule on the graph's tape. */
export function operator<Arguments extends readonly unknown[]>(
  rule: (...args: Arguments) => OperatorResult,
): Operator<Arguments> {
  return (...args) => {
    const result = rule(...args);
    result.output.graph.tape.push(result);
    return result.output;
  };
}
