// The training dashboard: what the server tells of runs, and what the page and the extension say to each other.
import type { RequestName } from './requests.ts';
import type { EvaluationMetrics, EvaluationReport } from './runs.ts';

/**
 * `stalled`: the run's process is alive and has written nothing for minutes. `failed` also where the process is gone
 * without an end event (killed, out of memory, machine switched off); the message then says what to do.
 */
export type RunState = 'running' | 'stalled' | 'stopped' | 'failed' | 'done';

/** A hyper-parameter's value, as `config.json` holds it; lists are joined by commas. */
export type SettingValue = string | number | boolean | null;

export interface RunCheckpoint {
  /** Folder name inside the run folder. */
  name: string;
  step: number;
  /** Whether it holds the weights of the best evaluation. */
  best: boolean;
}

/** One run folder at a glance. */
export interface RunSummary {
  /** Absolute path of the run folder; identifies the run. */
  folder: string;
  /** Folder name, for people. */
  name: string;
  state: RunState;
  step: number;
  totalSteps: number;
  epoch: number;
  device: string;
  /** Of the newest step; null before the first. */
  loss: number | null;
  accuracy: number | null;
  stepsPerSecond: number | null;
  tokensPerSecond: number | null;
  secondsLeft: number | null;
  /** Newest evaluation, and the one with the highest validation accuracy. */
  newest: EvaluationMetrics | null;
  best: EvaluationMetrics | null;
  bestStep: number | null;
  /** Step of the newest evaluation. */
  newestStep?: number | null;
  /** What the end event said, or what to do where a run ended without one. */
  message: string | null;
  /** Resident memory at the newest step, bytes. */
  memoryBytes: number | null;
  /** Trained numbers; null before the start. */
  parameters: number | null;
  /** Stage of the newest step, of a staged run. */
  stage: string | null;
  /** ISO 8601: the first start, and the newest event. */
  startedAt: string | null;
  updatedAt: string | null;
  /** From `config.json`, in the order of `prm train --help`. */
  settings: Record<string, SettingValue>;
  /** Those that are still there, ascending. */
  checkpoints: RunCheckpoint[];
  /** Which models the folder holds. */
  models: ('best_model' | 'final_model')[];
  /** Events that were read: where it is as before, so are the run's lines. */
  events?: number;
  /** Lines that were no event, passed over: cut short by a kill, or written by another version. */
  unreadableLines?: number;
  /** Share of the events that was read so far, 0 to 1, while a long run is read for the first time. */
  reading?: number;
}

/** Figures that a training step has. */
export const TRAIN_SERIES = [
  'loss',
  'accuracy',
  'learningRate',
  'gradientNorm',
  'tokensPerSecond',
  'memoryBytes',
] as const;
/** Figures that an evaluation has. */
export const VALIDATION_SERIES = [
  'loss',
  'accuracy',
  'balancedAccuracy',
  'f1Incorrect',
  'auroc',
  'majorityAccuracy',
] as const;
export type TrainSeries = (typeof TRAIN_SERIES)[number];
export type ValidationSeries = (typeof VALIDATION_SERIES)[number];

/** Points of a run against its x axes; all arrays of one group have the same length. Gaps are null. */
interface Axes {
  step: number[];
  /** Paths seen; null in runs of earlier versions. */
  examples: (number | null)[];
  /** Seconds of training, pauses between stop and resume not counted. */
  seconds: number[];
}

/** A part of a staged run, which trains by a method of its own. */
export interface ChartStage {
  name: string;
  /** Its first optimiser step. */
  from: number;
}

/** Lines of one run, reduced to at most as many points as were asked for: each stands for an equal range of steps. */
export interface RunChart {
  train: Axes & {
    /** Mean of the range, and its extremes, so that a spike is not lost. */
    values: Record<TrainSeries, { mean: (number | null)[]; min: (number | null)[]; max: (number | null)[] }>;
  };
  validation: Axes & { values: Record<ValidationSeries, (number | null)[]> };
  /** Training steps that the range holds before it was reduced. */
  steps: number;
  /** Of a staged run: those it has come to, whatever the range. */
  stages?: ChartStage[];
}

export interface RunChartParams {
  folder: string;
  /** At most this many points of training, and as many of validation. */
  points: number;
  /** Only optimiser steps in this range, both included; left out: all. */
  range?: { from: number; to: number };
}

export interface ListRunsParams {
  /** Run folders that lie elsewhere, absolute; those that are none are passed over. */
  elsewhere?: string[];
}

/** Every run in the workspace's `.prm/runs`, and those elsewhere, the newest first. Asked for while the page is visible. */
export const LIST_RUNS: RequestName<ListRunsParams, RunSummary[]> = { method: 'prm/listRuns' };

/** The lines of one of them; null where it is gone. */
export const RUN_CHART: RequestName<RunChartParams, RunChart | null> = { method: 'prm/runChart' };

/** The newest evaluation's report, or that of a step; null where there is none. */
export const RUN_REPORT: RequestName<{ folder: string; step?: number }, EvaluationReport | null> = {
  method: 'prm/runReport',
};

/** Extension to page. */
export type ToDashboard =
  | { type: 'runs'; runs: RunSummary[] }
  /** Answer to `watch`; sent again whenever the run has changed. */
  | { type: 'chart'; folder: string; chart: RunChart }
  | { type: 'report'; folder: string; report: EvaluationReport | null }
  | { type: 'problem'; message: string };

/** Page to extension. */
export type FromDashboard =
  | { type: 'ready' }
  /** The runs whose charts the page shows, all in this range of steps; the first one's report too. */
  | { type: 'watch'; folders: string[]; points: number; range?: { from: number; to: number } }
  | { type: 'stop' | 'resume' | 'reveal' | 'evaluate'; folder: string }
  /** Makes a model of the run the one that scores. */
  | { type: 'use'; folder: string; model: string }
  /** Text for the clipboard; a file that a dialog asks a name for. */
  | { type: 'copy'; text: string }
  | { type: 'save'; name: string; mediaType: 'text/csv' | 'image/png'; base64: string };
