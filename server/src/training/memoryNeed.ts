// What a method's trained numbers take at least, said before anything is loaded.
import { totalmem } from 'node:os';
import { PrmError } from '../support/errors.ts';

/** Weights, gradients and AdamW's two moments, in float32. */
const BYTES_PER_PARAMETER = 16;

/**
 * @param parameters trained numbers
 * @param memory of the machine, or of the container, bytes
 * @throws PrmError where the model alone does not fit, before any activation
 */
export function checkMemoryNeed(parameters: number, memory = availableMemory()): void {
  const needed = parameters * BYTES_PER_PARAMETER;
  if (needed <= memory) return;
  throw new PrmError({
    what:
      `Training ${(parameters / 1e6).toFixed(0)} million weights needs more than ${gigabytes(needed)}, ` +
      `and this machine has ${gigabytes(memory)}`,
    remedy: 'Train adapters (--method lora), or take a smaller model or a machine with more memory.',
  });
}

/** In a container the limit is the container's; 0 and numbers beyond the machine's memory mean that there is none. */
export function availableMemory(): number {
  return Math.min(process.constrainedMemory() || Infinity, totalmem());
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
