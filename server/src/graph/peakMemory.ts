// How much memory a graph's results take at most while ONNX Runtime runs it: computed from the nodes, without running
// them. It follows the runtime's own plan (onnxruntime/core/framework/allocation_planner.cc).
import type { ElementType } from './elementType.ts';
import type { Value } from './graph.ts';
import { elementCount, sameShape } from './shape.ts';

/** A node as far as memory is concerned. */
export interface PlannedNode {
  readonly type: string;
  readonly inputs: readonly Value[];
  readonly output: Value;
}

const BYTES: Readonly<Record<ElementType, number>> = {
  float32: 4,
  float64: 8,
  bfloat16: 2,
  float16: 2,
  int32: 4,
  int64: 8,
  bool: 1,
};

/** Bytes of a value's elements. */
export function bytesOf({ type, shape }: Pick<Value, 'type' | 'shape'>): number {
  return BYTES[type] * elementCount(shape);
}

/** Operators whose result is another view of their first input. */
const VIEWS = new Set(['Reshape', 'Identity']);
/** Operators that may write over an input of the result's size, if nothing reads it after them. */
const IN_PLACE = new Set([
  ...['Abs', 'Exp', 'Log', 'Neg', 'Reciprocal', 'Relu', 'Sigmoid', 'Sqrt', 'Softmax'],
  ...['Add', 'Sub', 'Mul', 'Div'],
]);

/** Memory that values use one after the other. */
interface Buffer {
  like: Value;
  /** Reads to come of the value that it holds. */
  reads: number;
  /** The steps between which it is held, both included. */
  from: number;
  to: number;
}

/**
 * The most bytes that computed values hold at once. Inputs, initialisers and outputs of the model are not counted: the
 * caller holds those.
 * @param nodes in the order of the model's file
 * @param outputs of the model
 */
export function peakMemory(nodes: readonly PlannedNode[], outputs: ReadonlySet<Value>): number {
  const held = Array.from({ length: nodes.length + 1 }, () => 0);
  for (const { like, from, to } of planBuffers(inRunningOrder(nodes), outputs)) {
    held[from] += bytesOf(like);
    held[to + 1] -= bytesOf(like);
  }
  let bytes = 0;
  return held.reduce((most, change) => Math.max(most, (bytes += change)), 0);
}

/** The runtime's order: a depth-first search from the nodes that nothing reads, later nodes before earlier ones. */
function inRunningOrder(nodes: readonly PlannedNode[]): PlannedNode[] {
  const indexOf = new Map(nodes.map(({ output }, index) => [output, index]));
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const order: PlannedNode[] = [];
  const seen = new Set<number>();
  const stack = nodes.flatMap(({ output }, index) => (read.has(output) ? [] : [{ index, ready: false }]));
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { index, ready } = top;
    if (ready) order.push(nodes[index]);
    if (ready || seen.has(index)) continue;
    seen.add(index);
    stack.push({ index, ready: true });
    const operands = nodes[index].inputs.flatMap((input) => indexOf.get(input) ?? []);
    for (const operand of operands.sort((a, b) => a - b)) stack.push({ index: operand, ready: false });
  }
  return order;
}

/** Gives every computed value its memory, as the runtime does before the first run. */
function planBuffers(nodes: readonly PlannedNode[], outputs: ReadonlySet<Value>): Buffer[] {
  const readsOf = new Map<Value, number>();
  for (const { inputs } of nodes) {
    for (const input of inputs) readsOf.set(input, (readsOf.get(input) ?? 0) + 1);
  }
  const bufferOf = new Map<Value, Buffer>();
  const all: Buffer[] = [];
  /** Memory whose value is dead, the last one first; a result of the same shape gets it. */
  const free: Buffer[] = [];
  const place = ({ type, inputs, output }: PlannedNode, step: number): Buffer => {
    const fits = ({ like }: Buffer) => like.type === output.type && sameShape(like.shape, output.shape);
    const operands = inputs.flatMap((input) => bufferOf.get(input) ?? []);
    const kept = VIEWS.has(type)
      ? bufferOf.get(inputs[0])
      : operands.find((operand) => IN_PLACE.has(type) && operand.reads === 1 && fits(operand));
    if (kept) return kept;
    const reused = free.findIndex(fits);
    if (reused !== -1) return free.splice(reused, 1)[0];
    const fresh = { like: output, reads: 0, from: step, to: step };
    all.push(fresh);
    return fresh;
  };

  for (const [step, node] of nodes.entries()) {
    if (!outputs.has(node.output)) {
      const buffer = place(node, step);
      buffer.reads += readsOf.get(node.output) ?? 0;
      buffer.to = step;
      bufferOf.set(node.output, buffer);
    }
    for (const input of node.inputs) {
      const buffer = bufferOf.get(input);
      if (!buffer) continue;
      buffer.reads--;
      buffer.to = step;
      if (buffer.reads === 0) free.unshift(buffer);
    }
  }
  return all;
}
