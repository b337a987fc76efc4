// The words for a training run's progress and end.
import { describe, expect, it } from 'vitest';
import { describeEnd, describeProgress, duration } from '../../../client/src/runText.ts';
import type { RunSummary } from '../../../protocol/src/dashboard.ts';
import type { RunNews } from '../../../protocol/src/requests.ts';

const metrics = {
  steps: 200,
  incorrect: 100,
  loss: 0.2,
  accuracy: 0.914,
  balancedAccuracy: 0.9,
  f1Incorrect: 0.9,
  auroc: 0.95,
  majorityAccuracy: 0.5,
};

const run: RunSummary = {
  folder: '/w/.prm/runs/mini-1',
  name: 'mini-1',
  state: 'running',
  step: 120,
  totalSteps: 900,
  epoch: 1,
  device: 'cpu',
  loss: 0.2134,
  accuracy: 0.9,
  stepsPerSecond: 3.14,
  tokensPerSecond: 4000,
  secondsLeft: 250,
  newest: metrics,
  best: metrics,
  bestStep: 100,
  message: null,
  memoryBytes: 1e9,
  parameters: 7e6,
  stage: null,
  startedAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:01:00.000Z',
  settings: {},
  checkpoints: [],
  models: [],
};

const news = (changes: Partial<RunSummary>, modelFolder: string | null = null): RunNews => ({
  run: { ...run, ...changes },
  ended: true,
  modelFolder,
  logFile: null,
});

describe('the progress line', () => {
  it('says step, loss, accuracy, rate and time left', () => {
    expect(describeProgress(run)).toBe(
      'step 120 of 900, loss 0.213, accuracy 90.0 %, 3.1 steps/s, 4 min left',
    );
  });

  it('says that a run is starting before its first step', () => {
    expect(describeProgress({ ...run, loss: null, totalSteps: 0 })).toBe('starting');
  });

  it('says that a run has been silent', () => {
    expect(describeProgress({ ...run, state: 'stalled' })).toContain('no news for a while');
  });
});

describe('the message at the end', () => {
  it('names the best accuracy of a run that is done', () => {
    expect(describeEnd(news({ state: 'done' }))).toEqual({
      text: 'Training run mini-1 is done. Best validation accuracy 91.4 %.',
      failed: false,
    });
  });

  it('gives the reason of a failure', () => {
    expect(describeEnd(news({ state: 'failed', message: 'The disk is full.' }))).toEqual({
      text: 'Training run mini-1 failed at step 120: The disk is full.',
      failed: true,
    });
  });

  it('names the best accuracy of a run that failed and left a model', () => {
    const { text } = describeEnd(news({ state: 'failed', message: 'It was killed.' }, '/w/best_model'));
    expect(text).toBe(
      'Training run mini-1 failed at step 120: It was killed. Best validation accuracy 91.4 %.',
    );
  });
});

describe('a duration', () => {
  it.each([
    [0.4, '0 s'],
    [59, '59 s'],
    [61, '1 min'],
    [3_600, '1 h 0 min'],
    [5_400, '1 h 30 min'],
  ])('%d seconds', (seconds, words) => {
    expect(duration(seconds)).toBe(words);
  });
});
