// Datasets on screen: what the dataset editor's page, the extension, the language server and the dataset process say
// to each other. The page asks with the same requests that the server answers; the extension only carries them.
import type { NotificationName, RequestName, WithProgress } from './requests.ts';

// ---- words ----

export const STEP_LABELS = ['correct', 'incorrect', 'neutral', 'unlabelled'] as const;
export type StepLabel = (typeof STEP_LABELS)[number];

/** How a dataset writes its rows; `server/src/datasets/layouts/` has one file for each. */
export const LAYOUTS = [
  'trl-stepwise',
  'prm800k',
  'prm800k-critic',
  'math-shepherd',
  'processbench',
  'prmbench',
  'rlhflow',
  'math-aps-flat',
  'math-aps-tree',
  'versaprm',
  'er-prm',
  'mr-gsm8k',
  'bigbench-mistake',
  'gsm8k',
  'formatted',
] as const;
export type LayoutName = (typeof LAYOUTS)[number];

export const TABLE_KINDS = ['parquet', 'jsonl', 'json', 'jsonl.gz'] as const;
export type TableKind = (typeof TABLE_KINDS)[number];

/** Why a row cannot be read or understood. `reason` groups rows; `detail` belongs to this one. */
export interface RowFault {
  reason: string;
  detail?: string;
  /** Where in the row, from its top-level field inwards: `['labels', 3]` is the fourth item of `labels`. */
  place?: (string | number)[];
}

export interface TableColumn {
  name: string;
  /** For people: `string`, `int64`, `list<bool>`, `struct<problem: string, …>`, `timestamp(ms)`, `mixed`. */
  type: string;
}

// ---- opening and following ----

export interface OpenDatasetParams {
  /** Absolute path of the file. */
  path: string;
}

export interface DatasetInfo {
  /** Names the open dataset in all further requests. */
  dataset: string;
  /** Absolute. */
  path: string;
  /** File name, for people. */
  name: string;
  kind: TableKind;
  bytes: number;
  /** At most 1,000: what `cells` are for. */
  columns: TableColumn[];
  /** Columns that have no cells because there are too many; a row's JSON has all. */
  moreColumns?: number;
  known: KnownRows;
  layout: LayoutReport;
}

/** A text file's rows are counted in the background; a Parquet file's are known at once. */
export interface KnownRows {
  /** That can be asked for now. */
  rows: number;
  /** Whether these are all. */
  complete: boolean;
  /** 0 to 1. */
  share: number;
}

export interface LayoutReport {
  /** null: no layout fits; the rows are shown as a plain table. */
  layout: LayoutName | null;
  /** For people: `PRM800K raw`. */
  title: string;
  /** One sentence each: why this layout, and what speaks for another. */
  evidence: string[];
  /** Rows that were looked at, and how many of them fit each layout; more than one entry: the file mixes layouts. */
  sampled: number;
  counts: { layout: LayoutName; rows: number }[];
}

/** The process that reads the file is started here. */
export const OPEN_DATASET: RequestName<OpenDatasetParams, DatasetInfo> = { method: 'prm/openDataset' };

export interface DatasetParams {
  dataset: string;
}

export const CLOSE_DATASET: RequestName<DatasetParams, null> = { method: 'prm/closeDataset' };

/** More rows are known, or the file changed on disk. */
export interface DatasetNews {
  dataset: string;
  change:
    | { kind: 'known'; known: KnownRows }
    /** Another file is there now: ask for everything again. Views (below) are gone. */
    | { kind: 'replaced'; info: DatasetInfo }
    /** The rows that were read stay on screen. */
    | { kind: 'gone'; message: string }
    /** The process that read the file died and was started again: as `replaced`, and why. */
    | { kind: 'restarted'; message: string; info: DatasetInfo };
}

export const DATASET_CHANGED: NotificationName<DatasetNews> = { method: 'prm/datasetChanged' };

// ---- rows ----

export const CELL_KINDS = [
  'missing',
  'null',
  'empty',
  'text',
  'number',
  'boolean',
  'time',
  'binary',
  'list',
  'object',
] as const;

