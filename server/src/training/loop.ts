// The training loop: optimiser steps, evaluations and checkpoints, from any step on, until the end or a stop.
import type { EvaluationMetrics, RunEvent, StepEvent } from '../../../protocol/src/runs.ts';
import { CancelledError } from '../support/errors.ts';
import { planBatches, planEpoch, tokenBatch, type Bucket, type PlannedBatch } from './batches.ts';
import { pruneCheckpoints, writeCheckpoint, type BestEvaluation, type TrainerState } from './checkpoints.ts';
import type { TrainingPath } from './data.ts';
import { evaluatePaths, scoredSteps } from './evaluate.ts';
import { RateMeter } from './rateMeter.ts';
import { learningRateAt } from './schedule.ts';
import type { TrainingEngine } from './trainingEngine.ts';

/** Gradients are clipped to this global norm. */
const MAX_GRADIENT_NORM = 1;

export interface LoopSettings {
  seed: number;
  totalSteps: number;
  stepsPerEpoch: number;
  learningRate: number;
  warmupRatio: number;
  weightDecay: number;
  evalSteps: number;
  saveSteps: number;
  saveTotalLimit: number;
}

export interface LoopInput {
  settings: LoopSettings;
  engine: TrainingEngine;
  train: readonly TrainingPath[];
  /** Empty: nothing is evaluated. */
  validation: readonly TrainingPath[];
  buckets: readonly Bucket[];
  runFolder: string;
  /** Where to go on; a new run has step 0. */
  state: TrainerState;
  signal: AbortSignal | undefined;
  emit: (event: RunEvent) => Promise<void>;
  /** Called at each evaluation that is better than all before it, before a checkpoint says so. */
  saveBest: (best: BestEvaluation) => Promise<void>;
}

export interface LoopOutcome {
  state: TrainerState;
  /** Whether a stop was asked for before the last step's work was done. A checkpoint of this step is there. */
  stopped: boolean;
  /** Of the newest evaluation made here. */
  metrics: EvaluationMetrics | undefined;
}

/** Optimiser steps of one epoch; the same for every epoch. */
export function stepsPerEpoch(lengths: readonly number[], buckets: readonly Bucket[]): number {
  const order = lengths.map((_, path) => path);
  return planBatches(order, lengths, buckets).length;
}

/** Trains until the last step or the signal. What happens depends on the state and the settings alone. */
export async function runLoop(input: LoopInput): Promise<LoopOutcome> {
  const { settings, engine, validation, signal } = input;
  const lengths = input.train.map((path) => path.ids.length);
  const validationPlan = planBatches(
    validation.map((_, path) => path),
    validation.map((path) => path.ids.length),
    input.buckets,
  );
  const meter = new RateMeter();
  const state = { ...input.state };
  let epochPlan: { epoch: number; batches: PlannedBatch[] } = { epoch: -1, batches: [] };
  let metrics: EvaluationMetrics | undefined;
  let savedStep = input.state.step > 0 ? input.state.step : undefined;

  const save = async (): Promise<void> => {
    if (savedStep === state.step) return;
    const optimizer = engine.optimizerState();
    const folder = await writeCheckpoint(input.runFolder, {
      state,
      parameters: engine.parameters,
      optimizer,
    });
    savedStep = state.step;
    await input.emit({ type: 'checkpoint', time: now(), step: state.step, folder });
    await pruneCheckpoints(input.runFolder, { keep: settings.saveTotalLimit, bestStep: state.best?.step });
  };

  const evaluate = async (): Promise<void> => {
    const started = performance.now();
    metrics = await evaluatePaths(engine, validation, validationPlan, signal);
    state.evaluated_step = state.step;
    meter.evaluated(performance.now() - started);
    if (metrics === undefined) return;
    const best = isBetter(metrics, state.best?.metrics);
    if (best) {
      state.best = { step: state.step, metrics };
      await input.saveBest(state.best);
    }
    await input.emit({
      type: 'evaluation',
      time: now(),
      step: state.step,
      epoch: epochOf(state.step, settings),
      split: 'validation',
      metrics,
      best,
    });
  };

  for (;;) {
    if (
      validation.length > 0 &&
      state.evaluated_step !== state.step &&
      isDue(state.step, settings, settings.evalSteps)
    ) {
      try {
        await evaluate();
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error;
        // Without its evaluation this step is not done: the resumed run makes it first.
        savedStep = undefined;
        await save();
        return { state, stopped: true, metrics };
      }
      savedStep = undefined;
    }
    if (isDue(state.step, settings, settings.saveSteps)) await save();
    if (state.step === settings.totalSteps) return { state, stopped: false, metrics };
    // A session's run blocks the thread: let timers and signals have their turn.
    await new Promise(setImmediate);
    if (signal?.aborted) {
      await save();
      return { state, stopped: true, metrics };
    }

    if (epochPlan.epoch !== state.epoch) {
      const { epoch } = state;
      epochPlan = { epoch, batches: planEpoch(lengths, input.buckets, { seed: settings.seed, epoch }) };
    }
    const planned = epochPlan.batches[state.batch_in_epoch];
    if (planned === undefined)
      throw new RangeError(`Epoch ${state.epoch} has no batch ${state.batch_in_epoch}.`);
    await input.emit(await trainOnce(planned, input, state, meter));
  }
}

