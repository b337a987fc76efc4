// The header of a GGUF file: metadata and where each tensor lies.
// Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
import { open } from 'node:fs/promises';
import { messageOf, PrmError, systemErrorCode } from '../../support/errors.ts';
import { ByteReader, ImpossibleLength, OutOfBytes } from './byteReader.ts';
import { storageOf, type Storage } from './storage.ts';

export type GgufValue = number | boolean | string | GgufValue[];

export interface GgufTensor {
  /** Rows first, as everywhere else; the file lists dimensions from the inside out. */
  dims: readonly number[];
  storage: Storage;
  /** First byte, from the start of the file. */
  start: number;
  /** Bytes. */
  length: number;
}

export interface GgufHeader {
  file: string;
  /** Bytes of the whole file. */
  size: number;
  metadata: ReadonlyMap<string, GgufValue>;
  tensors: ReadonlyMap<string, GgufTensor>;
}

/** "GGUF", little-endian. */
const MAGIC = 0x46554747;
const VERSIONS = [2, 3];
const DEFAULT_ALIGNMENT = 32;
const MOST_DIMENSIONS = 4;
/** Arrays of arrays of … deeper than any tool writes. */
const DEEPEST_ARRAY = 4;

/** Bytes that are read first; vocabularies make headers of 2 to 20 MB. */
const FIRST_READ = 4 << 20;
/** Longer headers are taken for damage. */
const LONGEST_HEADER = 512 << 20;

const COPY_AGAIN = 'Copy or download the file again.';

/** By the number of the type in the file. `bytes`: the least that a value takes. */
const VALUE_TYPES: readonly { bytes: number; read: (reader: ByteReader) => GgufValue }[] = [
  { bytes: 1, read: (reader) => reader.uint8() },
  { bytes: 1, read: (reader) => reader.int8() },
  { bytes: 2, read: (reader) => reader.uint16() },
  { bytes: 2, read: (reader) => reader.int16() },
  { bytes: 4, read: (reader) => reader.uint32() },
  { bytes: 4, read: (reader) => reader.int32() },
  { bytes: 4, read: (reader) => reader.float32() },
  { bytes: 1, read: (reader) => reader.uint8() !== 0 },
  { bytes: 8, read: (reader) => reader.string('a text') },
  { bytes: 12, read: (reader) => readArray(reader, 1) },
  { bytes: 8, read: (reader) => reader.uint64() },
  { bytes: 8, read: (reader) => reader.int64() },
  { bytes: 8, read: (reader) => reader.float64() },
];
const ARRAY = 9;

/** A sentence about the file, which becomes a PrmError where its name is known. */
class Damage extends Error {}

/**
 * Reads and checks a file's header; no tensor data is read.
 * @throws PrmError where the file is missing, is no GGUF file of a version that is known here, is damaged or cut short, or
 *   stores a tensor in a way that is not supported
 */
export async function readGgufHeader(file: string): Promise<GgufHeader> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      for (let length = Math.min(FIRST_READ, size); ; length = Math.min(length * 2, size)) {
        const bytes = new Uint8Array(length);
        const { bytesRead } = await handle.read(bytes, 0, length, 0);
        const header = parseHeader(bytes.subarray(0, bytesRead), file, size);
        if (header !== undefined) return header;
        if (length >= Math.min(size, LONGEST_HEADER)) throw new Damage('it ends inside its header');
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw explained(error, file);
  }
}

/** @returns undefined where the header goes on behind these bytes */
function parseHeader(bytes: Uint8Array, file: string, size: number): GgufHeader | undefined {
  const reader = new ByteReader(bytes, size);
  try {
    checkBeginning(reader);
    const tensorCount = reader.count('number of tensors', 24);
    const metadata = readMetadata(reader, reader.count('number of metadata entries', 13));
    const tensors = readTensors(reader, tensorCount, metadata, size);
    return { file, size, metadata, tensors };
  } catch (error) {
    if (error instanceof OutOfBytes) return undefined;
    throw error;
  }
}

