// Unpacks pages: never more than the page's header says, and no header is believed that no honest writer would write.
import { UnsupportedError } from './unsupported.ts';
import { brotliDecompressSync, constants, unzipSync } from 'node:zlib';
import type { CompressionCodec } from 'hyparquet';
import { decompressZstd } from 'hyparquet-compressors';
import { unpackHadoopLz4, unpackLz4, unpackSnappy } from './blockCodecs.ts';

/** DuckDB writes pages of up to 100 MB; nobody needs larger ones. */
const LARGEST_PAGE_BYTES = 256 << 20;

/** How many bytes one byte can become at most, where the format says so. */
const LARGEST_RATIO: Partial<Record<CompressionCodec, number>> = {
  UNCOMPRESSED: 1,
  SNAPPY: 32,
  GZIP: 1032,
  LZ4: 256,
  LZ4_RAW: 256,
};

/** A beginning of the input of this size is tried first where only a page's beginning is wanted. */
const FIRST_TRY_BYTES = 4096;

/**
 * Refuses sizes that no page can have, before anything of that size is allocated.
 * @throws Error
 */
export function checkPageSize(codec: CompressionCodec, packed: number, unpacked: number): void {
  const ratio = LARGEST_RATIO[codec] ?? Number.POSITIVE_INFINITY;
  if (!Number.isInteger(packed) || !Number.isInteger(unpacked) || packed < 0 || unpacked < 0) {
    throw new Error('a page of no possible size');
  }
  if (unpacked > LARGEST_PAGE_BYTES) {
    throw new UnsupportedError(
      `a page says that it unpacks to ${Math.round(unpacked / 1e6)} MB, more than is safe`,
    );
  }
  if (unpacked > packed * ratio + 64) {
    throw new Error(`${packed} compressed bytes cannot become the ${unpacked} that their page claims`);
  }
}

/**
 * @param size bytes that come out; sizes have been checked
 * @throws Error where the data is damaged or makes another number of bytes
 */
export function unpackPage(codec: CompressionCodec, input: Uint8Array, size: number): Uint8Array {
  if (codec === 'UNCOMPRESSED') {
    if (input.length !== size) throw new Error('a page of another size than its header says');
    return input;
  }
  const bytes = unpack(codec, input, size, size);
  if (bytes.length !== size)
    throw new Error(`a page makes ${bytes.length} bytes where its header says ${size}`);
  return bytes;
}

/** The first `wanted` bytes of a page, or some more; less work than all of it where the codec allows. */
export function unpackBeginning(
  codec: CompressionCodec,
  input: Uint8Array,
  size: number,
  wanted: number,
): Uint8Array {
  if (codec === 'UNCOMPRESSED') return input;
  return unpack(codec, input, size, Math.min(wanted, size));
}

function unpack(codec: CompressionCodec, input: Uint8Array, size: number, wanted: number): Uint8Array {
  if (size === 0) return new Uint8Array(0);
  switch (codec) {
    case 'SNAPPY': {
      const output = new Uint8Array(wanted);
      return output.subarray(0, unpackSnappy(input, output));
    }
    case 'LZ4_RAW': {
      const output = new Uint8Array(wanted);
      return output.subarray(0, unpackLz4(input, output));
    }
    case 'LZ4': {
      // Whether there are frames shows only when all of them are looked at.
      const output = new Uint8Array(size);
      return output.subarray(0, unpackHadoopLz4(input, output));
    }
    case 'GZIP':
      return streamed(input, size, wanted, (part, finishFlush) =>
        unzipSync(part, {
          maxOutputLength: size,
          finishFlush: finishFlush ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
        }),
      );
    case 'BROTLI':
      return streamed(input, size, wanted, (part, finishFlush) =>
        brotliDecompressSync(part, {
          maxOutputLength: size,
          finishFlush: finishFlush ? constants.BROTLI_OPERATION_FINISH : constants.BROTLI_OPERATION_FLUSH,
        }),
      );
    case 'ZSTD':
      checkZstdFrame(input, size);
      return decompressZstd(input, new Uint8Array(size));
    case 'LZO':
    case 'UNCOMPRESSED':
    default:
      throw new UnsupportedError(`the compression codec ${codec} is not supported`);
  }
}

/** For codecs of zlib, which unpack a beginning of their input as far as it goes. */
function streamed(
  input: Uint8Array,
  size: number,
  wanted: number,
  run: (part: Uint8Array, whole: boolean) => Uint8Array,
): Uint8Array {
  if (wanted < size) {
    for (let length = FIRST_TRY_BYTES; length < input.length; length *= 4) {
      const beginning = run(input.subarray(0, length), false);
      if (beginning.length >= wanted) return beginning;
    }
  }
  return run(input, true);
}

/**
 * fzstd writes into the output it is given and does not say how much: a size in the frame itself must agree.
 * https://github.com/facebook/zstd/blob/dev/doc/zstd_compression_format.md#frame_header
 */
function checkZstdFrame(input: Uint8Array, size: number): void {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  if (input.length < 9 || view.getUint32(0, true) !== 0xfd2fb528) throw new Error('a page that is not ZSTD');
  const descriptor = view.getUint8(4);
  const single = (descriptor >> 5) & 1;
  const field = descriptor >> 6;
  const at = 5 + (single === 1 ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  const length = field === 0 ? single : 1 << field;
  if (length === 0) return;
  if (at + length > input.length) throw new Error('a page whose ZSTD frame is cut off');
  let content = 0;
  for (let index = length - 1; index >= 0; index--) content = content * 256 + view.getUint8(at + index);
  if (field === 1) content += 256;
  // More frames may follow this one.
  if (content > size)
    throw new Error(`a page's ZSTD frame makes ${content} bytes where its header says ${size}`);
}