/** One value, cut to what a table cell can show. */
export interface Cell {
  /** `missing`: the row has no such field. `empty`: text or a list of no length. */
  kind: (typeof CELL_KINDS)[number];
  /** At most 300 characters, line breaks shown as spaces. */
  text: string;
  /** Whether `text` is only the beginning. */
  cut?: true;
  /** Items of a list, characters of a text, bytes of a binary value. */
  length?: number;
}

/** What a row says as a trace, at a glance. */
export interface TraceMarks {
  /** Paths of the row (attempts, alternatives, branches). */
  traces: number;
  /** Of the first path. */
  steps: number;
  /** Labels of the first path's first 64 steps. */
  labels: StepLabel[];
  /** 1-based; null where no step of the first path is incorrect. */
  firstError: number | null;
}

export interface DatasetRow {
  /** 0-based position in the file: what other requests take. */
  position: number;
  /** As people count: row of a Parquet file, line of a text file, the first is 1. */
  number: number;
  /** One for each of `columns`; empty where the row cannot be read. */
  cells: Cell[];
  /** Why the row cannot be read, or does not fit the layout. */
  fault?: RowFault;
  marks?: TraceMarks;
}

export interface DatasetRowsParams extends DatasetParams {
  /** A filtered or sorted view; the whole file where missing. */
  view?: string;
  /** 0-based place in the view (or file). */
  start: number;
  /** At most 500. */
  count: number;
}

export interface DatasetRows {
  start: number;
  rows: DatasetRow[];
  /** Of the view, or of the file. */
  known: KnownRows;
}

export const DATASET_ROWS: RequestName<DatasetRowsParams, DatasetRows> = { method: 'prm/datasetRows' };

// ---- one row as a trace ----

export interface DatasetTraceParams extends DatasetParams {
  /** 0-based position in the file. */
  position: number;
  /** Which path of the row, 0-based; 0 where missing. */
  trace?: number;
  /** The first step wanted, 0-based; 0 where missing. At most 200 steps come. */
  firstStep?: number;
}

/** UTF-16 offsets into the step's text. */
export interface EquationMark {
  start: number;
  end: number;
  verdict: 'holds' | 'fails' | 'unsure';
  explanation: string;
}

export interface TraceStepView {
  /** 1-based. */
  number: number;
  /** At most 20,000 characters. */
  text: string;
  cut?: true;
  label: StepLabel;
  /** Where the dataset gives a soft label: 0 to 1. */
  soft?: number;
  equations: EquationMark[];
}

export interface TraceView {
  position: number;
  number: number;
  /** Missing where the row does not fit the layout: then `fault` says why. */
  trace?: {
    problem: string;
    /** Name of the chat wrapper that was taken off the problem. */
    wrapper?: string;
    /** Which of the row's paths this is, 0-based, and how many there are. */
    index: number;
    count: number;
    /** 1-based step at which an alternative leaves an earlier path of the row. */
    alternativeAt?: number;
    /** The reference answer, where the row has one. */
    answer?: string;
    totalSteps: number;
    firstStep: number;
    steps: TraceStepView[];
    /** 1-based; null where no step is incorrect. */
    firstError: number | null;
    labels: Record<StepLabel, number>;
    /** What `prm generate corrupt` did to the solution. */
    change?: ChangeView;
    /** What `prm generate sample` found the solution to answer. */
    sampled?: SampledAnswer;
  };
  fault?: RowFault;
  /** The row as indented JSON, at most 200,000 characters; the source line where it is not JSON. */
  json: string;
  jsonCut?: true;
}

/** The answer of a solution that a model wrote, compared with the reference. */
export interface SampledAnswer {
  /** Missing where the solution states none. */
  answer?: string;
  /** Null where they cannot be compared. */
  isRight: boolean | null;
}

/** A single error that was put into a correct solution. */
export interface ChangeView {
  /** Name of the kind of error. */
  strategy: string;
  /** 1-based number of the wrong step. */
  step: number;
  /** Whether the error is carried through the later steps. */
  consistent: boolean;
  /** The step that was changed or dropped; missing where one was added. */
  before?: string;
  /** What stands in its place, or was added; missing where a step was dropped. */
  after?: string;
}

export const DATASET_TRACE: RequestName<DatasetTraceParams, TraceView> = { method: 'prm/datasetTrace' };

export const ROW_TEXT_FORMATS = ['json', 'text', 'steps'] as const;