/** One optimiser step; moves the state on. */
async function trainOnce(
  planned: PlannedBatch,
  { settings, engine, train }: LoopInput,
  state: TrainerState,
  meter: RateMeter,
): Promise<StepEvent> {
  const started = performance.now();
  const learningRate = learningRateAt(
    { peak: settings.learningRate, totalSteps: settings.totalSteps, warmupRatio: settings.warmupRatio },
    state.step + 1,
  );
  const batch = tokenBatch(planned, train);
  const { loss, logits, gradientNorm } = await engine.trainStep(batch, {
    learningRate,
    weightDecay: settings.weightDecay,
    maxGradientNorm: MAX_GRADIENT_NORM,
  });
  const scored = scoredSteps(batch, logits);
  const right = scored.filter((step) => step.logOdds >= 0 === step.correct).length;
  const { epoch } = state;
  state.step++;
  state.epoch = Math.floor(state.step / settings.stepsPerEpoch);
  state.batch_in_epoch = state.step % settings.stepsPerEpoch;

  const tokens = planned.members.reduce((sum, member) => sum + (train[member]?.ids.length ?? 0), 0);
  meter.stepped(performance.now() - started, tokens);
  return {
    type: 'step',
    time: now(),
    step: state.step,
    totalSteps: settings.totalSteps,
    epoch,
    loss,
    accuracy: right / scored.length,
    learningRate,
    gradientNorm,
    ...meter.rates(settings.totalSteps - state.step, evaluationsLeft(state.step, settings)),
    memoryBytes: process.memoryUsage.rss(),
  };
}

/** Higher accuracy wins; at the same accuracy, lower loss. */
function isBetter(metrics: EvaluationMetrics, best: EvaluationMetrics | undefined): boolean {
  if (best === undefined) return true;
  if (metrics.accuracy !== best.accuracy) return metrics.accuracy > best.accuracy;
  return metrics.loss < best.loss;
}

/** Every `interval` steps, and at the last one. */
function isDue(step: number, { totalSteps }: LoopSettings, interval: number): boolean {
  return step > 0 && (step % interval === 0 || step === totalSteps);
}

function evaluationsLeft(step: number, { totalSteps, evalSteps }: LoopSettings): number {
  return Math.ceil(totalSteps / evalSteps) - Math.floor(step / evalSteps);
}

/** The epoch that a step belongs to, from 0. */
function epochOf(step: number, settings: LoopSettings): number {
  return Math.floor((step - 1) / settings.stepsPerEpoch);
}

function now(): string {
  return new Date().toISOString();
}
