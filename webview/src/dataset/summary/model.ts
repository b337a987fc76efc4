// What the summary view shows, and what it may wish for: the page holds the state and asks the server.
import type { DatasetSummary } from '../../../../protocol/src/datasetSummary.ts';
import type { RowCondition } from '../../../../protocol/src/datasets.ts';

export interface SummaryModel {
  /** The newest one; stays on screen while another is made. */
  summary: DatasetSummary | undefined;
  state: 'none' | 'running' | 'done' | { failed: string };
  /** While it runs, 0 to 1; undefined: not known. */
  share?: number | undefined;
  /** The file has grown since `summary` was made. */
  outdated?: boolean;
}

export type SummaryWish =
  | { type: 'run' }
  | { type: 'stop' }
  /** Show the rows for which this holds. */
  | { type: 'filter'; condition: RowCondition }
  /** Show this row: the number as people count (line or row of the file, the first is 1). */
  | { type: 'goto'; row: number };
