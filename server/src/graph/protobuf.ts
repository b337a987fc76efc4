// Protocol buffers wire format, writing only (https://protobuf.dev/programming-guides/encoding).

const WIRE_VARINT = 0;
const WIRE_LENGTH_DELIMITED = 2;
const WIRE_FIXED32 = 5;
const CONTINUES = 0x80;

/**
 * One message under construction. Payloads are kept by reference and copied once, by `toBytes`, so that a model's
 * weights are not held twice while the messages around them are built.
 */
export class ProtobufMessage {
  private readonly chunks: Uint8Array[] = [];
  private size = 0;

  /** Bytes of the message as it is now. */
  get byteLength(): number {
    return this.size;
  }

  /** An int32, int64, enum or bool field. Negative numbers take ten bytes, as the format has it. */
  integer(field: number, value: number | bigint): this {
    this.tag(field, WIRE_VARINT);
    return this.varint(value);
  }

  /** A float field. */
  float(field: number, value: number): this {
    this.tag(field, WIRE_FIXED32);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.append(bytes);
  }

  bytes(field: number, value: Uint8Array): this {
    this.tag(field, WIRE_LENGTH_DELIMITED);
    this.varint(value.byteLength);
    return this.append(value);
  }

  string(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value, 'utf8'));
  }

  message(field: number, value: ProtobufMessage): this {
    this.tag(field, WIRE_LENGTH_DELIMITED);
    this.varint(value.size);
    for (const chunk of value.chunks) this.chunks.push(chunk);
    this.size += value.size;
    return this;
  }

  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.size);
    let offset = 0;
    for (const chunk of this.chunks) {
      bytes.set(chunk, offset);
      offset += chunk.byteLength;
    }
    return bytes;
  }

  private tag(field: number, wireType: number): void {
    this.varint((field << 3) | wireType);
  }

  private varint(value: number | bigint): this {
    let rest = BigInt.asUintN(64, BigInt(value));
    const bytes: number[] = [];
    while (rest >= BigInt(CONTINUES)) {
      bytes.push(Number(rest & 0x7fn) | CONTINUES);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    return this.append(Uint8Array.from(bytes));
  }

  private append(bytes: Uint8Array): this {
    this.chunks.push(bytes);
    this.size += bytes.byteLength;
    return this;
  }
}
