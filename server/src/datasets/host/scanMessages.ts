// What crosses the border between the dataset process and a scan thread.
import type { DatasetSummary } from '../../../../protocol/src/datasetSummary.ts';
import type { ExportedView, RowQuery, ViewFormat } from '../../../../protocol/src/datasets.ts';
import type { PrmErrorParts } from '../../support/errors.ts';

/** What a scan thread is started for, and what comes out. Each opens the file itself. */
interface Scans {
  summary: { task: object; result: DatasetSummary };
  /** All positions of a sorted query; those of others come with `found`. */
  query: { task: { query: RowQuery }; result: Uint32Array | undefined };
  export: {
    /** `positions`: the view's rows in its order; the whole file where undefined. */
    task: { positions: Uint32Array | undefined; format: ViewFormat; file: string };
    result: ExportedView;
  };
}

export type ScanKind = keyof Scans;
export type ScanTask<Kind extends ScanKind = ScanKind> = {
  [K in Kind]: { kind: K; path: string } & Scans[K]['task'];
}[Kind];
export type ScanResult<Kind extends ScanKind = ScanKind> = Scans[Kind]['result'];

export type FromScan =
  | { type: 'found'; positions: Uint32Array }
  | { type: 'progress'; share: number; scanned: number }
  | { type: 'done'; result: ScanResult }
  | { type: 'failed'; error: PrmErrorParts | 'cancelled' };

export interface ToScan {
  type: 'cancel';
}
