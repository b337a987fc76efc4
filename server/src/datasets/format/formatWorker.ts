// Entry point of the process that formats a dataset for the language server.
import { CancelledError, messageOf, PrmError } from '../../support/errors.ts';
import { formatDataset } from './format.ts';
import type { FromFormatWorker, ToFormatWorker, WorkerError } from './formatMessages.ts';

const cancelled = new AbortController();
/** More progress messages than this nobody can see. */
const MILLISECONDS_BETWEEN = 50;

// Whoever asked is gone: nobody wants the result.
process.on('disconnect', () => process.exit());

process.on('message', (message: ToFormatWorker) => {
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
      finish({ type: 'done', report });
    })
    .catch((error: unknown) => {
      finish({ type: 'failed', error: asMessage(error) });
    });
});

function send(message: FromFormatWorker): void {
  process.send?.(message);
}

/** The last message; the process ends when it is on its way. */
function finish(message: FromFormatWorker): void {
  process.send?.(message, () => process.disconnect());
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
