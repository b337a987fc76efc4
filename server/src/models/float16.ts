// IEEE 754 binary16: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits.

/** The value of every pattern of 16 bits. */
const VALUES = Float32Array.from({ length: 0x1_0000 }, (_, bits) => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
});

/** The half-precision number at a byte, little-endian. */
export function float16At(bytes: DataView, start: number): number {
  return VALUES[bytes.getUint16(start, true)] ?? NaN;
}

/** @param halves bits of half-precision numbers */
export function fromFloat16(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  for (let index = 0; index < halves.length; index++) values[index] = VALUES[halves[index]];
  return values;
}

/** Bits of the exponent; where all are set, a number is infinite or none. */
export const EXPONENT_BITS = 0x7c00;

/**
 * Rounds to the nearest half-precision numbers, ties to even. Values beyond the range become infinite.
 * @returns their bits, as many as there are values
 */
export function toFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(bits.length);
  // Not Uint16Array.from, which takes ten times as long.
  for (let index = 0; index < bits.length; index++) halves[index] = halfBits(bits[index] ?? 0);
  return halves;
}

/** @param bits of a float32 */
function halfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return sign | 0x7e00; // not a number
  const exponent = (magnitude >>> 23) - 127;
  if (exponent > 15) return sign | 0x7c00;
  if (exponent < -25) return sign;
  const fraction = (magnitude & 0x7f_ffff) | 0x80_0000;
  // Bits of the 24-bit fraction that are dropped: 13, and one more for each exponent below the least normal one.
  const dropped = exponent < -14 ? 13 - 14 - exponent : 13;
  const kept = fraction >>> dropped;
  const rest = fraction & ((1 << dropped) - 1);
  const half = 1 << (dropped - 1);
  const up = rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0;
  // A carry out of the fraction is the next exponent, and behind the largest it is infinity.
  return exponent < -14 ? sign | (kept + up) : sign | (((exponent + 14) << 10) + kept + up);
}
