// The run folder: what `events.jsonl` and the run's state hold. The dashboard and progress views read these.

/** Metrics over the labelled steps of one split. Rates are 0 to 1; null where a class is absent. */
export interface EvaluationMetrics {
  /** Labelled steps counted. */
  steps: number;
  /** Of them incorrect. */
  incorrect: number;
  /** Mean cross-entropy, nats. */
  loss: number;
  accuracy: number;
  balancedAccuracy: number | null;
  /** F1 of the incorrect class. */
  f1Incorrect: number | null;
  auroc: number | null;
  /** Accuracy of always answering the more frequent class. */
  majorityAccuracy: number;
}

interface EventBase {
  /** ISO 8601, UTC. */
  time: string;
}

export interface StartEvent extends EventBase {
  type: 'start';
  pid: number;
  /** Optimiser steps that the whole run will have. */
  totalSteps: number;
  /** Step that this start goes on from: 0, or the checkpoint's. */
  fromStep: number;
  /** Trained numbers. */
  parameters: number;
  device: string;
  /** Of a staged run: each stage with the optimiser steps that it has. */
  stages?: { name: string; steps: number }[];
}

export interface StepEvent extends EventBase {
  type: 'step';
  step: number;
  totalSteps: number;
  epoch: number;
  loss: number;
  accuracy: number;
  learningRate: number;
  gradientNorm: number;
  tokensPerSecond: number;
  stepsPerSecond: number;
  secondsLeft: number;
  /** Resident memory of the training process, bytes. */
  memoryBytes: number;
  /** Examples (paths) seen since the run's first step; runs of earlier versions do not say. */
  examples?: number;
  /** Of a staged run. */
  stage?: string;
}

export interface EvaluationEvent extends EventBase {
  type: 'evaluation';
  step: number;
  epoch: number;
  split: 'validation';
  metrics: EvaluationMetrics;
  best: boolean;
  /** File in the run folder that holds the `EvaluationReport`; runs of earlier versions have none. */
  report?: string;
}

/** What an evaluation found, beyond its metrics: one JSON file in the run folder, as the newest evaluations have it. */
export interface EvaluationReport {
  step: number;
  /** Ten equal bins of the score, 0 to 1: how many steps fell in, their mean score, and the share labelled correct. */
  calibration: { steps: number; meanScore: number | null; correctShare: number | null }[];
  /** Twenty equal bins of the score, 0 to 1: labelled steps in each, by label. */
  histogram: { correct: number[]; incorrect: number[] };
  /** By the place of the step in its path, from 1; the last entry also holds all later ones. */
  positions: { position: number; steps: number; incorrect: number; accuracy: number }[];
  /** The steps scored worst, the highest loss first. */
  worst: WorstStep[];
}

export interface WorstStep {
  problem: string;
  /** The path up to and including the step. */
  steps: string[];
  label: 'correct' | 'incorrect';
  /** Probability of correct, 0 to 1. */
  score: number;
  /** Nats. */
  loss: number;
}

export interface CheckpointEvent extends EventBase {
  type: 'checkpoint';
  step: number;
  /** Folder name inside the run folder. */
  folder: string;
}

export interface EndEvent extends EventBase {
  type: 'end';
  state: 'done' | 'stopped' | 'failed';
  step: number;
  message?: string;
}

/** One line of `events.jsonl`. */
export type RunEvent = StartEvent | StepEvent | EvaluationEvent | CheckpointEvent | EndEvent;
