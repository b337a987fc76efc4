// What crosses the border between formatInWorker and its worker process.
import type { FormatOptions } from './formatOptions.ts';
import type { FormatReport } from './formatReport.ts';

export type ToFormatWorker = { type: 'start'; options: FormatOptions } | { type: 'cancel' };

/** An error with its parts, since its class is lost between processes. */
export type WorkerError =
  | { kind: 'prm'; what: string; where?: string; remedy?: string }
  | { kind: 'cancelled'; message: string }
  | { kind: 'unexpected'; message: string; stack?: string };

export type FromFormatWorker =
  | { type: 'progress'; done: number; total: number | undefined }
  | { type: 'done'; report: FormatReport }
  | { type: 'failed'; error: WorkerError };
