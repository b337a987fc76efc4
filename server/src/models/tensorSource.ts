// Weights as they are written to a file: the bytes that are stored, or numbers in another element type.
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
  const halves = new Uint16Array(values.length);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const convert = type === 'BF16' ? toBfloat16 : toFloat16;
  for (let index = 0; index < halves.length; index++) halves[index] = convert(bits[index] ?? 0);
  return bytesOf(halves);
}

/** The upper half of a float32, rounded to nearest, ties to even. @param bits of a float32 */
function toBfloat16(bits: number): number {
  const isNaN = (bits & 0x7fffffff) > 0x7f800000;
  return isNaN ? (bits >>> 16) | 0x40 : (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** IEEE 754 binary16, rounded to nearest, ties to even; beyond 65,504 infinite. @param bits of a float32 */
function toFloat16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  // Of 13 fraction bits that fall away; of a number below 2^-14 more, its leading 1 among them.
  const normal = exponent - 112;
  if (normal >= 0x1f) return sign | 0x7c00;
  const lost = normal > 0 ? 13 : 14 - normal;
  if (lost > 24) return sign;
  const whole = normal > 0 ? fraction | (normal << 23) : fraction | 0x800000;
  const kept = whole >>> lost;
  const rest = whole & ((1 << lost) - 1);
  const half = 1 << (lost - 1);
  // A carry out of the fraction steps the exponent up, as it should.
  return sign | (kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0));
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
