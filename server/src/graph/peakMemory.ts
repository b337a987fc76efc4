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

/** Memory that several values use, one after the other. */
interface Buffer {
  like: Value;
  bytes: number;
  /** Reads to come of the values that it holds. */
  reads: number;
}

/**
 * The most bytes that computed values hold at once. Inputs, initialisers and outputs are not counted: the caller holds
 * those.
 * @param nodes in the order of the model's file
 * @param given values that are not freed or written over: inputs and outputs of the model
 */
export function peakMemory(nodes: readonly PlannedNode[], given: ReadonlySet<Value>): number {
  const reads = new Map<Value, number>();
  for (const { inputs } of nodes) {
    for (const input of inputs) reads.set(input, (reads.get(input) ?? 0) + 1);
  }
  const bufferOf = new Map<Value, Buffer>();
  /** Memory of dead values, the last one first, which the runtime's plan hands to results of the same shape. */
  const free: Buffer[] = [];
  const fits = (value: Value) => (buffer: Buffer) =>
    buffer.like.type === value.type && sameShape(buffer.like.shape, value.shape);

  const place = ({ type, inputs, output }: PlannedNode): Buffer | undefined => {
    const [first] = inputs;
    if (VIEWS.has(type)) return bufferOf.get(first);
    if (IN_PLACE.has(type)) {
      const over = inputs.map((input) => bufferOf.get(input)).find((buffer) => buffer?.reads === 1 && fits(output)(buffer));
      if (over) return over;
    }
    const reused = free.findIndex(fits(output));
    return reused === -1 ? { like: output, bytes: bytesOf(output), reads: 0 } : free.splice(reused, 1)[0];
  };

  return 0;
}
