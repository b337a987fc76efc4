// Snappy and LZ4, unpacked only as far as asked for: the levels at a page's beginning say how many rows it holds.
// https://github.com/google/snappy/blob/main/format_description.txt
// https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md

const DAMAGED = 'its compressed data is damaged';

/**
 * @param output unpacking ends when it is full
 * @returns bytes written
 * @throws Error where the data is damaged
 */
export function unpackSnappy(input: Uint8Array, output: Uint8Array): number {
  return unpackElements(input, snappyStart(input), output).written;
}

/** @returns where the elements begin, behind the length, which the page's header has said already */
export function snappyStart(input: Uint8Array): number {
  let at = 0;
  while ((input[at++] ?? 0) >= 0x80);
  return at;
}

/**
 * Unpacks elements that fill the output and refer to nothing before it.
 * @returns where the next element begins; undefined where there are no such elements
 */
export function unpackFragment(input: Uint8Array, start: number, output: Uint8Array): number | undefined {
  try {
    const { at, written, wanted } = unpackElements(input, start, output);
    return written === output.length && wanted === output.length ? at : undefined;
  } catch {
    // It refers to what lies before: unpacking the whole will tell whether it is damaged.
    return undefined;
  }
}

/** `wanted` is what would have been written into a larger output. */
function unpackElements(
  input: Uint8Array,
  start: number,
  output: Uint8Array,
): { at: number; written: number; wanted: number } {
  let at = start;
  let written = 0;
  let wanted = 0;
  while (at < input.length && written < output.length) {
    const tag = input[at++] ?? 0;
    const kind = tag & 3;
    if (kind === 0) {
      let length = tag >> 2;
      if (length >= 60) {
        const bytes = length - 59;
        length = little(input, at, bytes);
        at += bytes;
      }
      wanted = written + length + 1;
      written = copyLiteral(input, at, length + 1, output, written);
      at += length + 1;
    } else if (kind === 1) {
      wanted = written + ((tag >> 2) & 7) + 4;
      written = copyBack(((tag >> 5) << 8) | (input[at++] ?? 0), ((tag >> 2) & 7) + 4, output, written);
    } else if (kind === 2) {
      // Most copies; bytes behind the end count as 0, and the copy is refused or the page ends too early.
      const offset = (input[at] ?? 0) | ((input[at + 1] ?? 0) << 8);
      at += 2;
      wanted = written + (tag >> 2) + 1;
      written = copyBack(offset, (tag >> 2) + 1, output, written);
    } else {
      wanted = written + (tag >> 2) + 1;
      written = copyBack(little(input, at, 4), (tag >> 2) + 1, output, written);
      at += 4;
    }
  }
  return { at, written, wanted };
}

/**
 * One block without a frame.
 * @returns bytes written
 * @throws Error where the data is damaged
 */
export function unpackLz4(input: Uint8Array, output: Uint8Array): number {
  let at = 0;
  let written = 0;
  while (at < input.length && written < output.length) {
    const token = input[at++] ?? 0;
    let literals = token >> 4;
    if (literals === 15) {
      let more: number;
      do literals += more = input[at++] ?? 0;
      while (more === 255);
    }
    written = copyLiteral(input, at, literals, output, written);
    at += literals;
    if (at >= input.length) break;
    const offset = little(input, at, 2);
    at += 2;
    let length = (token & 15) + 4;
    if (length === 19) {
      let more: number;
      do length += more = input[at++] ?? 0;
      while (more === 255);
    }
    written = copyBack(offset, length, output, written);
  }
  return written;
}

/**
 * Parquet's old LZ4: Hadoop's frames (sizes before each block) or a block without a frame, which only trying tells.
 * @returns bytes written
 */
export function unpackHadoopLz4(input: Uint8Array, output: Uint8Array): number {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  let at = 0;
  let written = 0;
  while (at + 8 <= input.length) {
    const unpacked = view.getUint32(at);
    const packed = view.getUint32(at + 4);
    if (packed === 0 || packed > input.length - at - 8 || unpacked > output.length - written) {
      return unpackLz4(input, output);
    }
    const block = output.subarray(written, written + unpacked);
    if (unpackLz4(input.subarray(at + 8, at + 8 + packed), block) !== unpacked)
      return unpackLz4(input, output);
    written += unpacked;
    at += 8 + packed;
  }
  return at === input.length ? written : unpackLz4(input, output);
}

function little(input: Uint8Array, at: number, bytes: number): number {
  if (at + bytes > input.length) throw new Error(DAMAGED);
  let value = 0;
  for (let index = bytes - 1; index >= 0; index--) value = value * 256 + (input[at + index] ?? 0);
  return value;
}

function copyLiteral(
  input: Uint8Array,
  at: number,
  length: number,
  output: Uint8Array,
  written: number,
): number {
  if (at + length > input.length) throw new Error(DAMAGED);
  const fits = Math.min(length, output.length - written);
  if (fits < 64) for (let index = 0; index < fits; index++) output[written + index] = input[at + index] ?? 0;
  else output.set(input.subarray(at, at + fits), written);
  return written + fits;
}

function copyBack(offset: number, length: number, output: Uint8Array, written: number): number {
  if (offset === 0 || offset > written) throw new Error(DAMAGED);
  const end = Math.min(written + length, output.length);
  if (offset >= length && length >= 64) output.copyWithin(written, written - offset, end - offset);
  else for (let at = written; at < end; at++) output[at] = output[at - offset] ?? 0;
  return end;
}
