// Writes the model of a GGUF file as a folder that everything else here reads: config.json, tokenizer.json, safetensors.
import { open, writeFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { PrmError, throwIfCancelled } from '../../support/errors.ts';
import { parseDecoderConfig } from '../backbones/config.ts';
import { writeFolder } from '../folderWriting.ts';
import { writeShards, type TensorSource, type WrittenType } from '../shards.ts';
import { EXPONENT_BITS, toFloat16 } from '../float16.ts';
import { configOf } from './ggufConfig.ts';
import { readGgufHeader } from './ggufHeader.ts';
import { namedTensors, type NamedTensor } from './ggufTensors.ts';
import { tokenizerOf } from './ggufTokenizer.ts';
import type { Storage } from './storage.ts';

export interface ConversionHooks {
  signal?: AbortSignal | undefined;
  /** Bytes of weights that are written, and of all. */
  onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
}

/** Bytes of a tensor that are read at once, about. */
const SLICE_BYTES = 8 << 20;

/** Stored as they are; everything else is dequantised to float16, which has more digits than the blocks' scales. */
const PLAIN: Readonly<Record<string, WrittenType>> = { F32: 'F32', F16: 'F16', BF16: 'BF16' };

/**
 * @param file a GGUF file
 * @param folder to be made; an earlier one is replaced
 * @throws PrmError where the file is damaged, or the model, its tokenizer or its quantisation are not supported; nothing is
 *   left behind then
 */
export async function convertGguf(file: string, folder: string, hooks: ConversionHooks = {}): Promise<void> {
  const header = await readGgufHeader(file);
  const content = configOf(header);
  const config = parseDecoderConfig(content, file);
  const tensors = namedTensors(header, config);
  const { tokenizer, settings } = tokenizerOf(header);
  await writeFolder(folder, { mayReplace: () => true, remedy: 'Remove it.' }, async (temporary) => {
    const json = (name: string, value: unknown) =>
      writeFile(path.join(temporary, name), `${JSON.stringify(value, null, 2)}\n`);
    await json('config.json', { ...content, torch_dtype: 'float16' });
    await json('tokenizer.json', tokenizer);
    await json('tokenizer_config.json', settings);
    const handle = await open(file, 'r');
    try {
      const sources = tensors.map((tensor) => sourceOf(tensor, handle, file, hooks.signal));
      await writeShards(temporary, sources, hooks);
    } finally {
      await handle.close();
    }
  });
}

function sourceOf(
  named: NamedTensor,
  handle: FileHandle,
  file: string,
  signal: AbortSignal | undefined,
): TensorSource {
  const { name, tensor } = named;
  const type = PLAIN[tensor.storage.name] ?? 'F16';
  return { name, dims: tensor.dims, type, bytes: () => convertTensor(named, handle, file, signal) };
}

/** The whole tensor as it is written; read and dequantised slice by slice. */
async function convertTensor(
  { name, tensor, pairedHead }: NamedTensor,
  handle: FileHandle,
  file: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const { dims, storage, start, length } = tensor;
  // A vector is one row, but the biases of paired rows are in the rows' order.
  const rows = dims.length > 1 || pairedHead !== undefined ? (dims[0] ?? 1) : 1;
  const width = dims.reduce((product, size) => product * size, 1) / rows;
  const rowBytes = length / rows;
  const encode = encoder(storage, width, (what) => {
    throw new PrmError({ where: file, what: `tensor ${name} ${what}`, remedy: 'Take another GGUF file.' });
  });
  const written = new Uint8Array(rows * width * (storage.name === 'F32' ? 4 : 2));
  const rowsAtOnce = Math.max(1, Math.floor(SLICE_BYTES / rowBytes));
  for (let first = 0; first < rows; first += rowsAtOnce) {
    throwIfCancelled(signal);
    const count = Math.min(rowsAtOnce, rows - first);
    const slice = await readAt(handle, start + first * rowBytes, count * rowBytes, file);
    for (let index = 0; index < count; index++) {
      const row = encode(slice.subarray(index * rowBytes, (index + 1) * rowBytes));
      const target = pairedHead === undefined ? first + index : unpaired(first + index, pairedHead);
      written.set(row, target * row.length);
    }
  }
  return written;
}

/** Where transformers has a row of queries or keys: (0, d/2, 1, d/2 + 1, …) of each head back to (0, 1, 2, …). */
function unpaired(row: number, head: number): number {
  const inHead = row % head;
  return row - inHead + (inHead % 2) * (head / 2) + (inHead >> 1);
}

/** A function from a stored row to the bytes that are written for it. */
function encoder(
  { name, block, blockBytes, dequantise }: Storage,
  width: number,
  refuse: (what: string) => never,
): (row: Uint8Array) => Uint8Array {
  if (PLAIN[name] !== undefined) return (row) => row;
  if (width % block !== 0) refuse(`has rows of ${width} values, which are no whole blocks of ${name}`);
  const values = new Float32Array(width);
  return (row) => {
    const view = new DataView(row.buffer, row.byteOffset, row.byteLength);
    for (let index = 0; index < width / block; index++) {
      dequantise(view, index * blockBytes, values, index * block);
    }
    const halves = toFloat16(values);
    if (!allFinite(halves)) refuse('has values that are not finite in float16');
    return new Uint8Array(halves.buffer);
  };
}

/** A loop: over hundreds of millions of numbers, `some` takes most of the time of the conversion. */
function allFinite(halves: Uint16Array): boolean {
  for (let index = 0; index < halves.length; index++) {
    if (((halves[index] ?? 0) & EXPONENT_BITS) === EXPONENT_BITS) return false;
  }
  return true;
}

async function readAt(
  handle: FileHandle,
  position: number,
  length: number,
  file: string,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) {
      throw new PrmError({
        where: file,
        what: 'the file was cut short while it was read',
        remedy: 'Copy it again.',
      });
    }
    done += bytesRead;
  }
  return bytes;
}
