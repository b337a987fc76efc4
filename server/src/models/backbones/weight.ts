// A weight of a backbone: numbers in memory, or where they lie in a file, so that gigabytes need not be copied.
import { readTensorAt, toFloat32 } from '../safetensors.ts';

/** In memory. */
export interface HeldWeight {
  dims: readonly number[];
  values: Float32Array;
}

/** In a safetensors file, little-endian, at a byte offset; ONNX Runtime maps it from there. */
export interface StoredWeight {
  dims: readonly number[];
  type: 'F32' | 'F16' | 'BF16';
  /** Absolute, links resolved: ONNX Runtime refuses links that leave their folder. */
  file: string;
  /** Bytes from the start of the file. */
  offset: number;
  /** Bytes. */
  length: number;
}

export type Weight = HeldWeight | StoredWeight;

/** By Hugging Face name. */
export type Weights = ReadonlyMap<string, Weight>;

export function isStored(weight: Weight): weight is StoredWeight {
  return 'file' in weight;
}

/**
 * The numbers of a weight as float32, in memory of their own: changing them changes no other weight and no file.
 * @throws PrmError where the file is gone or shorter than it was
 */
export async function readWeight(weight: Weight): Promise<Float32Array> {
  if (!isStored(weight)) return weight.values.slice();
  const { file, type, dims, offset, length } = weight;
  return toFloat32(await readTensorAt(file, { type, dims, start: offset, end: offset + length }));
}
