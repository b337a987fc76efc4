// ggml's "K" block types: 256 values a block, cut into groups with small scales of their own.
// Layouts and arithmetic: https://github.com/ggml-org/ggml/blob/master/src/ggml-quants.c (dequantize_row_q4_K and so on)
import { float16At } from '../float16.ts';

/** Writes the values of the block at a byte into `into` from `at` on. */
export type Dequantise = (bytes: DataView, start: number, into: Float32Array, at: number) => void;

/** Groups of 32 values; each has a 6-bit scale and a 6-bit minimum, packed into 12 bytes. */
const GROUP = 32;
const PACKED = 12;

/** Scale and minimum of a group of Q4_K and Q5_K (ggml's get_scale_min_k4). */
function groupScale(bytes: DataView, packed: number, group: number): { scale: number; minimum: number } {
  const byte = (index: number) => bytes.getUint8(packed + index);
  if (group < 4) return { scale: byte(group) & 63, minimum: byte(group + 4) & 63 };
  return {
    scale: (byte(group + 4) & 0xf) | ((byte(group - 4) >> 6) << 4),
    minimum: (byte(group + 4) >> 4) | ((byte(group) >> 6) << 4),
  };
}

/** Scale and minimum of the block, packed scales, then 4 bits a value: two groups share 32 bytes, low bits first. */
export const q4K: Dequantise = (bytes, start, into, at) => {
  const quants = start + 4 + PACKED;
  eachGroup(bytes, start, (group, scale, minimum) => {
    const low = group % 2 === 0;
    for (let index = 0; index < GROUP; index++) {
      const byte = bytes.getUint8(quants + (group >> 1) * GROUP + index);
      into[at + group * GROUP + index] = (low ? byte & 0xf : byte >> 4) * scale - minimum;
    }
  });
};

/** As Q4_K, with the fifth bits in 32 bytes before the others: bit g of byte i is for value i of group g. */
export const q5K: Dequantise = (bytes, start, into, at) => {
  const high = start + 4 + PACKED;
  const quants = high + GROUP;
  eachGroup(bytes, start, (group, scale, minimum) => {
    const low = group % 2 === 0;
    for (let index = 0; index < GROUP; index++) {
      const byte = bytes.getUint8(quants + (group >> 1) * GROUP + index);
      const fifth = ((bytes.getUint8(high + index) >> group) & 1) << 4;
      into[at + group * GROUP + index] = ((low ? byte & 0xf : byte >> 4) | fifth) * scale - minimum;
    }
  });
};

function eachGroup(
  bytes: DataView,
  start: number,
  use: (group: number, scale: number, minimum: number) => void,
): void {
  const blockScale = float16At(bytes, start);
  const blockMinimum = float16At(bytes, start + 2);
  for (let group = 0; group < 8; group++) {
    const { scale, minimum } = groupScale(bytes, start + 4, group);
    use(group, blockScale * scale, blockMinimum * minimum);
  }
}

/** 128 bytes of low bits (4 a value), 64 of high ones (2 a value), 16 signed scales of 16 values each, the block's scale. */
export const q6K: Dequantise = (bytes, start, into, at) => {
  const scales = start + 192;
  const blockScale = float16At(bytes, start + 208);
  for (let half = 0; half < 2; half++) {
    for (let part = 0; part < 4; part++) {
      for (let index = 0; index < 32; index++) {
        const lowByte = bytes.getUint8(start + half * 64 + (part & 1) * 32 + index);
        const highByte = bytes.getUint8(start + 128 + half * 32 + index);
        const low = part < 2 ? lowByte & 0xf : lowByte >> 4;
        const quant = (low | (((highByte >> (2 * part)) & 3) << 4)) - 32;
        const scale = bytes.getInt8(scales + half * 8 + part * 2 + (index >> 4));
        into[at + half * 128 + part * 32 + index] = blockScale * scale * quant;
      }
    }
  }
};
