// What crosses the border between the language server and a dataset process. Both are of one build, so these types are
// what travels; what the page sends is checked before it comes here (language/datasets.ts).
import type { DatasetSummary } from '../../../../protocol/src/datasetSummary.ts';
import type {
  DatasetInfo,
  DatasetNews,
  DatasetRows,
  DatasetRowsParams,
  DatasetRowTextParams,
  DatasetTraceParams,
  ExportedView,
  ExportViewParams,
  OpenDatasetParams,
  QueryDatasetParams,
  TraceView,
  ViewNews,
  ViewParams,
} from '../../../../protocol/src/datasets.ts';
import type { NotificationName, RequestName } from '../../../../protocol/src/requests.ts';

/** A process holds one dataset, so its requests name none. */
type Here<Params> = Omit<Params, 'dataset' | 'workDoneToken'>;

export type HostInfo = Omit<DatasetInfo, 'dataset'>;

/** The process's own news; `restarted` is what only its parent can tell. */
export type HostChange =
  Exclude<DatasetNews['change'], { info: DatasetInfo }> | { kind: 'replaced'; info: HostInfo };
export type ParentChange = HostChange | { kind: 'restarted'; message: string; info: HostInfo };

/** Long work has a name, under which its progress comes. */
export interface Job {
  job: string;
}

/** One path of a row, whole: what a model scores. */
export interface RowPath {
  problem: string;
  steps: string[];
}

export type RowsRequest = Here<DatasetRowsParams>;
export type TraceRequest = Here<DatasetTraceParams>;
export type RowTextRequest = Here<DatasetRowTextParams>;
export type PathRequest = Omit<TraceRequest, 'firstStep'>;
/** The view's name is the asker's choice. */
export type QueryRequest = Here<QueryDatasetParams> & { view: string };
export type ViewRequest = Here<ViewParams>;
export type ExportRequest = Here<ExportViewParams> & Job;
export type HostView = Here<ViewNews>;

export const HOST_OPEN: RequestName<OpenDatasetParams, HostInfo> = { method: 'host/open' };
export const HOST_ROWS: RequestName<RowsRequest, DatasetRows> = { method: 'host/rows' };
export const HOST_TRACE: RequestName<TraceRequest, TraceView> = { method: 'host/trace' };
export const HOST_ROW_TEXT: RequestName<RowTextRequest, { text: string }> = { method: 'host/rowText' };
export const HOST_PATH: RequestName<PathRequest, RowPath> = { method: 'host/path' };
export const HOST_SUMMARY: RequestName<Job, DatasetSummary> = { method: 'host/summary' };
export const HOST_QUERY: RequestName<QueryRequest, null> = { method: 'host/query' };
export const HOST_STOP_VIEW: RequestName<ViewRequest, null> = { method: 'host/stopView' };
export const HOST_DROP_VIEW: RequestName<ViewRequest, null> = { method: 'host/dropView' };
export const HOST_EXPORT: RequestName<ExportRequest, ExportedView> = { method: 'host/export' };

/** The process listens. */
export const HOST_STARTED: NotificationName<Record<string, never>> = { method: 'host/started' };
export const HOST_CHANGED: NotificationName<HostChange> = { method: 'host/changed' };
export const HOST_VIEW: NotificationName<HostView> = { method: 'host/view' };
/** Progress of long work, 0 to 1. */
export const HOST_PROGRESS: NotificationName<Job & { share: number }> = { method: 'host/progress' };
