// Entry point of the worker thread that formats a dataset beside the language server.
import { parentPort } from 'node:worker_threads';
import { CancelledError, messageOf, PrmError } from '../support/errors.ts';
import { formatDataset } from './format.ts';
import type { FromFormatWorker, ToFormatWorker, WorkerError } from './formatMessages.ts';

if (parentPort === null) throw new Error('formatWorker runs in a worker thread only.');
const port = parentPort;
const cancelled = new AbortController();
/** More progress messages than this nobody can see. */
const MILLISECONDS_BETWEEN = 50;

port.on('message', (message: ToFormatWorker) => {
  if (message.type === 'cancel') {
    cancelled.abort();
    return;
  }
  let last = -Infinity;
  formatDataset(message.options, {
    signal: cancelled.signal,
    onProgress: ({ done, total }) => {
      const now = performance.now();
      if (now - last < MILLISECONDS_BETWEEN) return;
      last = now;
      send({ type: 'progress', done, total });
    },
  })
    .then((report) => {
      send({ type: 'done', report });
    })
    .catch((error: unknown) => {
      send({ type: 'failed', error: asMessage(error) });
    })
    .finally(() => {
      port.close();
    });
});

function send(message: FromFormatWorker): void {
  port.postMessage(message);
}

function asMessage(error: unknown): WorkerError {
  if (error instanceof CancelledError) return { kind: 'cancelled', message: error.message };
  if (error instanceof PrmError) {
    const { what, where, remedy } = error;
    return { kind: 'prm', what, ...(where && { where }), ...(remedy && { remedy }) };
  }
  const stack = error instanceof Error ? error.stack : undefined;
  return { kind: 'unexpected', message: messageOf(error), ...(stack && { stack }) };
}
