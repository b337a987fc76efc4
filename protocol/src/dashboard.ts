// The training dashboard: what the server tells of runs, and what the page and the extension say to each other.
import type { RequestName } from './requests.ts';
import type { EvaluationMetrics } from './runs.ts';

/** `stalled`: the run's process is alive and has written nothing for a while, or is gone without an end event. */
export type RunState = 'running' | 'stalled' | 'stopped' | 'failed' | 'done';

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
  /** What the end event said. */
  message: string | null;
}

/** Lines over optimiser steps; all arrays of one group have the same length. */
export interface RunChart {
  train: { step: number[]; loss: number[]; accuracy: number[] };
  validation: {
    step: number[];
    loss: number[];
    accuracy: number[];
    balancedAccuracy: (number | null)[];
    majorityAccuracy: number[];
  };
}

export interface RunChartParams {
  folder: string;
  /** At most this many training points; longer runs are averaged in equal buckets. */
  points: number;
}

/** Every run of the workspace's folders, the newest first. Asked for while the page is visible. */
export const LIST_RUNS: RequestName<Record<string, never>, RunSummary[]> = { method: 'prm/listRuns' };

/** The lines of one of them; null where it is gone. */
export const RUN_CHART: RequestName<RunChartParams, RunChart | null> = { method: 'prm/runChart' };

/** Extension to page. */
export type ToDashboard =
  | { type: 'runs'; runs: RunSummary[] }
  | { type: 'chart'; folder: string; chart: RunChart }
  | { type: 'problem'; message: string };

/** Page to extension. */
export type FromDashboard =
  | { type: 'ready' }
  | { type: 'select'; folder: string }
  | { type: 'stop'; folder: string }
  | { type: 'use'; folder: string }
  | { type: 'reveal'; folder: string };
