// What a person reads about a run, word for word.
import { describe, expect, it } from 'vitest';
import type { EvaluationMetrics, StepEvent } from '../../../protocol/src/runs.ts';
import type { PathCounts } from '../../../server/src/training/data.ts';
import { RateMeter } from '../../../server/src/training/rateMeter.ts';
import type { TrainOutcome } from '../../../server/src/training/train.ts';
import {
  describeData,
  describeEvaluation,
  finalTable,
  SmoothedSteps,
} from '../../../server/src/training/trainText.ts';

const time = '2026-01-01T00:00:00.000Z';
const metrics: EvaluationMetrics = {
  steps: 1200,
  incorrect: 400,
  loss: 0.1234,
  accuracy: 0.951,
  balancedAccuracy: 0.94,
  f1Incorrect: 0.93,
  auroc: 0.9876,
  majorityAccuracy: 2 / 3,
};
const counts: PathCounts = {
  paths: 1643,
  tokens: 268_703,
  correct: 2516,
  incorrect: 2516,
  soft: 0,
  unlabelled: 2623,
  emptySteps: 0,
  cutPaths: 0,
  cutSteps: 0,
  droppedPaths: 0,
};
const outcome: TrainOutcome = {
  state: 'done',
  folder: '/run',
  step: 200,
  totalSteps: 200,
  train: counts,
  validation: counts,
  finalMetrics: { ...metrics, accuracy: 0.95 },
  best: { step: 160, metrics },
};

const step = (more: Partial<StepEvent>): StepEvent => ({
  type: 'step',
  time,
  step: 120,
  totalSteps: 900,
  epoch: 0,
  loss: 0.5,
  accuracy: 0.75,
  learningRate: 1e-4,
  gradientNorm: 1,
  tokensPerSecond: 3912.4,
  stepsPerSecond: 1.234,
  secondsLeft: 632,
  memoryBytes: 1e9,
  ...more,
});

describe('SmoothedSteps', () => {
  it('shows running means, rates and the time left', () => {
    const steps = new SmoothedSteps();
    expect(steps.describe(step({}))).toBe(
      'epoch 1  step 120/900  loss 0.500  accuracy 75.0 %  1.23 steps/s  3,912 tokens/s  11 min left',
    );
    expect(steps.describe(step({ step: 121, loss: 1.5, accuracy: 0.25, secondsLeft: 59 }))).toBe(
      'epoch 1  step 121/900  loss 0.600  accuracy 70.0 %  1.23 steps/s  3,912 tokens/s  59 s left',
    );
    expect(steps.describe(step({ secondsLeft: 7500, stepsPerSecond: 12.6 }))).toContain(
      '13 steps/s  3,912 tokens/s  2 h 05 min left',
    );
  });
});

describe('finalTable', () => {
  it('puts the models beside the majority class', () => {
    expect(finalTable(outcome)).toBe(
      [
        '1,200 validation steps   best_model (step 160)   final_model (step 200)   always "correct"',
        'loss                                    0.1234                   0.1234',
        'accuracy                                95.1 %                   95.0 %             66.7 %',
        'balanced accuracy                       94.0 %                   94.0 %             50.0 %',
        'F1 of incorrect steps                   93.0 %                   93.0 %              0.0 %',
        'AUROC                                   0.9876                   0.9876             0.5000',
        '',
      ].join('\n'),
    );
  });

  it('has one column where the last step was the best, and n/a where a rate is undefined', () => {
    const oneClass = { ...metrics, incorrect: 0, balancedAccuracy: null, f1Incorrect: null, auroc: null };
    const table = finalTable({ ...outcome, best: { step: 200, metrics: oneClass }, finalMetrics: oneClass });
    expect(table).not.toContain('final_model');
    expect(table).toMatch(/balanced accuracy +n\/a +n\/a\n/);
    expect(table).toMatch(/AUROC +n\/a +n\/a\n/);
  });

  it('gives the other baseline where most steps are incorrect', () => {
    const mostly = { ...metrics, incorrect: 900, majorityAccuracy: 0.75 };
    const table = finalTable({ ...outcome, best: { step: 200, metrics: mostly } });
    expect(table).toContain('always "incorrect"');
    // All 900 found among 1200 named: precision 0.75, recall 1.
    expect(table).toMatch(/F1 of incorrect steps .* 85\.7 %\n/);
  });

  it('says so where nothing was evaluated', () => {
    expect(finalTable({ ...outcome, best: undefined, finalMetrics: undefined })).toBe(
      'Nothing was evaluated: there is no validation data.\n',
    );
  });
});

describe('single lines', () => {
  it('describe data and evaluations', () => {
    expect(describeData('training', counts)).toBe(
      'training: 1,643 paths, 268,703 tokens, 2,516 correct and 2,516 incorrect steps (2,623 more without a label)',
    );
    expect(
      describeEvaluation({
        type: 'evaluation',
        time,
        step: 40,
        epoch: 0,
        split: 'validation',
        metrics,
        best: true,
      }),
    ).toBe('step 40: validation loss 0.123, accuracy 95.1 % (majority 66.7 %), balanced 94.0 %, best so far');
  });
});

describe('RateMeter', () => {
  it('measures the newest steps and counts evaluations to come', () => {
    const meter = new RateMeter();
    meter.stepped(60_000, 1); // Building the graphs; soon forgotten.
    for (let count = 0; count < 20; count++) meter.stepped(500, 1000);
    meter.evaluated(4000);
    expect(meter.rates(10, 2)).toEqual({ tokensPerSecond: 2000, stepsPerSecond: 2, secondsLeft: 5 + 8 });
  });
});
