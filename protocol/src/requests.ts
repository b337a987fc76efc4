// What the extension and the language server say to each other beside standard LSP: each request and
// notification is declared once, here, with its types.
import type { LayoutName } from './datasets.ts';
import type { Aggregate, Device } from './engine.ts';
import type { RunSummary } from './dashboard.ts';
import type { EvaluationMetrics, EvaluationReport } from './runs.ts';

/** A request's name together with the types of what goes in and comes out (`types` never exists at run time). */
export interface RequestName<Params, Result> {
  readonly method: string;
  readonly types?: (params: Params) => Result;
}

export interface NotificationName<Params> {
  readonly method: string;
  readonly types?: (params: Params) => void;
}

/** 0-based, in UTF-16 units, as in LSP. */
interface TextPosition {
  line: number;
  character: number;
}

export interface TextRange {
  start: TextPosition;
  end: TextPosition;
}

/** What a button under an error message may do; the extension knows how. */
export type RemedyAction =
  'selectModel' | 'showOutput' | 'restartServer' | 'manageTrust' | 'overwrite' | 'setKey' | 'goOn';

/** Data of every error that the server answers with: `PrmError`'s parts, and the remedies that are one click away. */
export interface Failure {
  what: string;
  where?: string;
  remedy?: string;
  actions: RemedyAction[];
}

/** Work that reports LSP work-done progress under a token that the client chose. */
export interface WithProgress {
  workDoneToken?: string | number;
}

/** Given to the server at its start. */
export interface InitializationOptions {
  /** Whether the user trusts the workspace: if not, nothing is executed, formatted or loaded as a model. */
  trusted: boolean;
}

// ---- scoring ----

export interface ScoreTextParams extends WithProgress {
  uri: string;
  /** What to score; the whole document where it is missing. */
  range?: TextRange;
}

export interface ScoredStep {
  /** 1-based. */
  number: number;
  text: string;
  range: TextRange;
  /** Probability, 0 to 1, that the step is correct. */
  score: number;
  /** `incorrect` where the score is below the threshold. */
  label: 'correct' | 'incorrect';
}

export interface ScoreReport {
  uri: string;
  /** The problem's text; empty where the text names none. */
  problem: string;
  steps: ScoredStep[];
  /** Number (1-based) of the first step below the threshold; null where there is none. */
  firstDoubtful: number | null;
  threshold: number;
  aggregate: Aggregate;
  /** The steps' scores as one, by `aggregate`. */
  aggregateScore: number;
  /** Name of the model for people. */
  model: string;
  /** Absolute path of its folder. */
  modelFolder: string;
  /** The device that it ran on, never `auto`. */
  device: Exclude<Device, 'auto'>;
  /** Time of the forward pass. */
  milliseconds: number;
}

export const SCORE_TEXT: RequestName<ScoreTextParams, ScoreReport> = { method: 'prm/scoreText' };

export interface ClearScoresParams {
  /** The document; all documents where it is missing. */
  uri?: string;
}

export interface ClearScoresResult {
  /** Scored texts that were forgotten. */
  cleared: number;
}

export const CLEAR_SCORES: RequestName<ClearScoresParams, ClearScoresResult> = { method: 'prm/clearScores' };

// ---- datasets ----

export const COMPLETION_READINGS = ['auto', 'steps', 'attempts'] as const;
type CompletionReading = (typeof COMPLETION_READINGS)[number];

/** As `prm format`'s options; paths are absolute, or relative to the first workspace folder. */
export interface FormatDatasetParams extends WithProgress {
  /** A .parquet, .jsonl or .json file, or the id of a Hub dataset. */
  dataset: string;
  outputDir: string;
  /** Source rows to read at most; all where missing. */
  maxExamples?: number;
  /** Equal numbers of correct and incorrect examples; true where missing. */
  balance?: boolean;
  /** Share of problems for validation, 0 to 1 (not 1); 0.1 where missing. */
  valRatio?: number;
  /** 42 where missing. */
  seed?: number;
  completions?: CompletionReading;
  /** Recognised from the data where missing. */
  layout?: LayoutName;
  /** Steps without text: kept where missing. */
  emptySteps?: 'keep' | 'drop';
  /** What a neutral rating counts as; neutral (no example) where missing. */
  neutral?: 'neutral' | 'correct' | 'incorrect';
  /** Steps behind the first incorrect one; as the dataset has them where missing. */
  afterError?: 'as-given' | 'unlabelled' | 'incorrect';
  /** Other rated completions at a step, and branches; true where missing. */
  alternatives?: boolean;
  /** PRM800K's quality-control and screening rows; true where missing. */
  qualityControl?: boolean;
  /** Replace an output folder that an earlier run made. */
  overwrite?: boolean;
}

export interface FormatDatasetResult {
  /** Absolute. */
  outputDir: string;
  rows: number;
  problems: number;
  /** Examples written, and their division. */
  examples: number;
  train: number;
  validation: number;
  correct: number;
  incorrect: number;
  skippedRows: number;
  seconds: number;
  /** The statistics as `prm format` prints them, plain text. */
  statistics: string;
}

export const FORMAT_DATASET: RequestName<FormatDatasetParams, FormatDatasetResult> = {
  method: 'prm/formatDataset',
};

// ---- training ----

export const TRAINING_METHODS = ['lora', 'head', 'full'] as const;
export type TrainingMethodName = (typeof TRAINING_METHODS)[number];

