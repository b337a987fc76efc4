// The stages of a run on one axis of optimiser steps: each has a method and a learning-rate schedule of its own.
import type { TrainingMethod } from '../models/backbones/method.ts';
import type { StageSettings } from './optionRules.ts';
import type { Schedule } from './schedule.ts';

export interface Stage {
  /** For people: its method, with a number where a method comes twice. */
  name: string;
  method: TrainingMethod;
  /** Optimiser steps of the stages before it. */
  firstStep: number;
  /** Passes over the data of the stages before it. */
  firstEpoch: number;
  /** Of the stage's own steps. */
  schedule: Schedule;
}

/** @param stepsPerEpoch optimiser steps; every epoch has as many */
export function planStages(
  settings: readonly StageSettings[],
  { stepsPerEpoch, ...shape }: { stepsPerEpoch: number } & Pick<Schedule, 'warmupRatio' | 'shape'>,
): Stage[] {
  let [firstStep, firstEpoch] = [0, 0];
  return settings.map(({ method, epochs, learningRate }, index) => {
    const same = settings.filter((other) => other.method.kind === method.kind).length;
    const nth = settings.slice(0, index + 1).filter((other) => other.method.kind === method.kind).length;
    const totalSteps = epochs * stepsPerEpoch;
    const stage: Stage = {
      name: same === 1 ? method.kind : `${method.kind} ${nth}`,
      method,
      firstStep,
      firstEpoch,
      schedule: { peak: learningRate, totalSteps, ...shape },
    };
    firstStep += totalSteps;
    firstEpoch += epochs;
    return stage;
  });
}

/** Optimiser steps of the whole run. */
export function totalStepsOf(stages: readonly Stage[]): number {
  const last = stages.at(-1);
  return last === undefined ? 0 : last.firstStep + last.schedule.totalSteps;
}

/** Index of the stage that makes optimiser step `step`, counted from 1; the last one for steps beyond the end. */
export function stageAt(stages: readonly Stage[], step: number): number {
  return Math.max(
    0,
    stages.findLastIndex(({ firstStep }) => firstStep < step),
  );
}

/** Whether a stage ends with optimiser step `step`. */
export function endsStage(stages: readonly Stage[], step: number): boolean {
  return stages.some(({ firstStep, schedule }) => firstStep + schedule.totalSteps === step);
}
