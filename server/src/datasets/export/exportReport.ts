// What `prm export` did.
import type { InputReport } from '../format/formatReport.ts';
import type { Loss, TargetName } from './targets/target.ts';

/** Paths that share something which the format cannot hold. */
export interface LossCount extends Loss {
  paths: number;
  /** Source rows of the first few, as people count. */
  firstRows: number[];
}

export type ExportedInput = Pick<
  InputReport,
  'layout' | 'rows' | 'paths' | 'steps' | 'skipped' | 'wrappers'
> & {
  dataset: string;
  reading?: InputReport['reading'];
};

export interface ExportReport {
  inputs: ExportedInput[];
  target: TargetName;
  title: string;
  file: string;
  bytes: number;
  rows: number;
  paths: number;
  steps: number;
  /** Paths that were not written. */
  leftOut: LossCount[];
  /** Paths that were written otherwise than they were, as `--lossy` allows. */
  converted: LossCount[];
  /** What the file format could not keep. */
  notes: string[];
  seconds: number;
}
