// Reads the little-endian values of a GGUF header one after another, and never beyond what is there.

/** The bytes end before the value does; more of the file may help. */
export class OutOfBytes extends Error {}

/** A count or length that the whole file could not hold. */
export class ImpossibleLength extends Error {
  constructor(
    /** What it is the length of. */
    readonly what: string,
    readonly length: number,
  ) {
    super(`${what}: ${length}`);
  }
}

export class ByteReader {
  position = 0;
  private readonly view: DataView;
  private readonly text = new TextDecoder('utf-8');

  /**
   * @param bytes the beginning of a file
   * @param fileSize bytes of the whole file
   */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly fileSize: number,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint8 = (): number => this.view.getUint8(this.advance(1));
  int8 = (): number => this.view.getInt8(this.advance(1));
  uint16 = (): number => this.view.getUint16(this.advance(2), true);
  int16 = (): number => this.view.getInt16(this.advance(2), true);
  uint32 = (): number => this.view.getUint32(this.advance(4), true);
  int32 = (): number => this.view.getInt32(this.advance(4), true);
  float32 = (): number => this.view.getFloat32(this.advance(4), true);
  float64 = (): number => this.view.getFloat64(this.advance(8), true);
  /** 64-bit integers above 2^53 lose their last digits; no count or size that a file can have is that large. */
  uint64 = (): number => Number(this.view.getBigUint64(this.advance(8), true));
  int64 = (): number => Number(this.view.getBigInt64(this.advance(8), true));

  /**
   * A number of things that follow.
   * @param bytesEach the least that one takes
   * @throws ImpossibleLength where the file is too small for them
   */
  count(what: string, bytesEach: number): number {
    const count = this.uint64();
    if (count * bytesEach > this.fileSize - this.position) throw new ImpossibleLength(what, count);
    return count;
  }

  /** @param what for errors */
  string(what: string): string {
    const length = this.count(what, 1);
    const start = this.advance(length);
    return this.text.decode(this.bytes.subarray(start, start + length));
  }

  /** @returns where the value starts */
  private advance(length: number): number {
    const start = this.position;
    if (start + length > this.bytes.length) throw new OutOfBytes();
    this.position = start + length;
    return start;
  }
}
