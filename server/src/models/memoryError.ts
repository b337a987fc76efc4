// Memory that ran out: how the runtime and V8 say so, and the error that people see.
import { messageOf, PrmError, type PrmErrorParts } from '../support/errors.ts';

/**
 * C++ allocation (`std::bad_alloc`, "bad allocation" on Windows), ONNX Runtime's arena and mapped files, the graphics
 * and CUDA drivers, V8's array buffers and arrays.
 */
const OUT_OF_MEMORY =
  /bad[_ ]alloc|fail(?:ed|ure) to allocate|out[_ ]?of[_ ]?memory|not enough memory|cannot allocate memory|array buffer allocation failed|invalid (?:typed )?array (?:buffer )?length|tensor.*too large/i;

/** Work that needed more memory than there is; whoever knows the work says what would need less. */
export class OutOfMemoryError extends PrmError {
  constructor(parts: PrmErrorParts) {
    super(parts);
    this.name = 'OutOfMemoryError';
  }
}

/** Whether an error says that memory ran out. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof OutOfMemoryError || OUT_OF_MEMORY.test(messageOf(error));
}

/** What was asked for in vain, as ONNX Runtime's arena says it. */
const REQUESTED = /requested buffer of size (\d+)/;

/** Why memory ran out, in few words: how much was asked for where that is known. */
export function memoryDetail(error: unknown): string {
  const text = messageOf(error);
  const bytes = REQUESTED.exec(text)?.[1];
  if (bytes !== undefined) return `a further ${(Number(bytes) / 1e6).toFixed(0)} MB could not be had`;
  return text.split('\n', 1)[0].replace(/\.$/, '');
}
