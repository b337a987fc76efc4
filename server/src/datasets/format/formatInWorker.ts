// Formats a dataset in a process of its own, so that the caller stays free to answer, and alive whatever the file does.
import { fork, type ChildProcess } from 'node:child_process';
import { CancelledError, messageOf, PrmError, systemErrorCode } from '../../support/errors.ts';
import type { FormatHooks } from './format.ts';
import type { FormatOptions } from './formatOptions.ts';
import type { FromFormatWorker, ToFormatWorker, WorkerError } from './formatMessages.ts';
import type { FormatReport } from './formatReport.ts';

/** A worker that is busy inside one damaged page hears no cancel; it is ended after this, milliseconds. */
const CANCELS_WITHIN = 5_000;
/** Characters of the worker's error output that are kept, from its end. */
const KEPT_OUTPUT = 2_000;

/**
 * As `formatDataset`, in a process of its own. A thread would not do: damaged pages can make a decoder ask for more memory
 * than V8 gives, which ends the whole process.
 * @param workerFile the bundle of formatWorker.ts
 * @throws the same errors as `formatDataset`; PrmError where the process cannot be started or dies, with the end of what it
 * wrote to its error output as `cause`
 */
export async function formatInWorker(
  options: FormatOptions,
  { signal, onProgress }: FormatHooks,
  workerFile: string,
): Promise<FormatReport> {
  if (signal?.aborted) throw new CancelledError();
  const dataset = options.inputs.map((input) => input.dataset).join(', ');
  const worker = startWorker(workerFile, dataset);
  let output = '';
  // None where the system had no pipe left; the 'error' event then follows.
  worker.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-KEPT_OUTPUT);
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
      const fail = (error: PrmError): void => {
        reject(signal?.aborted ? new CancelledError() : error);
      };
      worker.on('error', (error) => {
        fail(worker.pid === undefined ? notStarted(dataset, error) : lost(dataset, error));
      });
      // Not 'exit': its error output may still be on the way then. Nothing happens here where an answer came first.
      worker.on('close', (code, killedBy) => {
        fail(diedWith(dataset, killedBy ?? `status ${code}`, output));
      });
      send(worker, { type: 'start', options });
    });
  } finally {
    clearTimeout(deadline);
    signal?.removeEventListener('abort', cancel);
    worker.kill('SIGKILL');
  }
}

function startWorker(workerFile: string, dataset: string): ChildProcess {
  try {
    return fork(workerFile, {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
      // VS Code's own executable runs as Node with this.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    });
  } catch (error) {
    // Some failures are thrown at once (no memory), others come as an 'error' event (no such file).
    throw notStarted(dataset, error);
  }
}

function send(worker: ChildProcess, message: ToFormatWorker): void {
  if (worker.connected) worker.send(message);
}

function notStarted(dataset: string, error: unknown): PrmError {
  return new PrmError({
    where: dataset,
    what: `the process that formats the dataset could not be started (${messageOf(error)})`,
    remedy:
      systemErrorCode(error) === 'ENOENT'
        ? 'Restart the editor; it was probably updated or moved meanwhile.'
        : 'Close other programs, since memory or processes may have run out, and try again.',
    cause: error,
  });
}

function lost(dataset: string, error: Error): PrmError {
  return new PrmError({
    where: dataset,
    what: `the process that formats the dataset cannot be reached (${error.message})`,
    remedy: 'Try again.',
    cause: error,
  });
}

/** @param output the end of what the process wrote to its error output */
function diedWith(dataset: string, how: string, output: string): PrmError {
  return new PrmError({
    where: dataset,
    what: `the process that formats the dataset died (${how})`,
    remedy: 'The file is probably damaged, or memory ran out. Check it, or fetch it again.',
    ...(output !== '' && { cause: output }),
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
