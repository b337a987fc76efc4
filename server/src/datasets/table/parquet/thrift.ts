// Checks Thrift's compact encoding before hyparquet reads it: a damaged length must not make it allocate gigabytes or
// recurse without end. https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md

const LONGEST_VARINT_BYTES = 10;
const DEEPEST = 32;

const BYTE = 3;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/** The bytes end within the struct: it may be whole when more of them are read. */
export class ThriftCutError extends Error {}

/**
 * Walks over one struct without keeping anything.
 * @returns where it ends
 * @throws ThriftCutError where the bytes end first
 * @throws Error where they are no struct of Parquet
 */
export function checkStruct(bytes: Uint8Array, start: number): number {
  let at = start;

  function byte(): number {
    const value = bytes[at];
    if (value === undefined) throw new ThriftCutError('its description is cut off');
    at++;
    return value;
  }

  function varint(): number {
    let value = 0;
    let scale = 1;
    for (let length = 0; length < LONGEST_VARINT_BYTES; length++) {
      const next = byte();
      value += (next & 0x7f) * scale;
      if (next < 0x80) return value;
      scale *= 128;
    }
    throw new Error('its description holds a number without an end');
  }

  function skip(length: number): void {
    if (length > bytes.length - at) throw new ThriftCutError('its description is cut off');
    at += length;
  }

  function element(type: number, depth: number): void {
    switch (type) {
      case 1:
      case 2:
        // The type is the value.
        return;
      case BYTE:
        skip(1);
        return;
      case 4:
      case 5:
      case 6:
        varint();
        return;
      case DOUBLE:
        skip(8);
        return;
      case BINARY:
        skip(varint());
        return;
      case LIST:
        list(depth + 1);
        return;
      case STRUCT:
        struct(depth + 1);
        return;
      default:
        throw new Error(`its description holds a value of the unknown type ${type}`);
    }
  }

  function list(depth: number): void {
    const head = byte();
    const size = head >> 4 === 15 ? varint() : head >> 4;
    const type = head & 0x0f;
    // Every element takes at least one byte.
    if (size > bytes.length - at) throw new ThriftCutError('its description is cut off');
    for (let index = 0; index < size; index++) element(type <= 2 ? BYTE : type, depth);
  }

  function struct(depth: number): void {
    if (depth > DEEPEST) throw new Error('its description is nested without end');
    for (let head = byte(); (head & 0x0f) !== 0; head = byte()) {
      if (head >> 4 === 0) varint();
      element(head & 0x0f, depth);
    }
  }

  struct(0);
  return at;
}
