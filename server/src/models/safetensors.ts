// Safetensors files: named tensors behind a JSON header (format: github.com/huggingface/safetensors).
import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { PrmError, systemErrorCode } from '../support/errors.ts';
import { fromFloat16 } from './float16.ts';
import { headerBytes, HEADER_LENGTH_BYTES, MAX_HEADER_BYTES, parseHeader } from './safetensorsHeader.ts';
import type { TensorLocation, TensorType } from './safetensorsHeader.ts';

export type { TensorLocation, TensorType } from './safetensorsHeader.ts';

/** A tensor as it lies in the file: row-major, little-endian. */
export interface StoredTensor {
  type: TensorType;
  dims: readonly number[];
  /** As many bytes as the element type and `dims` ask for; starts at a multiple of 8 in its buffer. */
  bytes: Uint8Array;
}

/** What a file's header says; no tensor data is read for it. */
export interface SafetensorsHeader {
  /** Free text pairs (`__metadata__`). */
  metadata: Record<string, string>;
  /** In the order of their bytes in the file. */
  tensors: Map<string, TensorLocation>;
  /** Bytes of the whole file. */
  size: number;
}

/** A whole file, with what proves that it is the one that was written. */
export interface Safetensors {
  metadata: Record<string, string>;
  tensors: Map<string, StoredTensor>;
  /** Bytes of the whole file. */
  size: number;
  /** Of the whole file, lower-case hexadecimal. */
  sha256: string;
}

/** Most bytes that one read or write call may move (a 32-bit length inside Node). */
const CALL_BYTES = 2 ** 30;

/**
 * Reads and checks a file's header.
 * @throws PrmError where the file is missing or is not a whole, consistent safetensors file
 */
export async function readSafetensorsHeader(file: string): Promise<SafetensorsHeader> {
  return withFile(file, async (handle) => (await readHead(handle, file)).header);
}

/**
 * Reads a whole file. Each tensor has a buffer of its own, so files may be larger than one buffer can be.
 * @throws PrmError where the file is missing or is not a whole, consistent safetensors file
 */
export async function readSafetensors(file: string): Promise<Safetensors> {
  return withFile(file, async (handle) => {
    const { header, head } = await readHead(handle, file);
    const hash = createHash('sha256').update(head);
    const tensors = new Map<string, StoredTensor>();
    // The header's check left neither holes nor overlaps, so this walks over every byte once, in order.
    for (const [name, { type, dims, start, end }] of header.tensors) {
      const bytes = new Uint8Array(end - start);
      await readFully(handle, bytes, start, file);
      hash.update(bytes);
      tensors.set(name, { type, dims, bytes });
    }
    return { metadata: header.metadata, tensors, size: header.size, sha256: hash.digest('hex') };
  });
}

/**
 * Reads some tensors of a file, and nothing else of it.
 * @returns those of the names that the file has
 * @throws PrmError where the file is missing or is not a whole, consistent safetensors file
 */
export async function readTensors(
  file: string,
  names: ReadonlySet<string>,
): Promise<Map<string, StoredTensor>> {
  return withFile(file, async (handle) => {
    const { header } = await readHead(handle, file);
    const tensors = new Map<string, StoredTensor>();
    for (const [name, { type, dims, start, end }] of header.tensors) {
      if (!names.has(name)) continue;
      const bytes = new Uint8Array(end - start);
      await readFully(handle, bytes, start, file);
      tensors.set(name, { type, dims, bytes });
    }
    return tensors;
  });
}

/**
 * Reads one tensor from its place, without the header: for a file whose header was checked before.
 * @throws PrmError where the file is missing or ends before the tensor does
 */
export async function readTensorAt(
  file: string,
  { type, dims, start, end }: TensorLocation,
): Promise<StoredTensor> {
  return withFile(file, async (handle) => {
    const bytes = new Uint8Array(end - start);
    await readFully(handle, bytes, start, file);
    return { type, dims, bytes };
  });
}

/**
 * Writes a file under a temporary name, flushes it to disk and renames it into place.
 * Tensors with wider elements come first, so that each starts at a multiple of its element size.
 * @returns size in bytes and sha256 (lower-case hexadecimal) of the file
 */
