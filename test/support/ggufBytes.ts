// GGUF files for tests, byte by byte, with whatever they may lie about.

/** By the format's numbers. */
const TYPES = { uint32: 4, float32: 6, bool: 7, string: 8, array: 9 } as const;

export type GgufEntry =
  | { type: 'uint32' | 'float32'; value: number }
  | { type: 'bool'; value: boolean }
  | { type: 'string'; value: string }
  | { type: 'strings'; value: string[]; count?: number };

export interface GgufParts {
  magic?: string;
  version?: number;
  metadata?: Record<string, GgufEntry>;
  metadataCount?: number;
  tensors?: { name: string; dims: number[]; type: number; offset?: number; dimensions?: number }[];
  tensorCount?: number;
  /** Bytes of tensor data. */
  data?: number;
}

/** A file of these parts; what is left out is consistent and empty. */
export function ggufBytes(parts: GgufParts): Buffer {
  const { magic = 'GGUF', version = 3, metadata = {}, tensors = [], data = 0 } = parts;
  const entries = Object.entries(metadata);
  const head = Buffer.concat([
    Buffer.from(magic),
    uint32(version),
    uint64(parts.tensorCount ?? tensors.length),
    uint64(parts.metadataCount ?? entries.length),
    ...entries.flatMap(([key, entry]) => [text(key), entryBytes(entry)]),
    ...tensors.flatMap(({ name, dims, type, offset = 0, dimensions = dims.length }) => [
      text(name),
      uint32(dimensions),
      ...dims.map(uint64),
      uint32(type),
      uint64(offset),
    ]),
  ]);
  const padding = (32 - (head.length % 32)) % 32;
  return Buffer.concat([head, Buffer.alloc(padding + data)]);
}

function entryBytes(entry: GgufEntry): Buffer {
  switch (entry.type) {
    case 'uint32':
      return Buffer.concat([uint32(TYPES.uint32), uint32(entry.value)]);
    case 'float32': {
      const bytes = Buffer.alloc(4);
      bytes.writeFloatLE(entry.value);
      return Buffer.concat([uint32(TYPES.float32), bytes]);
    }
    case 'bool':
      return Buffer.concat([uint32(TYPES.bool), Buffer.from([entry.value ? 1 : 0])]);
    case 'string':
      return Buffer.concat([uint32(TYPES.string), text(entry.value)]);
    case 'strings':
      return Buffer.concat([
        uint32(TYPES.array),
        uint32(TYPES.string),
        uint64(entry.count ?? entry.value.length),
        ...entry.value.map(text),
      ]);
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}
