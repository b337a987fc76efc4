// A merged model as ONNX: `model.onnx` with the graph, `model.onnx_data` with the weights.
import { open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ONNX_DATA_TYPE, type ElementType } from '../../graph/elementType.ts';
import type { ExternalData } from '../../graph/onnxModel.ts';
import { throwIfCancelled } from '../../support/errors.ts';
import type { DecoderConfig } from '../backbones/config.ts';
import {
  byteLengthOf,
  writeBytes,
  type TensorSource,
  type WritingHooks,
  type WrittenType,
} from '../shards.ts';
import { OnnxBuilder, type Name } from './onnxBuilder.ts';
import { onnxDecoder } from './onnxDecoder.ts';

export const ONNX_FILE = 'model.onnx';
const DATA_FILE = 'model.onnx_data';

/** Weights start at a multiple of this, so that a runtime can map them. */
const PAGE = 4096;

const ELEMENT_TYPE = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
} as const satisfies Record<WrittenType, ElementType>;

/**
 * Writes both files into a folder that nobody reads yet. Half-size weights are widened in the graph: it computes in float32.
 * @param tensors every parameter and the head's bias
 * @returns bytes of the weights
 */
export async function writeOnnx(
  folder: string,
  config: DecoderConfig,
  tensors: readonly TensorSource[],
  hooks: WritingHooks,
): Promise<number> {
  const builder = new OnnxBuilder();
  const ids = builder.input('input_ids', 'int64', ['batch', 'length']);
  const values = new Map<string, Name>();
  const places = placesOf(tensors);
  for (const [index, { name, dims, type }] of tensors.entries()) {
    const stored = builder.external(name, ELEMENT_TYPE[type], dims, places[index]);
    const to = { integer: ONNX_DATA_TYPE.float32 };
    values.set(name, type === 'F32' ? stored : builder.node('Cast', [stored], { to }));
  }
  const logits = onnxDecoder(builder, config, ids, (name) => {
    const value = values.get(name);
    if (value === undefined) throw new RangeError(`The model has no parameter ${name}.`);
    return value;
  });
  builder.output('logits', logits, 'float32', ['batch', 'length', 2]);
  await writeFile(path.join(folder, ONNX_FILE), builder.toModel());
  return writeData(path.join(folder, DATA_FILE), tensors, places, hooks);
}

function placesOf(tensors: readonly TensorSource[]): ExternalData[] {
  let end = 0;
  return tensors.map((tensor) => {
    const offset = Math.ceil(end / PAGE) * PAGE;
    const length = byteLengthOf(tensor);
    end = offset + length;
    return { location: DATA_FILE, offset, length };
  });
}

async function writeData(
  file: string,
  tensors: readonly TensorSource[],
  places: readonly ExternalData[],
  { signal, onProgress }: WritingHooks,
): Promise<number> {
  const total = places.at(-1);
  if (total === undefined) throw new RangeError('A model without weights.');
  const bytes = total.offset + total.length;
  const handle = await open(file, 'wx');
  try {
    for (const [index, tensor] of tensors.entries()) {
      throwIfCancelled(signal);
      const { offset, length } = places[index];
      await writeBytes(handle, await tensor.bytes(), offset);
      onProgress?.({ done: offset + length, total: bytes });
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return bytes;
}
