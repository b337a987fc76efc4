// Writes a model's weights as safetensors, tensor by tensor: one file, or shards with an index, as Hugging Face names them.
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, writeFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { throwIfCancelled } from '../support/errors.ts';
import { jsonText, type WeightsProof } from './modelFiles.ts';

export const WEIGHTS_FILE = 'model.safetensors';
const INDEX_FILE = `${WEIGHTS_FILE}.index.json`;
const SHARD = /^model(?:-\d{5}-of-\d{5})?\.safetensors$/;

/** Hugging Face's usual size of a shard. */
const SHARD_BYTES = 5e9;

const ELEMENT_BYTES = { F32: 4, F16: 2, BF16: 2 } as const;
export type WrittenType = keyof typeof ELEMENT_BYTES;

/** A tensor to be written; its bytes are asked for when its turn comes, so that only one is in memory. */
export interface TensorSource {
  name: string;
  dims: readonly number[];
  type: WrittenType;
  /** As many as type and dims ask for, row-major, little-endian. */
  bytes: () => Promise<Uint8Array>;
}

export interface WritingHooks {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
}

export function byteLengthOf({ dims, type }: Pick<TensorSource, 'dims' | 'type'>): number {
  return dims.reduce((product, dim) => product * dim, ELEMENT_BYTES[type]);
}

/**
 * Writes the weights of a model into a folder that nobody reads yet.
 * @param shardBytes most bytes of tensors in one file; a larger tensor has a file of its own
 * @returns sha256 and bytes of all files, in the order of their names
 * @throws CancelledError where the signal is aborted; the error of the system where the disk is full
 */
export async function writeShards(
  folder: string,
  tensors: readonly TensorSource[],
  { signal, onProgress, shardBytes = SHARD_BYTES }: WritingHooks & { shardBytes?: number } = {},
): Promise<WeightsProof> {
  const shards = shardsOf(tensors, shardBytes);
  const total = tensors.reduce((sum, tensor) => sum + byteLengthOf(tensor), 0);
  const hash = createHash('sha256');
  const weightMap: Record<string, string> = {};
  let [done, bytes] = [0, 0];
  for (const [index, shard] of shards.entries()) {
    const file = shards.length === 1 ? WEIGHTS_FILE : shardName(index + 1, shards.length);
    bytes += await writeShard(path.join(folder, file), shard, hash, (count) => {
      throwIfCancelled(signal);
      done += count;
      onProgress?.({ done, total });
    });
    for (const { name } of shard) weightMap[name] = file;
  }
  if (shards.length > 1) {
    await writeFile(
      path.join(folder, INDEX_FILE),
      jsonText({ metadata: { total_size: total }, weight_map: weightMap }),
    );
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** The files that hold a folder's weights, in the order of their names. */
export async function weightFiles(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => SHARD.test(name)).sort();
  return names.map((name) => path.join(folder, name));
}

/** sha256 of files one after the other. */
export async function hashOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    for await (const piece of createReadStream(file, { highWaterMark: 1 << 20 }))
      hash.update(piece as Buffer);
  }
  return hash.digest('hex');
}

function shardName(number: number, count: number): string {
  const [one, all] = [number, count].map((value) => String(value).padStart(5, '0'));
  return `model-${one}-of-${all}.safetensors`;
}

function shardsOf(tensors: readonly TensorSource[], limit: number): TensorSource[][] {
  const shards: TensorSource[][] = [[]];
  let size = 0;
  for (const tensor of tensors) {
    const bytes = byteLengthOf(tensor);
    if (size > 0 && size + bytes > limit) {
      shards.push([]);
      size = 0;
    }
    shards.at(-1)?.push(tensor);
    size += bytes;
  }
  return shards;
}

async function writeShard(
  file: string,
  tensors: readonly TensorSource[],
  hash: Hash,
  onBytes: (count: number) => void,
): Promise<number> {
  const handle = await open(file, 'wx');
  try {
    // Tensors with wider elements come first, so that each starts at a multiple of its element's size.
    const order = tensors.toSorted((a, b) => ELEMENT_BYTES[b.type] - ELEMENT_BYTES[a.type]);
    let size = 0;
    const append = async (bytes: Uint8Array) => {
      hash.update(bytes);
      await writeBytes(handle, bytes);
      size += bytes.length;
    };
    await append(headerOf(order));
    for (const tensor of order) {
      const bytes = await tensor.bytes();
      if (bytes.length !== byteLengthOf(tensor)) {
        throw new RangeError(`${tensor.name}: ${bytes.length} bytes instead of ${byteLengthOf(tensor)}.`);
      }
      await append(bytes);
      onBytes(bytes.length);
    }
    await handle.sync();
    return size;
  } finally {
    await handle.close();
  }
}

/** The length of the header, unsigned 64-bit little-endian, then the header, filled up to a multiple of 8 bytes. */
function headerOf(tensors: readonly TensorSource[]): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let offset = 0;
  for (const tensor of tensors) {
    const end = offset + byteLengthOf(tensor);
    header[tensor.name] = { dtype: tensor.type, shape: tensor.dims, data_offsets: [offset, end] };
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const head = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(head.length - 8), true);
  head.set(json, 8);
  return head;
}

/** Most bytes that one write call may move (a 32-bit length inside Node). */
const CALL_BYTES = 2 ** 30;

/** Writes all of the bytes. @param position in the file; left out: behind what was written last */
export async function writeBytes(handle: FileHandle, bytes: Uint8Array, position?: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const place = position === undefined ? null : position + done;
    const { bytesWritten } = await handle.write(
      bytes,
      done,
      Math.min(CALL_BYTES, bytes.length - done),
      place,
    );
    done += bytesWritten;
  }
}
