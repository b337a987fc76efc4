// Entry point of a scan thread of the dataset process: one summary, query or export over the whole file.
import { parentPort, workerData } from 'node:worker_threads';
import { CancelledError, messageOf, PrmError, type PrmErrorParts } from '../../support/errors.ts';
import { exportView } from '../query/exportView.ts';
import { findRows } from '../query/findRows.ts';
import { summarise } from '../summary/summarise.ts';
import { openTable } from '../table/openTable.ts';
import type { Table } from '../table/table.ts';
import type { FromScan, ScanResult, ScanTask } from './scanMessages.ts';

/** Between two reports of progress, milliseconds. */
const REPORT_INTERVAL = 100;

const task = workerData as ScanTask;
const cancelled = new AbortController();
const { signal } = cancelled;

if (parentPort === null) throw new Error('This is a thread of the dataset process, not a program.');
const port = parentPort;
// The only message there is says: stop.
port.on('message', () => cancelled.abort());

scan()
  .then((message) => tell(message))
  .catch((error: unknown) => tell({ type: 'failed', error: asMessage(error) }))
  .finally(() => port.close());

async function scan(): Promise<FromScan> {
  const table = await openTable(task.path);
  try {
    return { type: 'done', result: await run(table) };
  } finally {
    await table.close();
  }
}

async function run(table: Table): Promise<ScanResult> {
  const report = reporter();
  switch (task.kind) {
    case 'summary':
      return summarise(table, { signal, onProgress: (share) => report({ scanned: 0, share }) });
    case 'query':
      return findRows(table, task.query, { signal, onFound: found, onProgress: report });
    case 'export': {
      // A view's positions are found by the index, which this thread has to make for itself.
      // It may take minutes: that it goes on has to be told.
      const onProgress = (): void => report({ scanned: 0, share: 0 });
      if (task.positions !== undefined && !table.known.complete) await table.index({ signal, onProgress });
      const hooks = { signal, onProgress: (share: number) => report({ scanned: 0, share }) };
      return exportView(table, task.positions, task.format, task.file, hooks);
    }
  }
}

function reporter(): (progress: { scanned: number; share: number }) => void {
  let last = -Infinity;
  return ({ scanned, share }) => {
    const now = performance.now();
    if (share < 1 && now - last < REPORT_INTERVAL) return;
    last = now;
    tell({ type: 'progress', scanned, share });
  };
}

/** The memory goes with the message; a part of a larger piece is copied out of it first. */
function found(positions: Uint32Array): void {
  const { buffer, byteLength } = positions;
  const whole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  const own = whole ? positions : positions.slice();
  port.postMessage({ type: 'found', positions: own } satisfies FromScan, [own.buffer as ArrayBuffer]);
}

function tell(message: FromScan): void {
  port.postMessage(message);
}

function asMessage(error: unknown): PrmErrorParts | 'cancelled' {
  if (error instanceof CancelledError) return 'cancelled';
  if (!(error instanceof PrmError)) return { where: task.path, what: messageOf(error).replace(/\.$/, '') };
  const { what, where, remedy } = error;
  return { what, ...(where !== undefined && { where }), ...(remedy !== undefined && { remedy }) };
}
