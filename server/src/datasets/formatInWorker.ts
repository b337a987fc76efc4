// Formats a dataset in a process of its own, so that the caller stays free to answer, and alive whatever the file does.
import { fork, type ChildProcess } from 'node:child_process';
import { CancelledError, PrmError } from '../support/errors.ts';
import type { FormatHooks, FormatOptions } from './format.ts';
import type { FromFormatWorker, ToFormatWorker, WorkerError } from './formatMessages.ts';
import type { FormatReport } from './formatReport.ts';

/** A worker that is busy inside one damaged page hears no cancel; it is ended after this, milliseconds. */
const CANCELS_WITHIN = 5_000;

/**
 * As `formatDataset`, in a process of its own. A thread would not do: damaged pages can make a decoder ask for more memory
 * than V8 gives, which ends the whole process.
 * @param workerFile the bundle of formatWorker.ts
 * @throws the same errors as `formatDataset`; PrmError where the process dies
 */
export async function formatInWorker(
  options: FormatOptions,
  { signal, onProgress }: FormatHooks,
  workerFile: string,
): Promise<FormatReport> {
  if (signal?.aborted) throw new CancelledError();
  const worker = fork(workerFile, {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    // VS Code's own executable runs as Node with this.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  });
  let deadline: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    send(worker, { type: 'cancel' });
    deadline = setTimeout(() => worker.kill('SIGKILL'), CANCELS_WITHIN);
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
      worker.on('exit', (code, killedBy) => {
        // Nothing happens here where an answer came first.
        reject(
          signal?.aborted ? new CancelledError() : diedWith(options.dataset, killedBy ?? `status ${code}`),
        );
      });
      send(worker, { type: 'start', options });
    });
  } finally {
    clearTimeout(deadline);
    signal?.removeEventListener('abort', cancel);
    worker.kill('SIGKILL');
  }
}

function send(worker: ChildProcess, message: ToFormatWorker): void {
  if (worker.connected) worker.send(message);
}

function diedWith(dataset: string, how: string): PrmError {
  return new PrmError({
    where: dataset,
    what: `the process that formats the dataset died (${how})`,
    remedy: 'The file is probably damaged, or memory ran out. Check it, or fetch it again.',
  });
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
