// Runs one scan in a thread of its own: the process answers pages meanwhile, and outlives what the thread dies of.
import { Worker } from 'node:worker_threads';
import { CancelledError, messageOf, PrmError, systemErrorCode } from '../../support/errors.ts';
import type { FromScan, ScanKind, ScanResult, ScanTask, ToScan } from './scanMessages.ts';

/** Memory of a thread's heap, MB; more ends the thread, not the process. */
const HEAP = 192;
const YOUNG_HEAP = 24;
/** A thread that is busy inside one damaged page hears no cancel; it is ended after this, milliseconds. */
const CANCELS_WITHIN = 2_000;

export interface ScanHooks {
  signal: AbortSignal;
  /** `scanned`: rows looked at so far, of a query. */
  onProgress?: (progress: { scanned: number; share: number }) => void;
  /** Positions in ascending order. */
  onFound?: (positions: Uint32Array) => void;
}

export interface ScanChoices {
  /** Bundle of datasetScan.ts. */
  scanFile: string;
  /** A scan that reports nothing for so long is given up, milliseconds. */
  silence: number;
}

/**
 * @throws CancelledError where the signal was aborted
 * @throws PrmError what the scan throws; also where the thread takes too much memory, dies, or goes silent
 */
export async function runScan<Kind extends ScanKind>(
  task: ScanTask<Kind>,
  hooks: ScanHooks,
  { scanFile, silence }: ScanChoices,
): Promise<ScanResult<Kind>> {
  const { signal, onProgress, onFound } = hooks;
  if (signal.aborted) throw new CancelledError();
  const worker = new Worker(scanFile, {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: HEAP, maxYoungGenerationSizeMb: YOUNG_HEAP },
  });
  let timer: NodeJS.Timeout | undefined;
  let cancel = (): void => undefined;
  try {
    return await new Promise<ScanResult<Kind>>((resolve, reject) => {
      const heard = (): void => {
        clearTimeout(timer);
        timer = setTimeout(() => reject(silent(task.path, silence)), silence);
      };
      cancel = () => {
        worker.postMessage({ type: 'cancel' } satisfies ToScan);
        clearTimeout(timer);
        timer = setTimeout(() => reject(new CancelledError()), CANCELS_WITHIN);
      };
      signal.addEventListener('abort', cancel);
      heard();
      worker.on('message', (message: FromScan) => {
        if (!signal.aborted) heard();
        switch (message.type) {
          case 'found':
            onFound?.(message.positions);
            break;
          case 'progress':
            onProgress?.(message);
            break;
          case 'done':
            // The result's type is the task's: they are one entry of the table in scanMessages.ts.
            resolve(message.result);
            break;
          case 'failed':
            reject(message.error === 'cancelled' ? new CancelledError() : new PrmError(message.error));
            break;
        }
      });
      worker.on('error', (error) => reject(diedOf(task.path, error)));
      worker.on('exit', (code) => reject(diedOf(task.path, new Error(`status ${code}`))));
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
    await worker.terminate();
  }
}

function silent(path: string, silence: number): PrmError {
  return new PrmError({
    where: path,
    what: `Reading the file made no progress for ${Math.round(silence / 1000)} s and was ended`,
    remedy: 'The file is probably damaged, or its disk does not answer. Check it, or fetch it again.',
  });
}

function diedOf(path: string, error: unknown): PrmError {
  const memory = systemErrorCode(error) === 'ERR_WORKER_OUT_OF_MEMORY';
  return new PrmError({
    where: path,
    what: memory
      ? `Reading the file took more memory than the ${HEAP} MB that it may`
      : `Reading the file failed (${messageOf(error).replace(/\.$/, '')})`,
    remedy: memory
      ? 'A row or a part of it is too large, or the file is damaged.'
      : 'The file is probably damaged. Check it, or fetch it again.',
    cause: error,
  });
}
