// Formats a dataset in a worker thread, so that the caller's own thread stays free to answer.
import { Worker } from 'node:worker_threads';
import { CancelledError, PrmError } from '../support/errors.ts';
import type { FormatHooks, FormatOptions } from './format.ts';
import type { FromFormatWorker, ToFormatWorker, WorkerError } from './formatMessages.ts';
import type { FormatReport } from './formatReport.ts';

/**
 * As `formatDataset`, in a thread of its own.
 * @param workerFile the bundle of formatWorker.ts
 * @throws the same errors as `formatDataset`
 */
export async function formatInWorker(
  options: FormatOptions,
  { signal, onProgress }: FormatHooks,
  workerFile: string | URL,
): Promise<FormatReport> {
  if (signal?.aborted) throw new CancelledError();
  const worker = new Worker(workerFile);
  const send = (message: ToFormatWorker): void => {
    worker.postMessage(message);
  };
  const cancel = (): void => {
    send({ type: 'cancel' });
  };
  signal?.addEventListener('abort', cancel);
  try {
    return await new Promise<FormatReport>((resolve, reject) => {
      worker.on('message', (message: FromFormatWorker) => {
        if (message.type === 'progress') onProgress?.(message);
        else if (message.type === 'done') resolve(message.report);
        else reject(rebuilt(message.error));
      });
      worker.on('error', reject);
      worker.on('exit', (code) => {
        // Nothing happens here where an answer came first.
        reject(new Error(`The formatting thread ended without an answer (status ${code}).`));
      });
      send({ type: 'start', options });
    });
  } finally {
    signal?.removeEventListener('abort', cancel);
    await worker.terminate();
  }
}

function rebuilt(error: WorkerError): Error {
  switch (error.kind) {
    case 'prm':
      return new PrmError(error);
    case 'cancelled':
      return new CancelledError(error.message);
    case 'unexpected': {
      const unexpected = new Error(error.message);
      if (error.stack !== undefined) unexpected.stack = error.stack;
      return unexpected;
    }
  }
}