/** As `prm train`'s options. One of `data` and `dataset` is needed. */
export interface StartRunParams {
  /** Folder that `prm format` wrote. */
  data?: string;
  /** Dataset that is formatted first, into the run folder's `data`. */
  dataset?: string;
  /** The run folder; its name is the run's name. */
  outputDir: string;
  /** `mini`, the folder of a language model, or its id on the Hub; `mini` where missing. */
  modelName?: string;
  /** All weights for `mini` where missing, LoRA for a language model. */
  method?: TrainingMethodName;
  /** Methods one after the other in one run; instead of `method`. */
  stages?: TrainingMethodName[];
  /** A run folder, or a model folder of one, whose weights this run begins with. */
  initFrom?: string;
  loraRank?: number;
  /** Memory to plan for, such as `6GB`. */
  maxMemory?: string;
  epochs?: number;
  maxExamples?: number;
  batchSize?: number;
  learningRate?: number;
  seed?: number;
  device?: Device;
  /** Go on from the newest checkpoint in `outputDir`. */
  resume?: boolean;
  /** Replace an earlier run in `outputDir`. */
  overwrite?: boolean;
}

/** As `prm evaluate`'s options; paths are absolute, or relative to the first workspace folder. */
export interface EvaluateModelParams extends WithProgress {
  /** A trained model, or the run folder that holds it. */
  model: string;
  /** Folder that `prm format` wrote; where neither is given, the validation data that the run was evaluated on. */
  data?: string;
  /** A dataset file, or the id of a Hub dataset. */
  dataset?: string;
  /** Rows of the dataset to read. */
  maxExamples?: number;
  /** The setting's where missing. */
  device?: Device;
}

export interface EvaluatedModel {
  /** Name of the model for people, and its folder. */
  model: string;
  modelFolder: string;
  /** The file or dataset that it was measured on. */
  data: string;
  threshold: number;
  /** Solutions that were scored. */
  traces: number;
  metrics: EvaluationMetrics;
  /** ProcessBench's task: F1 of finding the first error, 0 to 1; null where no first error is known. */
  firstErrorF1: number | null;
  report: EvaluationReport;
  milliseconds: number;
}

/** Runs `prm evaluate` as a process of its own. */
export const EVALUATE_MODEL: RequestName<EvaluateModelParams, EvaluatedModel> = {
  method: 'prm/evaluateModel',
};

/** What became of trying a device. */
export interface DeviceTrial {
  device: Exclude<Device, 'auto'>;
  works: boolean;
  /** What the device is called, where the system says so. */
  adapter?: string;
  /** 10⁹ floating-point operations a second, of a product of two matrices; where it works. */
  gigaflops?: number;
  /** Why it does not work. */
  reason?: string;
}

export interface DeviceList {
  devices: DeviceTrial[];
  /** What `auto` takes, and why no other. */
  auto: { device: Exclude<Device, 'auto'>; notes: string[] };
}

/** Runs `prm devices` as a process of its own: some seconds. */
export const LIST_DEVICES: RequestName<WithProgress, DeviceList> = { method: 'prm/listDevices' };

export interface StartedRun {
  /** The run folder, absolute. */
  folder: string;
  /** What the process prints, absolute; beside the run folder. */
  logFile: string;
  pid: number;
}

/** Starts a run as a process of its own, which survives the server. Answers when it runs, not when it ends. */
export const START_RUN: RequestName<StartRunParams, StartedRun> = { method: 'prm/startRun' };

export interface RunFolderParams {
  folder: string;
}

/** Asks a run to stop after its next step, with a checkpoint (SIGINT; on Windows it ends at once, without one). */
export const STOP_RUN: RequestName<RunFolderParams, null> = { method: 'prm/stopRun' };

/** Asks a server that was started anew for news of a run that the editor still shows, its end included. */
export const FOLLOW_RUN: RequestName<RunFolderParams, null> = { method: 'prm/followRun' };

/** News of a run that the server follows: started here, or found alive in a workspace's `.prm/runs`. */
export interface RunNews {
  run: RunSummary;
  /** The run wrote its last event, or its process is gone. Sent once, and nothing after it. */
  ended: boolean;
  /** Absolute path of the best model that it left, or the final one; null before the end, and where it left none. */
  modelFolder: string | null;
  /** Absolute path of what its process printed; null where nobody keeps it. */
  logFile: string | null;
}

export const RUN_CHANGED: NotificationName<RunNews> = { method: 'prm/runChanged' };

// ---- models ----

export interface ModelCandidate {
  /** Absolute path of the model folder. */
  folder: string;
  /** Run and folder, for people: `gsm8k-mini / best_model`. */
  label: string;
  /** Where it lies, relative to its workspace folder where it is inside one. */
  detail: string;
  /** Last change, milliseconds since 1970. */
  modified: number;
  /** Whether the setting names it. */
  selected: boolean;
}

/** Model folders of the workspace's runs, the newest first, and the one that the setting names. */
export const LIST_MODELS: RequestName<Record<string, never>, ModelCandidate[]> = { method: 'prm/listModels' };

/** `idle`: a model is selected, and is loaded at the first scoring. */
type ModelState = 'untrusted' | 'none' | 'idle' | 'loading' | 'ready' | 'failed';

export interface ModelStatus {
  state: ModelState;
  /** Name of the model for people, where one is selected. */
  model?: string;
  modelFolder?: string;
  /** The device that was taken. */
  device?: Exclude<Device, 'auto'>;
  /** Why other devices were not taken, one sentence each. */
  deviceNotes?: string[];
  /** What failed, for `failed`. */
  message?: string;
}

export const MODEL_STATUS: NotificationName<ModelStatus> = { method: 'prm/modelStatus' };

// ---- trust ----

/** The user has come to trust the workspace. */
export const TRUST_GRANTED: NotificationName<Record<string, never>> = { method: 'prm/trustGranted' };
