// Stages on one axis of steps.
import { describe, expect, it } from 'vitest';
import { endsStage, planStages, stageAt, totalStepsOf } from '../../../server/src/training/stages.ts';

const settings = [
  { method: { kind: 'head' as const }, epochs: 1, learningRate: 1e-3 },
  { method: { kind: 'full' as const }, epochs: 2, learningRate: 1e-5 },
  { method: { kind: 'head' as const }, epochs: 1, learningRate: 1e-4 },
];
const stages = planStages(settings, { stepsPerEpoch: 10, warmupRatio: 0.1, shape: 'linear' });

describe('planStages', () => {
  it('lays stages one behind the other, each with its own schedule', () => {
    expect(stages.map(({ name, firstStep, firstEpoch }) => [name, firstStep, firstEpoch])).toEqual([
      ['head 1', 0, 0],
      ['full', 10, 1],
      ['head 2', 30, 3],
    ]);
    expect(stages[1]?.schedule).toEqual({ peak: 1e-5, totalSteps: 20, warmupRatio: 0.1, shape: 'linear' });
    expect(totalStepsOf(stages)).toBe(40);
  });

  it('knows the stage of every step, and where each ends', () => {
    expect([1, 10, 11, 30, 31, 40, 41].map((step) => stageAt(stages, step))).toEqual([0, 0, 1, 1, 2, 2, 2]);
    expect([0, 9, 10, 11, 30, 40].map((step) => endsStage(stages, step))).toEqual([
      false,
      false,
      true,
      false,
      true,
      true,
    ]);
  });
});
