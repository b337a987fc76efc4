// A tensor graph under construction: typed values with static shapes, the nodes that compute them, and the record of
// differentiable operators that gradients.ts walks backwards.
import {
  arrayOf,
  type ConstantType,
  type ElementArray,
  type ElementType,
  type FloatType,
} from './elementType.ts';
import type { BackwardPass } from './gradients.ts';
import { encodeModel, type Attribute, type ExternalData, type ModelBytes } from './onnxModel.ts';
import { peakMemory } from './peakMemory.ts';
import { elementCount, ShapeError, type Shape } from './shape.ts';

/** A tensor in a graph: what an input feeds, an initialiser holds or a node computes. */
export class Value {
  constructor(
    readonly graph: Graph,
    readonly type: ElementType,
    readonly shape: Shape,
  ) {}
}

/** What a differentiable operator leaves behind. */
export interface OperatorResult {
  /** The values that gradients flow to. */
  inputs: readonly Value[];
  output: Value;
  /**
   * Emits the gradient of every input, in the order of `inputs`, given the gradient of the output. Those that the pass
   * does not need may be left undefined; a node that nothing needs is not written.
   */
  gradients: (outputGradient: Value, pass: BackwardPass) => readonly (Value | undefined)[];
}

export interface GraphOptions {
  /** Type of every real tensor. */
  floatType?: FloatType;
  /**
   * Which kernels the graph may count on. `cpu`: also ONNX Runtime's fused operators (domain com.microsoft).
   * `portable`: only operators that its WebGPU provider runs on the device as well.
   */
  target?: 'cpu' | 'portable';
}

interface Node {
  type: string;
  domain: string;
  inputs: readonly Value[];
  output: Value;
  attributes: Readonly<Record<string, Attribute>>;
}

/**
 * Sorts nodes so that ONNX Runtime keeps few results waiting. It takes the last node that nothing reads, computes what it
 * needs, and goes on with the one before; of a node's operands it computes the one that stands last first. So:
 * - Nodes stand by their depth. An operand that many steps lead to is then computed before one that is quickly made, such
 *   as a widened weight or a mask: made first, those of all layers would wait through the whole forward pass.
 * - Nodes that nothing reads stand at the end, the deepest first. The gradient of a weight is then computed as soon as it
 *   can be, and what it needs is freed; in the order of the backward pass all of them would come at its end.
 *
 * (onnxruntime/core/graph/graph_viewer.cc: the default execution order is a depth-first search from the leaves.)
 */
function inOrderOfExecution(nodes: readonly Node[]): Node[] {
  const depths = new Map<Value, number>();
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const depthOf = ({ inputs }: Node): number =>
    inputs.reduce((most, input) => Math.max(most, depths.get(input) ?? 0), 0) + 1;
  const placed = nodes.map((node) => {
    const depth = depthOf(node);
    depths.set(node.output, depth);
    return { node, depth, leaf: !read.has(node.output) };
  });
  const inner = placed.filter(({ leaf }) => !leaf).sort((a, b) => a.depth - b.depth);
  const leaves = placed.filter(({ leaf }) => leaf).sort((a, b) => b.depth - a.depth);
  return [...inner, ...leaves].map(({ node }) => node);
}

export class Graph {
  readonly floatType: FloatType;
  readonly target: 'cpu' | 'portable';
  /** Applications of differentiable operators, in the order of computation. */
  readonly tape: OperatorResult[] = [];
  private readonly nodes: Node[] = [];
  private readonly inputs = new Map<Value, string>();
  private readonly initializers = new Map<Value, ElementArray | ExternalData>();
  private readonly outputs = new Map<string, Value>();
  private readonly constants = new Map<string, Value>();

  constructor({ floatType = 'float32', target = 'cpu' }: GraphOptions = {}) {
    this.floatType = floatType;
    this.target = target;
  }

  /** A tensor that every run feeds. */
  input(name: string, shape: Shape, type: ElementType = this.floatType): Value {
    const value = new Value(this, type, shape);
    this.inputs.set(value, name);
    return value;
  }

