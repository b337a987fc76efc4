// The training loop: optimiser steps, evaluations and checkpoints, from any step on, until the end or a stop.
import type { EvaluationMetrics, RunEvent } from '../../../protocol/src/runs.ts';
import { planBatches, planEpoch, tokenBatch, type Bucket, type PlannedBatch } from './batches.ts';
import { pruneCheckpoints, writeCheckpoint, type Evaluated, type TrainerState } from './checkpoints.ts';
import type { TrainingPath } from './data.ts';
import { evaluatePaths, scoredSteps } from './evaluate.ts';
import { RateMeter } from './rateMeter.ts';
import { learningRateAt, type Schedule } from './schedule.ts';
import type { TrainingEngine } from './trainingEngine.ts';

/** Gradients are clipped to this global norm. */
const MAX_GRADIENT_NORM = 1;

export interface LoopSettings extends Schedule {
  seed: number;
  stepsPerEpoch: number;
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
  saveBest: (best: Evaluated) => Promise<void>;
}

export interface LoopOutcome {
  state: TrainerState;
  /** Whether a stop was asked for before the last step's work was done. A checkpoint of this step is there. */
  stopped: boolean;
}

/** Optimiser steps of one epoch; the same for every epoch. */
export function stepsPerEpoch(lengths: readonly number[], buckets: readonly Bucket[]): number {
  const order = lengths.map((_, path) => path);
  return planBatches(order, lengths, buckets).length;
}

/** Trains until the last step or the signal. What happens depends on the state and the settings alone. */
export function runLoop(input: LoopInput): Promise<LoopOutcome> {
  return new Loop(input).run();
}

class Loop {
  private readonly state: TrainerState;
  private readonly meter = new RateMeter();
  /** Tokens of each training path. */
  private readonly lengths: readonly number[];
  private readonly validationPlan: readonly PlannedBatch[];
  private epochPlan: { epoch: number; batches: readonly PlannedBatch[] } = { epoch: -1, batches: [] };
  /** Whether the newest checkpoint holds this very state. */
  private saved: boolean;

  constructor(private readonly input: LoopInput) {
    this.state = { ...input.state };
    this.saved = input.state.step > 0;
    this.lengths = input.train.map((path) => path.ids.length);
    this.validationPlan = planBatches(
      input.validation.map((_, path) => path),
      input.validation.map((path) => path.ids.length),
      input.buckets,
    );
  }

  /** The order within a step: update, evaluation, checkpoint. A checkpoint says which of them are done. */
  async run(): Promise<LoopOutcome> {
    const { state } = this;
    const { settings, signal } = this.input;
    for (;;) {
      if (this.evaluationIsDue() && !(await this.evaluate())) return this.stop();
      if (isDue(state.step, settings, settings.saveSteps)) await this.save();
      if (state.step === settings.totalSteps) return { state, stopped: false };
      // A session's run blocks the thread: let timers and signals have their turn.
      await new Promise(setImmediate);
      if (signal?.aborted) return this.stop();
      await this.update();
    }
  }

  private async stop(): Promise<LoopOutcome> {
    await this.save();
    return { state: this.state, stopped: true };
  }

  /** One optimiser step; moves the state on. */
  private async update(): Promise<void> {
    const { state, meter } = this;
    const { settings, engine, train } = this.input;
    const started = performance.now();
    const { epoch } = state;
    const planned = this.nextBatch();
    const batch = tokenBatch(planned, train);
    const learningRate = learningRateAt(settings, state.step + 1);
    const { loss, logits, gradientNorm } = await engine.trainStep(batch, {
      learningRate,
      weightDecay: settings.weightDecay,
      maxGradientNorm: MAX_GRADIENT_NORM,
    });
    const scored = scoredSteps(batch, logits);
    const right = scored.filter((step) => step.logOdds >= 0 === step.correct).length;
    state.step++;
    state.epoch = Math.floor(state.step / settings.stepsPerEpoch);
    state.batch_in_epoch = state.step % settings.stepsPerEpoch;
    this.saved = false;

    const tokens = planned.members.reduce((sum, member) => sum + (train[member]?.ids.length ?? 0), 0);
    meter.stepped(performance.now() - started, tokens);
    await this.input.emit({
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
    });
  }

  private nextBatch(): PlannedBatch {
    const { epoch, batch_in_epoch: position } = this.state;
    if (this.epochPlan.epoch !== epoch) {
      const { seed } = this.input.settings;
      this.epochPlan = { epoch, batches: planEpoch(this.lengths, this.input.buckets, { seed, epoch }) };
    }
    const planned = this.epochPlan.batches[position];
    if (planned === undefined) throw new RangeError(`Epoch ${epoch} has no batch ${position}.`);
    return planned;
  }

  private evaluationIsDue(): boolean {
    const { step, evaluated } = this.state;
    const { settings } = this.input;
    return (
      this.validationPlan.length > 0 && evaluated?.step !== step && isDue(step, settings, settings.evalSteps)
    );
  }

  /** @returns false where the signal broke it off; nothing of it is kept then, and a resumed run makes it again */
  private async evaluate(): Promise<boolean> {
    const { state, input } = this;
    const started = performance.now();
    const metrics = await evaluatePaths(input.engine, input.validation, this.validationPlan, input.signal);
    if (metrics === undefined) return false;
    this.meter.evaluated(performance.now() - started);
    const { step } = state;
    const best = isBetter(metrics, state.best?.metrics);
    if (best) await input.saveBest({ step, metrics });
    if (best) state.best = { step, metrics };
    state.evaluated = { step, metrics };
    this.saved = false;
    const epoch = Math.floor((step - 1) / input.settings.stepsPerEpoch);
    await input.emit({ type: 'evaluation', time: now(), step, epoch, split: 'validation', metrics, best });
    return true;
  }

  private async save(): Promise<void> {
    if (this.saved) return;
    const { state, input } = this;
    const folder = await writeCheckpoint(input.runFolder, {
      state,
      parameters: input.engine.parameters,
      optimizer: input.engine.optimizerState(),
    });
    this.saved = true;
    await input.emit({ type: 'checkpoint', time: now(), step: state.step, folder });
    await pruneCheckpoints(input.runFolder, {
      keep: input.settings.saveTotalLimit,
      bestStep: state.best?.step,
    });
  }
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

function now(): string {
  return new Date().toISOString();
}
