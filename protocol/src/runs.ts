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
  parameters: number;
  device: string;
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
}

export interface EvaluationEvent extends EventBase {
  type: 'evaluation';
  step: number;
  epoch: number;
  split: 'validation';
  metrics: EvaluationMetrics;
  best: boolean;
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
