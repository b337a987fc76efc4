// `adapter_model.safetensors`, as PEFT writes it: the factors of every adapted layer, and the head.
import path from 'node:path';
import { PrmError } from '../../support/errors.ts';
import type { DecoderConfig } from '../backbones/config.ts';
import { HEAD, trainedSpecs, type LoraSettings } from '../backbones/method.ts';
import type { ParameterSpec } from '../backbones/parameters.ts';
import {
  float32Tensor,
  readSafetensors,
  toFloat32,
  writeSafetensors,
  type StoredTensor,
} from '../safetensors.ts';
import type { WeightsProof } from '../modelFiles.ts';
import type { AdapterModel, HeadBias } from '../prmModel.ts';
import { ADAPTER_CONFIG_FILE } from './config.ts';

export const ADAPTER_FILE = 'adapter_model.safetensors';

/** PEFT's wrapper around the model. */
const PREFIX = 'base_model.model.';
/** Token classifiers of transformers have it. */
export const HEAD_BIAS = 'score.bias';

export interface AdapterTensors {
  /** By name, without PEFT's prefix: the factors, and the head. */
  tensors: Map<string, Float32Array>;
  /** Undefined where it is zero. */
  headBias: HeadBias | undefined;
}

/** What an adapter of these settings consists of, in the order of the forward pass. */
function adapterSpecs(config: DecoderConfig, settings: LoraSettings | undefined): ParameterSpec[] {
  return trainedSpecs(config, settings === undefined ? { kind: 'head' } : { kind: 'lora', ...settings });
}

/** @throws RangeError where a tensor is missing or of another size: a mistake of the caller */
export async function writeAdapterTensors(
  folder: string,
  { config, settings, tensors, headBias }: AdapterModel,
): Promise<WeightsProof> {
  const stored = new Map<string, StoredTensor>();
  for (const { name, dims } of adapterSpecs(config, settings)) {
    const values = tensors.get(name);
    if (values === undefined) throw new RangeError(`The adapter to be written has no tensor ${name}.`);
    stored.set(PREFIX + name, float32Tensor(values, dims));
  }
  stored.set(PREFIX + HEAD_BIAS, float32Tensor(Float32Array.from(headBias ?? [0, 0]), [2]));
  const { sha256, size } = await writeSafetensors(path.join(folder, ADAPTER_FILE), stored, { format: 'pt' });
  return { sha256, bytes: size };
}

/**
 * Reads an adapter and checks that it is whole: every tensor that its config asks for, of the right shape, and no other.
 * @throws PrmError naming the tensor
 */
export async function readAdapterTensors(
  folder: string,
  config: DecoderConfig,
  settings: LoraSettings | undefined,
): Promise<AdapterTensors> {
  const file = path.join(folder, ADAPTER_FILE);
  const { tensors: stored } = await readSafetensors(file);
  const left = new Map([...stored].map(([name, tensor]) => [withoutPrefix(name), tensor]));
  const take = (name: string, dims: readonly number[]): Float32Array | undefined => {
    const tensor = left.get(name);
    if (tensor === undefined) return undefined;
    if (tensor.type === 'I64' || tensor.dims.join() !== dims.join()) {
      throw unfit(
        file,
        `Tensor ${PREFIX}${name} is ${tensor.type} of [${tensor.dims.join(', ')}], but ${ADAPTER_CONFIG_FILE} and the base model ask for [${dims.join(', ')}]`,
      );
    }
    left.delete(name);
    return toFloat32(tensor);
  };
  const tensors = new Map<string, Float32Array>();
  for (const { name, dims } of adapterSpecs(config, settings)) {
    const values = take(name, dims);
    if (values === undefined) {
      throw unfit(
        file,
        name === HEAD
          ? `It has no head (${PREFIX}${HEAD}), so it is no PRM`
          : `Tensor ${PREFIX}${name} is missing`,
      );
    }
    tensors.set(name, values);
  }
  const [incorrect = 0, correct = 0] = take(HEAD_BIAS, [2]) ?? [];
  const [surplus] = left.keys();
  if (surplus !== undefined) {
    throw unfit(file, `Tensor ${surplus} belongs to nothing that ${ADAPTER_CONFIG_FILE} names`);
  }
  return {
    tensors,
    headBias: incorrect === 0 && correct === 0 ? undefined : [incorrect, correct],
  };
}

function withoutPrefix(name: string): string {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
}

function unfit(file: string, what: string): PrmError {
  return new PrmError({
    where: file,
    what,
    remedy: 'Copy the whole adapter folder again, or train it again.',
  });
}
