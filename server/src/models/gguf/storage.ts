// How GGUF files store numbers: as they are, or in blocks of small integers with a scale.
// Block layouts: https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h
import { PrmError } from '../../support/errors.ts';
import { float16At } from '../float16.ts';
import { q4K, q5K, q6K, type Dequantise } from './kQuants.ts';

export interface Storage {
  /** ggml's name. */
  name: string;
  /** Values in a block. */
  block: number;
  /** Bytes of a block. */
  blockBytes: number;
  dequantise: Dequantise;
}

/** The simple types have blocks of this many values. */
const BLOCK = 32;
const HALF = BLOCK / 2;

/** 4 bits a value: the low ones of the 16 bytes are the block's first half, the high ones its second. */
function fourBits(offset: number, hasMinimum: boolean): Dequantise {
  return (bytes, start, into, at) => {
    const scale = float16At(bytes, start);
    const minimum = hasMinimum ? float16At(bytes, start + 2) : 0;
    const quants = start + (hasMinimum ? 4 : 2);
    for (let index = 0; index < HALF; index++) {
      const byte = bytes.getUint8(quants + index);
      into[at + index] = ((byte & 0xf) - offset) * scale + minimum;
      into[at + HALF + index] = ((byte >> 4) - offset) * scale + minimum;
    }
  };
}

/** As `fourBits`, with the fifth bits of all values in a 32-bit word before them. */
function fiveBits(offset: number, hasMinimum: boolean): Dequantise {
  return (bytes, start, into, at) => {
    const scale = float16At(bytes, start);
    const minimum = hasMinimum ? float16At(bytes, start + 2) : 0;
    const word = start + (hasMinimum ? 4 : 2);
    const high = bytes.getUint32(word, true);
    for (let index = 0; index < HALF; index++) {
      const byte = bytes.getUint8(word + 4 + index);
      const first = (byte & 0xf) | (((high >>> index) & 1) << 4);
      const second = (byte >> 4) | (((high >>> (index + HALF)) & 1) << 4);
      into[at + index] = (first - offset) * scale + minimum;
      into[at + HALF + index] = (second - offset) * scale + minimum;
    }
  };
}

const q8: Dequantise = (bytes, start, into, at) => {
  const scale = float16At(bytes, start);
  for (let index = 0; index < BLOCK; index++) into[at + index] = bytes.getInt8(start + 2 + index) * scale;
};

/** A bfloat16 is the upper half of a float32. */
const WORD = new DataView(new ArrayBuffer(4));
const bfloat16: Dequantise = (bytes, start, into, at) => {
  WORD.setUint32(0, bytes.getUint16(start, true) << 16);
  into[at] = WORD.getFloat32(0);
};

/** By the number of the type in the file. */
const STORAGES: ReadonlyMap<number, Storage> = new Map<number, Storage>([
  [
    0,
    {
      name: 'F32',
      block: 1,
      blockBytes: 4,
      dequantise: (bytes, start, into, at) => (into[at] = bytes.getFloat32(start, true)),
    },
  ],
  [
    1,
    {
      name: 'F16',
      block: 1,
      blockBytes: 2,
      dequantise: (bytes, start, into, at) => (into[at] = float16At(bytes, start)),
    },
  ],
  [2, { name: 'Q4_0', block: BLOCK, blockBytes: 18, dequantise: fourBits(8, false) }],
  [3, { name: 'Q4_1', block: BLOCK, blockBytes: 20, dequantise: fourBits(0, true) }],
  [6, { name: 'Q5_0', block: BLOCK, blockBytes: 22, dequantise: fiveBits(16, false) }],
  [7, { name: 'Q5_1', block: BLOCK, blockBytes: 24, dequantise: fiveBits(0, true) }],
  [8, { name: 'Q8_0', block: BLOCK, blockBytes: 34, dequantise: q8 }],
  [12, { name: 'Q4_K', block: 256, blockBytes: 144, dequantise: q4K }],
  [13, { name: 'Q5_K', block: 256, blockBytes: 176, dequantise: q5K }],
  [14, { name: 'Q6_K', block: 256, blockBytes: 210, dequantise: q6K }],
  [30, { name: 'BF16', block: 1, blockBytes: 2, dequantise: bfloat16 }],
]);

/** Types that exist and are not supported, so that errors can name them. */
const UNSUPPORTED: ReadonlyMap<number, string> = new Map([
  [9, 'Q8_1'],
  [10, 'Q2_K'],
  [11, 'Q3_K'],
  [15, 'Q8_K'],
  [16, 'IQ2_XXS'],
  [17, 'IQ2_XS'],
  [18, 'IQ3_XXS'],
  [19, 'IQ1_S'],
  [20, 'IQ4_NL'],
  [21, 'IQ3_S'],
  [22, 'IQ2_S'],
  [23, 'IQ4_XS'],
  [24, 'I8'],
  [25, 'I16'],
  [26, 'I32'],
  [27, 'I64'],
  [28, 'F64'],
  [29, 'IQ1_M'],
  [34, 'TQ1_0'],
  [35, 'TQ2_0'],
  [39, 'MXFP4'],
]);

/**
 * @param type number of the type in the file
 * @param tensor named in the error
 * @throws PrmError where the type is not supported
 */
export function storageOf(type: number, tensor: string): Storage {
  const found = STORAGES.get(type);
  if (found !== undefined) return found;
  const names = [...STORAGES.values()].map(({ name }) => name).join(', ');
  throw new PrmError({
    what: `tensor ${tensor} is stored as ${UNSUPPORTED.get(type) ?? `the unknown type ${type}`}, which is not supported`,
    remedy: `Take a GGUF file of the model in one of ${names}, or the model itself with safetensors.`,
  });
}
