// Collects the nodes of an ONNX model whose batch and length are open, where graph/ knows every size beforehand.
import { arrayOf, type ConstantType, type ElementType } from '../../graph/elementType.ts';
import {
  encodeModel,
  type Attribute,
  type ExternalData,
  type ModelBytes,
  type OnnxGraph,
} from '../../graph/onnxModel.ts';

/** A value, by its name in the model. */
export type Name = string;

/** Standard operators only, so that any runtime with this operator set takes the model. */
const STANDARD = '';

export class OnnxBuilder {
  readonly #nodes: OnnxGraph['nodes'][number][] = [];
  readonly #initializers: OnnxGraph['initializers'][number][] = [];
  readonly #inputs: OnnxGraph['inputs'][number][] = [];
  readonly #outputs: OnnxGraph['outputs'][number][] = [];
  readonly #constants = new Map<string, Name>();

  /** @param shape a name stands for any size */
  input(name: Name, type: ElementType, shape: readonly (number | string)[]): Name {
    this.#inputs.push({ name, type, shape });
    return name;
  }

  output(name: Name, value: Name, type: ElementType, shape: readonly (number | string)[]): void {
    this.#nodes.push({
      type: 'Identity',
      domain: STANDARD,
      inputs: [value],
      outputs: [name],
      attributes: {},
    });
    this.#outputs.push({ name, type, shape });
  }

  /** A tensor in a file beside the model. */
  external(name: Name, type: ElementType, shape: readonly number[], data: ExternalData): Name {
    this.#initializers.push({ name, type, shape, data });
    return name;
  }

  /** A small tensor, stored once however often it is asked for. */
  constant(type: ConstantType, shape: readonly number[], values: readonly number[]): Name {
    const key = `${type} ${shape.join()} ${values.join()}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = `constant_${this.#constants.size}`;
    this.#constants.set(key, name);
    this.#initializers.push({ name, type, shape, data: arrayOf(type, values) });
    return name;
  }

  scalar(value: number): Name {
    return this.constant('float32', [], [value]);
  }

  integers(values: readonly number[]): Name {
    return this.constant('int64', [values.length], values);
  }

  /** Appends a node. @returns what it computes */
  node(type: string, inputs: readonly Name[], attributes: Readonly<Record<string, Attribute>> = {}): Name {
    const output = `${type}_${this.#nodes.length}`;
    this.#nodes.push({ type, domain: STANDARD, inputs, outputs: [output], attributes });
    return output;
  }

  toModel(): ModelBytes {
    return encodeModel({
      nodes: this.#nodes,
      initializers: this.#initializers,
      inputs: this.#inputs,
      outputs: this.#outputs,
    });
  }
}
