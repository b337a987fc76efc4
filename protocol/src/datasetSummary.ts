// What a whole dataset holds, as the summary of the dataset editor and `prm inspect --json` give it.
import type { StepLabel, TableKind, TableColumn, LayoutReport, DatasetParams } from './datasets.ts';
import type { RequestName, WithProgress } from './requests.ts';

/** Bin i counts values from `edges[i]` up to, not including, `edges[i + 1]`; one edge more than counts. */
export interface Histogram {
  edges: number[];
  counts: number[];
}

export interface Spread {
  min: number;
  median: number;
  /** The median is right to about 1 % only: it lies among the very large values, which are not counted one by one. */
  medianAbout?: true;
  mean: number;
  max: number;
  histogram: Histogram;
}

export interface ColumnStatistics {
  name: string;
  type: string;
  /** Rows with null, or without the field. */
  nulls: number;
  /** Rows with an empty text or list. */
  empty: number;
  /** Distinct values other than null; an estimate (about 1 %) where `distinctExact` is false. */
  distinct: number;
  distinctExact: boolean;
  /** Of numbers; null for other types. */
  min: number | null;
  max: number | null;
  mean: number | null;
  /** Characters of texts, items of lists; null for other types. */
  length: { min: number; mean: number; max: number } | null;
}

/** Rows with the same fault. */
export interface FaultCount {
  reason: string;
  count: number;
  /** The first few, as people count. */
  firstRows: number[];
  firstDetail?: string;
}

export interface FileSchema {
  kind: TableKind;
  columns: TableColumn[];
  /** Of a Parquet file. */
  parquet?: {
    createdBy: string | null;
    codecs: string[];
    rowGroups: { rows: number; bytes: number; compressedBytes: number }[];
    /** Row groups that are not listed because there are too many. */
    moreRowGroups: number;
    keyValues: { key: string; value: string }[];
  };
}

export interface DatasetSummary {
  path: string;
  bytes: number;
  layout: LayoutReport;
  schema: FileSchema;
  rows: number;
  /** Rows that fit the layout, and what they hold. */
  traceRows: number;
  traces: number;
  /** Distinct problems; an estimate where `problemsExact` is false. */
  problems: number;
  problemsExact: boolean;
  steps: number;
  emptySteps: number;
  labels: Record<StepLabel, number>;
  softLabels: number;
  tracesWithError: number;
  /** Steps of a path; null where there are none. */
  stepsPerTrace: Spread | null;
  /** 1-based place of the first incorrect step, over paths that have one. */
  firstError: Spread | null;
  problemCharacters: Spread | null;
  stepCharacters: Spread | null;
  wrappers: Record<string, number>;
  columns: ColumnStatistics[];
  faults: FaultCount[];
  seconds: number;
}

export interface DatasetSummaryParams extends DatasetParams, WithProgress {}

/** Reads the whole file once; kept until the file changes. */
export const DATASET_SUMMARY: RequestName<DatasetSummaryParams, DatasetSummary> = {
  method: 'prm/datasetSummary',
};
