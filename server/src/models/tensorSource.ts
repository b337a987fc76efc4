// Weights as they are written to a file: the bytes that are stored, or numbers in another element type.
import { toFloat16 } from './float16.ts';
import { readTensorAt } from './safetensors.ts';
import { isStored, readWeight, type Weight } from './backbones/weight.ts';
import type { TensorSource, WrittenType } from './shards.ts';

/** A weight in the type that it has: what is stored is copied byte for byte. */
export function tensorSource(name: string, weight: Weight): TensorSource {
  if (!isStored(weight)) {
    const { dims, values } = weight;
    return { name, dims, type: 'F32', bytes: () => Promise.resolve(bytesOf(values)) };
  }
  const { dims, type, file, offset, length } = weight;
  const place = { type, dims, start: offset, end: offset + length };
  return { name, dims, type, bytes: async () => (await readTensorAt(file, place)).bytes };
}

/**
 * A weight in another type.
 * @param change may write new numbers into those that it is given
 */
export function convertedSource(
  name: string,
  weight: Weight,
  type: WrittenType,
  change: (values: Float32Array) => void = () => undefined,
): TensorSource {
  return {
    name,
    dims: weight.dims,
    type,
    bytes: async () => {
      const values = await readWeight(weight);
      change(values);
      return encode(values, type);
    },
  };
}

function encode(values: Float32Array, type: WrittenType): Uint8Array {
  if (type === 'F32') return bytesOf(values);
  return bytesOf(type === 'F16' ? toFloat16(values) : toBfloat16(values));
}

/** The upper halves of float32 numbers, rounded to nearest, ties to even. */
function toBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(bits.length);
  for (let index = 0; index < bits.length; index++) {
    const word = bits[index] ?? 0;
    const isNaN = (word & 0x7fffffff) > 0x7f800000;
    halves[index] = isNaN ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return halves;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