function checkBeginning(reader: ByteReader): void {
  if (reader.uint32() !== MAGIC) throw new Damage('this is not a GGUF file: it does not begin with GGUF');
  const version = reader.uint32();
  if (VERSIONS.includes(version)) return;
  throw new Damage(
    version % 0x1_00_00 === 0
      ? 'it is a big-endian GGUF file, which is not supported'
      : `it is GGUF version ${version}, and versions ${VERSIONS.join(' and ')} are supported`,
  );
}

function readMetadata(reader: ByteReader, count: number): Map<string, GgufValue> {
  const metadata = new Map<string, GgufValue>();
  for (let index = 0; index < count; index++) {
    const key = reader.string('a metadata key');
    metadata.set(key, valueType(reader.uint32(), key).read(reader));
  }
  return metadata;
}

function valueType(type: number, what: string): (typeof VALUE_TYPES)[number] {
  const found = VALUE_TYPES[type];
  if (found === undefined) throw new Damage(`${what} has the unknown type ${type}`);
  return found;
}

function readArray(reader: ByteReader, depth: number): GgufValue[] {
  if (depth > DEEPEST_ARRAY) throw new Damage('its metadata holds arrays inside arrays without end');
  const type = reader.uint32();
  const { bytes, read } = valueType(type, 'an array');
  const count = reader.count('length of an array', bytes);
  const values: GgufValue[] = [];
  for (let index = 0; index < count; index++) {
    values.push(type === ARRAY ? readArray(reader, depth + 1) : read(reader));
  }
  return values;
}

function readTensors(
  reader: ByteReader,
  count: number,
  metadata: ReadonlyMap<string, GgufValue>,
  size: number,
): Map<string, GgufTensor> {
  const listed: { name: string; dims: number[]; storage: Storage; offset: number }[] = [];
  for (let index = 0; index < count; index++) {
    const name = reader.string('a tensor name');
    const dimensions = reader.uint32();
    if (dimensions < 1 || dimensions > MOST_DIMENSIONS) {
      throw new Damage(`tensor ${name} has ${dimensions} dimensions`);
    }
    const dims = Array.from({ length: dimensions }, () => reader.uint64()).reverse();
    listed.push({ name, dims, storage: storageOf(reader.uint32(), name), offset: reader.uint64() });
  }
  const alignment = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT;
  if (typeof alignment !== 'number' || alignment < 1) throw new Damage('its general.alignment is no size');
  const dataStart = Math.ceil(reader.position / alignment) * alignment;
  const tensors = new Map<string, GgufTensor>();
  for (const { name, dims, storage, offset } of listed) {
    if (tensors.has(name)) throw new Damage(`it lists tensor ${name} twice`);
    const length = storedBytes(name, dims, storage);
    const start = dataStart + offset;
    if (start + length > size) {
      throw new Damage(`tensor ${name} ends at byte ${start + length}, and the file has ${size}`);
    }
    tensors.set(name, { dims, storage, start, length });
  }
  return tensors;
}

function storedBytes(name: string, dims: readonly number[], { block, blockBytes }: Storage): number {
  const width = dims.at(-1) ?? 0;
  if (width % block !== 0) {
    throw new Damage(`tensor ${name} has rows of ${width} values, which are no whole blocks of ${block}`);
  }
  return (dims.reduce((product, size) => product * size, 1) / block) * blockBytes;
}

function explained(error: unknown, file: string): unknown {
  if (error instanceof PrmError) return error;
  const code = systemErrorCode(error);
  let what: string;
  if (error instanceof Damage) what = error.message;
  else if (error instanceof ImpossibleLength) {
    what = `it is damaged: ${error.what} is given as ${error.length}, more than the file could hold`;
  } else if (code !== undefined) {
    what = code === 'ENOENT' ? 'there is no such file' : `the file cannot be read (${messageOf(error)})`;
  } else return error;
  return new PrmError({ where: file, what, remedy: COPY_AGAIN, cause: error });
}