export interface DatasetRowTextParams extends DatasetParams {
  position: number;
  /** `json`: the row. `text`: problem and steps for reading. `steps`: a `.steps` document with labels. */
  format: (typeof ROW_TEXT_FORMATS)[number];
  /** Which path, for `text` and `steps`; 0 where missing. */
  trace?: number;
}

/** The whole row (not cut), for the clipboard or a new document. Refused above 20 MB. */
export const DATASET_ROW_TEXT: RequestName<DatasetRowTextParams, { text: string }> = {
  method: 'prm/datasetRowText',
};

export interface ScoreRowParams extends DatasetParams {
  position: number;
  trace?: number;
}

export interface RowScores {
  /** Probability that each step is correct, 0 to 1, by step. null: the step is empty and was not scored. */
  scores: (number | null)[];
  threshold: number;
  model: string;
  device: string;
  milliseconds: number;
}

/** Scores one path with the selected model. */
export const SCORE_ROW: RequestName<ScoreRowParams, RowScores> = { method: 'prm/scoreRow' };

// ---- filter, search, sort ----

export const COLUMN_TESTS = [
  'equals',
  'not-equals',
  'less',
  'greater',
  'contains',
  'is-null',
  'not-null',
] as const;

/** What rows must be; all conditions of a query hold together. */
export type RowCondition =
  | { kind: 'has-error'; value: boolean }
  /** Lists of different length, a label that is no label, a row that is broken or fits no layout. */
  | { kind: 'faulty' }
  /** Case does not count; searched in every text of the row. */
  | { kind: 'text'; text: string }
  /** Steps of any path of the row; both ends included, null: no limit. */
  | { kind: 'steps'; from: number | null; to: number | null }
  /** 1-based first incorrect step of any path. */
  | { kind: 'first-error'; from: number | null; to: number | null }
  | { kind: 'label'; label: StepLabel }
  /** Numbers are compared as numbers where both sides are; `value` is not used by the null tests. */
  | { kind: 'column'; column: string; test: (typeof COLUMN_TESTS)[number]; value: string };

export type SortKey = { by: 'steps' | 'first-error' | 'errors' } | { by: 'column'; column: string };

export interface RowQuery {
  conditions: RowCondition[];
  /** File order where missing. Rows without the key come last either way; equal keys stay in file order. */
  sort?: { key: SortKey; descending: boolean };
}

export interface QueryDatasetParams extends DatasetParams {
  query: RowQuery;
}

export interface ViewInfo {
  view: string;
}

/** Starts a scan; its rows can be asked for while it runs, in file order; a sorted view is there when it is complete. */
export const QUERY_DATASET: RequestName<QueryDatasetParams, ViewInfo> = { method: 'prm/queryDataset' };

export interface ViewParams extends DatasetParams {
  view: string;
}

/** Ends a scan that still runs, and forgets the view. */
export const DROP_VIEW: RequestName<ViewParams, null> = { method: 'prm/dropView' };

/** Stops a scan and keeps what it found. */
export const STOP_VIEW: RequestName<ViewParams, null> = { method: 'prm/stopView' };

export interface ViewNews extends ViewParams {
  /** Rows found. */
  rows: number;
  /** Rows looked at. */
  scanned: number;
  /** 0 to 1. */
  share: number;
  state: 'running' | 'done' | 'stopped' | 'failed';
  /** Why it failed. */
  message?: string;
}

/** At most ten times a second. */
export const VIEW_CHANGED: NotificationName<ViewNews> = { method: 'prm/viewChanged' };

// ---- export ----

export const VIEW_FORMATS = ['jsonl', 'csv', 'parquet'] as const;
export type ViewFormat = (typeof VIEW_FORMATS)[number];

export interface ExportViewParams extends DatasetParams, WithProgress {
  /** The whole file where missing. */
  view?: string;
  format: ViewFormat;
  /** Absolute path of the file to write; replaced where it exists (the dialog has asked). */
  file: string;
}

export interface ExportedView {
  file: string;
  rows: number;
  bytes: number;
  /** What could not be kept, one sentence each. */
  notes: string[];
}

/** Writes the rows of a view as they are, in its order. */
export const EXPORT_VIEW: RequestName<ExportViewParams, ExportedView> = { method: 'prm/exportView' };
