// A run's state and lines, read off its events.
import { describe, expect, it } from 'vitest';
import type { EvaluationMetrics, RunEvent } from '../../../protocol/src/runs.ts';
import { chartOfRun, summariseRun } from '../../../server/src/training/runSummary.ts';

const EPOCH = Date.parse('2026-01-01T00:00:00Z');
const at = (second: number) => new Date(EPOCH + second * 1000).toISOString();

const start = (second: number, fromStep = 0): RunEvent => ({
  type: 'start',
  time: at(second),
  pid: 1,
  totalSteps: 10,
  fromStep,
  parameters: 7,
  device: 'cpu',
});

const step = (number: number, loss = 1): RunEvent => ({
  type: 'step',
  time: at(number),
  step: number,
  totalSteps: 10,
  epoch: 1,
  loss,
  accuracy: 0.5,
  learningRate: 0.001,
  gradientNorm: 1,
  tokensPerSecond: 1000,
  stepsPerSecond: 2,
  secondsLeft: 5,
  memoryBytes: 1,
});

const evaluation = (number: number, accuracy: number, best = false): RunEvent => ({
  type: 'evaluation',
  time: at(number),
  step: number,
  epoch: 1,
  split: 'validation',
  metrics: { ...METRICS, accuracy },
  best,
});

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

const end = (state: 'done' | 'stopped' | 'failed', number: number, message?: string): RunEvent => ({
  type: 'end',
  time: at(number),
  state,
  step: number,
  ...(message === undefined ? {} : { message }),
});

const alive = { now: EPOCH + 5000, alive: true };

describe('summariseRun', () => {
  it('shows a living run with its newest figures', () => {
    const run = summariseRun('/w/.prm/runs/a', [start(0), step(1), step(2, 0.25)], alive);
    expect(run).toMatchObject({
      name: 'a',
      state: 'running',
      step: 2,
      totalSteps: 10,
      loss: 0.25,
      best: null,
    });
  });

  it('keeps the evaluation that best_model holds, not the newest', () => {
    const events = [start(0), evaluation(1, 0.9, true), evaluation(2, 0.8)];
    const run = summariseRun('/r', events, alive);
    expect(run.best?.accuracy).toBe(0.9);
    expect(run.bestStep).toBe(1);
    expect(run.newest?.accuracy).toBe(0.8);
  });

  it('believes the end event, whatever the process does', () => {
    const run = summariseRun('/r', [start(0), step(3), end('failed', 3, 'The disk is full.')], alive);
    expect(run).toMatchObject({ state: 'failed', step: 3, message: 'The disk is full.' });
  });

  it('calls a run stalled that is gone without an end, or silent for minutes', () => {
    expect(summariseRun('/r', [start(0), step(1)], { ...alive, alive: false }).state).toBe('stalled');
    expect(summariseRun('/r', [start(0), step(1)], { now: EPOCH + 600_000, alive: true }).state).toBe(
      'stalled',
    );
  });

  it('shows a resumed run as running again', () => {
    const run = summariseRun('/r', [start(0), step(1), end('stopped', 1), start(3, 1)], alive);
    expect(run).toMatchObject({ state: 'running', message: null });
  });

  it('has words for a folder without events', () => {
    expect(summariseRun('/r', [], alive)).toMatchObject({ state: 'running', step: 0, device: 'not started' });
  });
});

describe('chartOfRun', () => {
  it('shows a step that was done again as the newest attempt had it', () => {
    const chart = chartOfRun([step(1, 4), step(2, 3), start(3, 1), step(2, 2)], 100);
    expect(chart.train).toEqual({ step: [1, 2], loss: [4, 2], accuracy: [0.5, 0.5] });
  });

  it('averages a long run into the asked number of points and keeps its last step', () => {
    const events = Array.from({ length: 1000 }, (_, index) => step(index + 1, index));
    const chart = chartOfRun(events, 10);
    expect(chart.train.step).toHaveLength(10);
    expect(chart.train.step.at(-1)).toBe(1000);
    expect(chart.train.loss[0]).toBeCloseTo(49.5);
  });

  it('gives validation lines of one length', () => {
    const { validation } = chartOfRun([evaluation(5, 0.8), evaluation(10, 0.9)], 10);
    expect(validation.accuracy).toEqual([0.8, 0.9]);
    expect(validation.majorityAccuracy).toEqual([0.5, 0.5]);
  });
});
