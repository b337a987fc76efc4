// Weights as tensors of a graph: those in memory go into the model, those in files stay there and are mapped.
import path from 'node:path';
import type { HalfType } from '../../graph/elementType.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import * as onnx from '../../graph/nodes.ts';
import { sameShape } from '../../graph/shape.ts';
import { PrmError } from '../../support/errors.ts';
import type { ParameterSpec } from './parameters.ts';
import { isStored, type StoredWeight, type Weights } from './weight.ts';

const ELEMENT_TYPE = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
} as const satisfies Record<StoredWeight['type'], 'float32' | HalfType>;

/**
 * The folder that a graph's stored weights are found from: ONNX takes files by a path below one folder.
 * @returns the deepest folder above all of them; undefined where none is stored
 */
export function externalFolderOf(weights: Weights): string | undefined {
  const folders = [...weights.values()].filter(isStored).map(({ file }) => path.dirname(file));
  let [folder] = folders;
  for (const other of folders) {
    while (folder !== undefined && leadsOut(path.relative(folder, other))) {
      const above = path.dirname(folder);
      if (above === folder) throw new RangeError(`No folder holds both ${folder} and ${other}.`);
      folder = above;
    }
  }
  return folder;
}

/** On Windows the way to another drive is an absolute path. */
function leadsOut(relative: string): boolean {
  return path.isAbsolute(relative) || relative.split(path.sep)[0] === '..';
}

/**
 * Makes a weight part of a graph, once however often it is asked for. A matrix keeps the type that it is stored in, and is
 * widened where it is used; a vector is widened here.
 * @param folder of `externalFolderOf` all weights of the graph
 * @throws PrmError where the weight is missing or of another shape
 */
export function weightTensors(
  graph: Graph,
  weights: Weights,
  folder: string | undefined,
): (spec: ParameterSpec) => Value {
  const made = new Map<string, Value>();
  return ({ name, dims }) => {
    const known = made.get(name);
    if (known) return known;
    const weight = weights.get(name);
    if (!weight || !sameShape(weight.dims, dims)) {
      throw new PrmError({
        what: weight
          ? `The weight ${name} is of [${weight.dims.join(', ')}] instead of [${dims.join(', ')}]`
          : `The weight ${name} is missing`,
        remedy: 'The weights and config.json must come from the same model.',
      });
    }
    const value = isStored(weight)
      ? graph.initializer(
          dims,
          {
            // ONNX writes paths with slashes.
            location: path.relative(folder ?? '', weight.file).replaceAll(path.sep, '/'),
            offset: weight.offset,
            length: weight.length,
          },
          ELEMENT_TYPE[weight.type],
        )
      : graph.initializer(dims, weight.values, 'float32');
    const tensor = dims.length === 1 ? onnx.widen(value) : value;
    made.set(name, tensor);
    return tensor;
  };
}
