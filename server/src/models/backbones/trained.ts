// The tensors that a method trains, as training starts from them.
import { elementCount } from '../../graph/shape.ts';
import { PrmError } from '../../support/errors.ts';
import { seededRandom } from '../../support/random.ts';
import type { DecoderConfig } from './config.ts';
import { HEAD, trainedSpecs, type TrainingMethod } from './method.ts';
import { readWeight, type Weights } from './weight.ts';

/**
 * Reads or draws every trained tensor: those of the backbone and the head come from its weights; of an adapter, A is drawn and
 * B is zero, so that it changes nothing at first.
 * @param seed of the draw; the same seed gives the same values on every machine
 * @returns by name, in the order of `trainedSpecs`
 * @throws PrmError naming a weight that is missing, of another size or cannot be read
 */
export async function initialTrained(
  config: DecoderConfig,
  method: TrainingMethod,
  weights: Weights,
  seed: number,
): Promise<Map<string, Float32Array>> {
  const random = seededRandom(seed);
  const trained = new Map<string, Float32Array>();
  for (const { name, dims, initial, standardDeviation } of trainedSpecs(config, method)) {
    const size = elementCount(dims);
    if (method.kind === 'lora' && name !== HEAD) {
      const values = new Float32Array(size);
      if (initial === 'normal') {
        for (let index = 0; index < size; index++) values[index] = random.normal() * standardDeviation;
      }
      trained.set(name, values);
      continue;
    }
    const weight = weights.get(name);
    if (weight === undefined || elementCount(weight.dims) !== size) {
      throw new PrmError({
        what: weight
          ? `The weight ${name} is of [${weight.dims.join(', ')}] instead of [${dims.join(', ')}]`
          : `The weight ${name} is missing`,
        remedy: 'The weights and config.json must come from the same model.',
      });
    }
    trained.set(name, await readWeight(weight));
  }
  return trained;
}
