// The header of a safetensors file: an 8-byte length, then JSON that says where each tensor lies.
import { z } from 'zod';
import { PrmError, messageOf } from '../support/errors.ts';

/** Bytes of one element. */
const ELEMENT_BYTES = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8 } as const;

export type TensorType = keyof typeof ELEMENT_BYTES;

/** Where a tensor lies. */
export interface TensorLocation {
  type: TensorType;
  dims: readonly number[];
  /** First byte, from the start of the file. */
  start: number;
  /** Byte after its last one. */
  end: number;
}

/** The header's length comes first, unsigned 64-bit little-endian. */
export const HEADER_LENGTH_BYTES = 8;

/** As the reference implementation: a longer header is taken for a damaged or hostile file. */
export const MAX_HEADER_BYTES = 100_000_000;

/** Tensor data starts at a multiple of this, as the reference implementation writes it. */
const ALIGNMENT = 8;

const METADATA = '__metadata__';
const size = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(size),
  data_offsets: z.tuple([size, size]),
});
const metadataSchema = z.record(z.string(), z.string());

interface FileExtent {
  file: string;
  /** Offset of the first byte behind the header. */
  dataStart: number;
  /** Bytes of the whole file. */
  size: number;
}

/**
 * Parses and checks a header: every tensor's extent fits its shape and element type, and together they cover the
 * file's data exactly, without overlaps or holes.
 * @param json the header without its length
 * @returns tensors in the order of their bytes
 * @throws PrmError that names the file and the tensor
 */
export function parseHeader(
  json: Uint8Array,
  extent: FileExtent,
): { metadata: Record<string, string>; tensors: Map<string, TensorLocation> } {
  const { [METADATA]: rawMetadata, ...rawTensors } = parseObject(json, extent.file);
  const metadata = metadataSchema.safeParse(rawMetadata ?? {});
  if (!metadata.success) throw damaged(extent.file, `Its ${METADATA} is not a table of texts`);
  const located = Object.entries(rawTensors).map(
    ([name, entry]) => [name, locate(name, entry, extent)] as const,
  );
  located.sort(([, a], [, b]) => a.start - b.start || a.end - b.end);
  checkCover(located, extent);
  return { metadata: metadata.data, tensors: new Map(located) };
}

/**
 * The length and the JSON header of a file with these tensors.
 * @returns `order`: the tensors in the order in which their bytes must follow the header
 */
export function headerBytes<T extends { type: TensorType; dims: readonly number[]; bytes: Uint8Array }>(
  tensors: ReadonlyMap<string, T>,
  metadata: Readonly<Record<string, string>>,
): { head: Uint8Array; order: T[] } {
  const named = [...tensors].sort(([, a], [, b]) => ELEMENT_BYTES[b.type] - ELEMENT_BYTES[a.type]);
  const header: [string, unknown][] = Object.keys(metadata).length === 0 ? [] : [[METADATA, metadata]];
  let offset = 0;
  for (const [name, { type, dims, bytes }] of named) {
    if (name === METADATA) throw new RangeError(`No tensor may be named ${METADATA}.`);
    if (byteLength(type, dims) !== bytes.length) {
      throw new RangeError(
        `${name}: ${bytes.length} bytes are not a ${type} tensor of [${dims.join(', ')}].`,
      );
    }
    header.push([name, { dtype: type, shape: dims, data_offsets: [offset, offset + bytes.length] }]);
    offset += bytes.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const length = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const head = new Uint8Array(HEADER_LENGTH_BYTES + length).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(json, HEADER_LENGTH_BYTES);
  return { head, order: named.map(([, tensor]) => tensor) };
}

function parseObject(json: Uint8Array, file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch (error) {
    throw damaged(file, `Its header is not JSON (${messageOf(error)})`, error);
  }
  const object = z.record(z.string(), z.unknown()).safeParse(value);
  if (!object.success) throw damaged(file, 'Its header is not a JSON object');
  return object.data;
}

function locate(name: string, raw: unknown, { file, dataStart, size: fileSize }: FileExtent): TensorLocation {
  const entry = entrySchema.safeParse(raw);
  if (!entry.success) throw damaged(file, `Tensor ${name} has no usable dtype, shape and data_offsets`);
  const { dtype, shape, data_offsets } = entry.data;
  if (!isTensorType(dtype)) {
    throw new PrmError({
      where: file,
      what: `Tensor ${name} has element type ${dtype}`,
      remedy: `Convert it to one of ${Object.keys(ELEMENT_BYTES).join(', ')}.`,
    });
  }
  const [start, end] = [dataStart + data_offsets[0], dataStart + data_offsets[1]];
  const bytes = byteLength(dtype, shape);
  if (end - start !== bytes) {
    throw damaged(
      file,
      `Tensor ${name} is ${dtype} of [${shape.join(', ')}], ${bytes} bytes, but its place has ${end - start}`,
    );
  }
  if (end > fileSize) {
    throw damaged(file, `The file is cut short: tensor ${name} ends at byte ${end} of ${fileSize}`);
  }
  return { type: dtype, dims: shape, start, end };
}

/** Tensors must follow each other without a gap, from the header to the end of the file. */
function checkCover(
  located: (readonly [string, TensorLocation])[],
  { file, dataStart, size }: FileExtent,
): void {
  let reached = dataStart;
  let before = 'the header';
  for (const [name, { start, end }] of located) {
    if (start < reached) throw damaged(file, `Tensor ${name} overlaps ${before}`);
    if (start > reached) throw damaged(file, `Between ${before} and tensor ${name} lie unused bytes`);
    reached = end;
    before = `tensor ${name}`;
  }
  if (reached !== size) throw damaged(file, `Behind ${before} lie ${size - reached} unused bytes`);
}

function isTensorType(text: string): text is TensorType {
  return Object.hasOwn(ELEMENT_BYTES, text);
}

/** May be an unsafe integer for absurd shapes; it then equals no extent. */
function byteLength(type: TensorType, dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, ELEMENT_BYTES[type]);
}

function damaged(file: string, what: string, cause?: unknown): PrmError {
  return new PrmError({
    where: file,
    what,
    remedy: 'The file is damaged: copy or download it again.',
    cause,
  });
}
