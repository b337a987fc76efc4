// A model's weights with its adapter merged in: W + (alpha / rank) B A, one tensor at a time.
import { HEAD_BIAS } from '../adapter/tensors.ts';
import { loraModules, loraName, type LoraSettings } from '../backbones/method.ts';
import { parameterSpecs } from '../backbones/parameters.ts';
import type { StoredPrmModel } from '../prmModel.ts';
import type { TensorSource, WrittenType } from '../shards.ts';
import { convertedSource } from '../tensorSource.ts';

/** Every parameter of the merged model and its head's bias, in the order of the forward pass. */
export function mergedTensors(model: StoredPrmModel, type: WrittenType): TensorSource[] {
  const { config, weights, headBias = [0, 0] } = model;
  const merge =
    model.kind === 'adapter' && model.settings ? adapterOf(model, model.settings) : () => undefined;
  const tensors = parameterSpecs(config).map(({ name }) => {
    const weight = weights.get(name);
    if (weight === undefined) throw new RangeError(`The model has no parameter ${name}.`);
    return convertedSource(name, weight, type, merge(name));
  });
  const bias = { dims: [2], values: Float32Array.from(headBias) };
  return [...tensors, convertedSource(HEAD_BIAS, bias, type)];
}

/** What merging does to a parameter's values; undefined where the adapter leaves it as it is. */
function adapterOf(
  { config, tensors }: Extract<StoredPrmModel, { kind: 'adapter' }>,
  { rank, alpha, targets }: LoraSettings,
): (name: string) => ((values: Float32Array) => void) | undefined {
  const modules = new Map(
    loraModules(config, targets).map(({ module, ...size }) => [`${module}.weight`, { module, ...size }]),
  );
  return (name) => {
    const adapted = modules.get(name);
    if (adapted === undefined) return undefined;
    const { module, inputs, outputs } = adapted;
    const a = tensors.get(loraName(module, 'A'));
    const b = tensors.get(loraName(module, 'B'));
    if (a === undefined || b === undefined) throw new RangeError(`The adapter has no factors of ${module}.`);
    return (values) => {
      addProduct(values, b, a, { outputs, rank, inputs, scale: alpha / rank });
    };
  };
}

/** values [outputs, inputs] += scale B [outputs, rank] A [rank, inputs] */
function addProduct(
  values: Float32Array,
  b: Float32Array,
  a: Float32Array,
  { outputs, rank, inputs, scale }: { outputs: number; rank: number; inputs: number; scale: number },
): void {
  const row = new Float64Array(inputs);
  for (let output = 0; output < outputs; output++) {
    row.fill(0);
    for (let factor = 0; factor < rank; factor++) {
      const weight = scale * b[output * rank + factor];
      const start = factor * inputs;
      for (let input = 0; input < inputs; input++) row[input] += weight * a[start + input];
    }
    const start = output * inputs;
    for (let input = 0; input < inputs; input++) values[start + input] += row[input];
  }
}
