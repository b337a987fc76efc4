// What the dataset editor's page and the extension say to each other.
import { DATASET_SUMMARY } from './datasetSummary.ts';
import {
  DATASET_ROWS,
  DATASET_TRACE,
  SCORE_ROW,
  QUERY_DATASET,
  DROP_VIEW,
  STOP_VIEW,
  type DatasetInfo,
  type DatasetNews,
  type ViewNews,
} from './datasets.ts';

/** What the page may ask the server through the extension; the extension adds `dataset`. */
export const PAGE_REQUESTS = [
  DATASET_ROWS,
  DATASET_TRACE,
  DATASET_SUMMARY,
  QUERY_DATASET,
  DROP_VIEW,
  STOP_VIEW,
  SCORE_ROW,
].map(({ method }) => method);

/** What only the extension can do. */
export type PageAction =
  | { kind: 'copy'; position: number; trace: number; format: 'json' | 'text' }
  | { kind: 'open-steps'; position: number; trace: number }
  | { kind: 'export'; view: string | null }
  | { kind: 'format' }
  | { kind: 'open-text' }
  | { kind: 'reload' };

/** Extension to page. */
export type ToDatasetPage =
  | { type: 'opened'; info: DatasetInfo }
  /** The file cannot be shown: what, where, what to do. */
  | { type: 'failed'; message: string; remedy?: string }
  | { type: 'answer'; id: number; result: unknown }
  | { type: 'refused'; id: number; message: string; cancelled: boolean }
  /** How far a summary that was asked for has come, 0 to 1. */
  | { type: 'progress'; id: number; share: number }
  | { type: 'dataset'; news: DatasetNews }
  | { type: 'view'; news: ViewNews }
  /** A command of the editor: shows a row by its number, as people count. */
  | { type: 'goto'; row: number };

/** Page to extension. */
export type FromDatasetPage =
  | { type: 'ready' }
  /** `params` without `dataset`. */
  | { type: 'ask'; id: number; method: string; params: Record<string, unknown> }
  | { type: 'cancel'; id: number }
  | { type: 'do'; action: PageAction };