  /** A tensor that the model carries, inside its bytes or in a file beside it. */
  initializer(shape: Shape, data: ElementArray | ExternalData, type: ElementType = this.floatType): Value {
    if (ArrayBuffer.isView(data) && data.length !== elementCount(shape)) {
      throw new ShapeError('initializer', `${data.length} elements do not fill the shape`, shape);
    }
    const value = new Value(this, type, shape);
    this.initializers.set(value, data);
    return value;
  }

  /** A tensor known in advance, stored once for each key however often it is asked for. */
  constant(
    key: string,
    shape: Shape,
    make: () => ArrayLike<number>,
    type: ConstantType = this.floatType,
  ): Value {
    const known = this.constants.get(key);
    if (known) return known;
    const value = this.initializer(shape, arrayOf(type, make()), type);
    this.constants.set(key, value);
    return value;
  }

  /** A constant of the graph's float type. */
  scalar(value: number): Value {
    return this.constant(`scalar ${value}`, [], () => [value]);
  }

  /** A list of integers as ONNX takes it: axes, shapes, positions. */
  integers(values: readonly number[]): Value {
    return this.constant(`integers ${values.join(' ')}`, [values.length], () => values, 'int64');
  }

  /** Appends one ONNX node and returns what it computes; of the type of its first input unless `result` says another. */
  emit(
    type: string,
    inputs: readonly [Value, ...Value[]],
    shape: Shape,
    {
      attributes = {},
      domain = '',
      result = inputs[0].type,
    }: { attributes?: Record<string, Attribute>; domain?: string; result?: ElementType } = {},
  ): Value {
    const output = new Value(this, result, shape);
    this.nodes.push({ type, domain, inputs, output, attributes });
    return output;
  }

  /** Makes a value an output of the model. */
  output(name: string, value: Value): void {
    this.outputs.set(name, value);
  }

  /** The ONNX model: the nodes that the outputs need, and nothing else. */
  toModel(): ModelBytes {
    const names = this.nameOutputs();
    const nodes = inOrderOfExecution(this.neededNodes());
    const needed = new Set([...this.outputs.values(), ...nodes.flatMap((node) => node.inputs)]);
    const nameOf = (value: Value): string => {
      const name = names.get(value) ?? `v${names.size}`;
      names.set(value, name);
      return name;
    };
    const describe = (value: Value) => ({ name: nameOf(value), type: value.type, shape: value.shape });
    return encodeModel({
      // Inputs stay in the model even where no output needs them, so that every run feeds the same names.
      inputs: [...this.inputs.keys()].map(describe),
      initializers: [...this.initializers]
        .filter(([value]) => needed.has(value))
        .map(([value, data]) => ({ ...describe(value), data })),
      nodes: nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map(nameOf),
        outputs: [nameOf(node.output)],
      })),
      outputs: [...this.outputs.values()].map(describe),
    });
  }

  /** The most bytes that computed values take at once while ONNX Runtime runs the model, its outputs not counted. */
  peakMemory(): number {
    return peakMemory(inOrderOfExecution(this.neededNodes()), new Set(this.outputs.values()));
  }

  /** Names that callers feed and fetch by. A value that has a name already is copied under the second one. */
  private nameOutputs(): Map<Value, string> {
    const names = new Map(this.inputs);
    for (const [name, value] of this.outputs) {
      const free = !names.has(value) && !this.initializers.has(value);
      const output = free ? value : this.emit('Identity', [value], value.shape);
      this.outputs.set(name, output);
      names.set(output, name);
    }
    return names;
  }

  /** Nodes that the outputs depend on, in the order of computation. */
  private neededNodes(): Node[] {
    const needed = new Set<Value>(this.outputs.values());
    const kept: Node[] = [];
    for (const node of this.nodes.toReversed()) {
      if (!needed.has(node.output)) continue;
      kept.push(node);
      for (const input of node.inputs) needed.add(input);
    }
    return kept.reverse();
  }
}
