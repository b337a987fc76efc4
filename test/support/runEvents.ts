// Events of a run, for tests of what reads them. The run has ten steps, one a second, unless a test says otherwise.
import type {
  CheckpointEvent,
  EndEvent,
  EvaluationEvent,
  EvaluationMetrics,
  RunEvent,
  StartEvent,
  StepEvent,
} from '../../protocol/src/runs.ts';

const EPOCH = Date.parse('2026-01-01T00:00:00Z');

/** The time so many seconds after the run began. */
export function at(second: number): string {
  return new Date(EPOCH + second * 1000).toISOString();
}

export function start(second: number, fromStep = 0): StartEvent {
  return {
    type: 'start',
    time: at(second),
    pid: 1,
    totalSteps: 10,
    fromStep,
    parameters: 7,
    device: 'cpu',
  };
}

/** Made in the second of its number, unless `more` says otherwise. */
export function step(number: number, more: Partial<StepEvent> = {}): StepEvent {
  return {
    type: 'step',
    time: at(number),
    step: number,
    totalSteps: 10,
    epoch: 1,
    loss: 1,
    accuracy: 0.5,
    learningRate: 0.001,
    gradientNorm: 1,
    tokensPerSecond: 1000,
    stepsPerSecond: 1,
    secondsLeft: 5,
    memoryBytes: 1,
    ...more,
  };
}

const METRICS: EvaluationMetrics = {
  steps: 4,
  incorrect: 2,
  loss: 0.5,
  accuracy: 0.75,
  balancedAccuracy: 0.75,
  f1Incorrect: 0.6,
  auroc: 0.9,
  majorityAccuracy: 0.5,
};

export function evaluation(
  number: number,
  accuracy: number,
  best = false,
  more: Partial<EvaluationEvent> = {},
): EvaluationEvent {
  return {
    type: 'evaluation',
    time: at(number),
    step: number,
    epoch: 1,
    split: 'validation',
    metrics: { ...METRICS, accuracy },
    best,
    ...more,
  };
}

export function checkpoint(number: number): CheckpointEvent {
  return { type: 'checkpoint', time: at(number), step: number, folder: `checkpoint-${number}` };
}

export function end(state: EndEvent['state'], number: number, message?: string): EndEvent {
  return {
    type: 'end',
    time: at(number),
    state,
    step: number,
    ...(message === undefined ? {} : { message }),
  };
}

/** As a run writes them. */
export function eventLines(...events: RunEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}