export async function writeSafetensors(
  file: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<{ size: number; sha256: string }> {
  const { head, order } = headerBytes(tensors, metadata);
  const temporary = `${file}.${randomUUID()}.tmp`;
  const hash = createHash('sha256');
  let size = 0;
  try {
    const handle = await open(temporary, 'wx');
    try {
      for (const bytes of [head, ...order.map((tensor) => tensor.bytes)]) {
        hash.update(bytes);
        size += await writeFully(handle, bytes);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeError(file, error);
  }
  return { size, sha256: hash.digest('hex') };
}

/** A float32 tensor over the same memory as `data`. @param dims product equals data.length */
export function float32Tensor(data: Float32Array, dims: readonly number[]): StoredTensor {
  return { type: 'F32', dims, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

/**
 * The values of a floating-point tensor as float32, [product of dims]. F32 shares the tensor's memory; F16 and BF16
 * convert exactly; F64 rounds.
 */
export function toFloat32(tensor: StoredTensor): Float32Array {
  const { bytes, type } = tensor;
  switch (type) {
    case 'F32':
      return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    case 'F64':
      return Float32Array.from(new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8));
    case 'BF16':
    case 'F16':
      return widened(new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2), type);
    case 'I64':
      throw new RangeError('An integer tensor has no float32 values.');
  }
}

/** In a loop: `from` with a function takes fifty times as long, half a minute for 135M numbers. */
function widened(halves: Uint16Array, type: 'BF16' | 'F16'): Float32Array {
  if (type === 'F16') return fromFloat16(halves);
  // bfloat16 is the upper half of a float32.
  const values = new Float32Array(halves.length);
  const bits = new Uint32Array(values.buffer);
  for (let index = 0; index < halves.length; index++) bits[index] = halves[index] << 16;
  return values;
}

async function readHead(
  handle: FileHandle,
  file: string,
): Promise<{ header: SafetensorsHeader; head: Uint8Array }> {
  const { size } = await handle.stat();
  if (size < HEADER_LENGTH_BYTES) throw notWhole(file, `has ${size} bytes, too few for a safetensors file`);
  const lengthBytes = new Uint8Array(HEADER_LENGTH_BYTES);
  await readFully(handle, lengthBytes, 0, file);
  const length = new DataView(lengthBytes.buffer).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw notWhole(
      file,
      `says its header is ${length.toString()} bytes long, which no safetensors file's is`,
    );
  }
  const dataStart = HEADER_LENGTH_BYTES + Number(length);
  if (dataStart > size) throw notWhole(file, `ends inside its header (${size} of ${dataStart} bytes)`);
  const head = new Uint8Array(dataStart);
  await readFully(handle, head, 0, file);
  const { metadata, tensors } = parseHeader(head.subarray(HEADER_LENGTH_BYTES), { file, dataStart, size });
  return { header: { metadata, tensors, size }, head };
}

async function readFully(
  handle: FileHandle,
  into: Uint8Array,
  position: number,
  file: string,
): Promise<void> {
  for (let done = 0; done < into.length;) {
    const wanted = Math.min(CALL_BYTES, into.length - done);
    const { bytesRead } = await handle.read(into, done, wanted, position + done);
    if (bytesRead === 0) throw notWhole(file, 'was cut short while it was being read');
    done += bytesRead;
  }
}

async function writeFully(handle: FileHandle, bytes: Uint8Array): Promise<number> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, Math.min(CALL_BYTES, bytes.length - done));
    done += bytesWritten;
  }
  return bytes.length;
}

async function withFile<T>(file: string, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    throw readError(file, error);
  }
  try {
    return await use(handle);
  } catch (error) {
    throw error instanceof PrmError ? error : readError(file, error);
  } finally {
    await handle.close();
  }
}

function notWhole(file: string, what: string): PrmError {
  return new PrmError({
    where: file,
    what: `The file ${what}`,
    remedy: 'Copy or download it again.',
  });
}

function readError(file: string, error: unknown): unknown {
  const code = systemErrorCode(error);
  if (code === undefined) return error;
  const known: Record<string, string> = {
    ENOENT: 'There is no such file',
    EISDIR: 'This is a folder, not a safetensors file',
    EACCES: 'The file may not be read',
  };
  return new PrmError({
    where: file,
    what: known[code] ?? `The file could not be read (${code})`,
    remedy: 'Check the path and the permissions.',
    cause: error,
  });
}

function writeError(file: string, error: unknown): unknown {
  const code = systemErrorCode(error);
  if (code === undefined) return error;
  return new PrmError({
    where: file,
    what: code === 'ENOSPC' ? 'The disk is full' : `The file could not be written (${code})`,
    remedy:
      code === 'ENOSPC'
        ? 'Free some space and run it again.'
        : 'Check that the folder exists and is writable.',
    cause: error,
  });
}
