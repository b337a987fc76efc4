// Parquet's mix of runs and bit-packed groups, in which levels and dictionary indices are written.
// https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE
// Ours, because a run of a damaged file may claim a billion values: nothing is written behind the end of the output.

/**
 * Fills the output.
 * @param start first byte of the first run
 * @param end behind the last byte that may be read
 * @param width bits of a value, 0 to 32
 * @throws Error where the bytes hold too few values
 */
export function readHybrid(
  bytes: Uint8Array,
  start: number,
  end: number,
  width: number,
  output: Uint8Array | Uint32Array,
): void {
  if (width > 32) throw new Error(`values of ${width} bits`);
  if (width === 0) return;
  let at = start;
  let seen = 0;
  const valueBytes = (width + 7) >> 3;
  while (seen < output.length) {
    let head = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= end || shift > 28) throw new Error('too few levels or indices');
      const next = bytes[at++] ?? 0;
      head += (next & 0x7f) * 2 ** shift;
      if (next < 0x80) break;
    }
    const groups = Math.floor(head / 2);
    if (head % 2 === 0) {
      if (at + valueBytes > end) throw new Error('too few levels or indices');
      let value = 0;
      for (let index = 0; index < valueBytes; index++) value |= (bytes[at++] ?? 0) << (8 * index);
      const until = Math.min(output.length, seen + groups);
      output.fill(value >>> 0, seen, until);
      seen = until;
    } else {
      const count = Math.min(output.length - seen, groups * 8);
      if (at + Math.ceil((count * width) / 8) > end) throw new Error('too few levels or indices');
      unpack(bytes, at, width, output, seen, count);
      seen += count;
      at += groups * width;
    }
  }
}

function unpack(
  bytes: Uint8Array,
  start: number,
  width: number,
  output: Uint8Array | Uint32Array,
  from: number,
  count: number,
): void {
  if (width === 1) {
    for (let index = 0; index < count; index++) {
      output[from + index] = ((bytes[start + (index >> 3)] ?? 0) >> (index & 7)) & 1;
    }
    return;
  }
  // Up to 24 bits fit beside the 7 that may be left over; wider values are rare, and put together by arithmetic.
  const mask = 2 ** width;
  let at = start;
  let held = 0;
  let bits = 0;
  for (let index = 0; index < count; index++) {
    while (bits < width) {
      held += (bytes[at++] ?? 0) * 2 ** bits;
      bits += 8;
    }
    const value = held % mask;
    output[from + index] = value;
    held = (held - value) / mask;
    bits -= width;
  }
}

/** Bits that the largest value needs. */
export function bitWidth(largest: number): number {
  return 32 - Math.clz32(largest);
}
