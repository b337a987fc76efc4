// The training loop: optimiser steps, evaluations and checkpoints, through all stages, from any step on, until the end or a stop.
import type { EvaluationMetrics, RunEvent } from '../../../protocol/src/runs.ts';
import { stepMetrics } from '../evaluation/metrics.ts';
import { OutOfMemoryError } from '../models/memoryError.ts';
import { PrmError } from '../support/errors.ts';
import {
  planBatches,
  planEpoch,
  planSteps,
  tokenBatch,
  type Bucket,
  type PlannedBatch,
  type PlannedStep,
} from './batches.ts';
import { pruneCheckpoints, writeCheckpoint, type Evaluated, type TrainerState } from './checkpoints.ts';
import type { TrainingPath } from './data.ts';
import { scoredSteps, scorePlanned } from './evaluate.ts';
import { pruneReports, writeReport } from './evaluationReports.ts';
import { DivergedError, FailedStepError } from './failures.ts';
import { LossWatch } from './lossWatch.ts';
import { RateMeter } from './rateMeter.ts';
import { learningRateAt } from './schedule.ts';
import type { Learned, StageEngine } from './stageEngine.ts';
import { endsStage, stageAt, totalStepsOf, type Stage } from './stages.ts';
import { NotFiniteError } from './trainingEngine.ts';

export interface LoopSettings {
  seed: number;
  /** At least one. */
  stages: readonly Stage[];
  stepsPerEpoch: number;
  /** Paths in one optimiser step. */
  stepPaths: number;
  weightDecay: number;
  maxGradientNorm: number;
  evalSteps: number;
  saveSteps: number;
  saveTotalLimit: number;
  /** Evaluations of the last stage without a better one after which it ends; undefined: never. */
  patience: number | undefined;
}

export interface LoopInput {
  settings: LoopSettings;
  /** The stage that the state is in, open. The loop releases every engine. */
  engine: StageEngine;
  /** Opens a further stage. */
  openStage: (stage: Stage, learned: Learned) => Promise<StageEngine>;
  train: readonly TrainingPath[];
  /** Empty: nothing is evaluated. */
  validation: readonly TrainingPath[];
  buckets: readonly Bucket[];
  runFolder: string;
  /** Where to go on; a new run has step 0. */
  state: TrainerState;
  signal: AbortSignal | undefined;
  /** Called once, before anything else. */
  begin: () => Promise<void>;
  emit: (event: RunEvent) => Promise<void>;
  /** Told what a person should read, one sentence each. */
  notice: (message: string) => void;
  /** Called at each evaluation that is better than all before it, before a checkpoint says so. */
  saveBest: (best: Evaluated, engine: StageEngine) => Promise<void>;
  /** Called once after the last step, unless the run was stopped. */
  finish: (state: TrainerState, engine: StageEngine) => Promise<void>;
}

export interface LoopOutcome {
  state: TrainerState;
  /** Whether a stop was asked for before the last step's work was done. A checkpoint of this step is there. */
  stopped: boolean;
}

/** Optimiser steps of one epoch; the same for every epoch. */
export function stepsPerEpoch(
  lengths: readonly number[],
  buckets: readonly Bucket[],
  stepPaths: number,
): number {
  const order = lengths.map((_, path) => path);
  return planSteps(order, lengths, buckets, stepPaths).length;
}

/** Whether a run has nothing left to do but, it may be, to write its models. */
function isComplete(
  { step, stale }: Pick<TrainerState, 'step' | 'stale'>,
  { stages, patience }: Pick<LoopSettings, 'stages' | 'patience'>,
): boolean {
  return step === totalStepsOf(stages) || (patience !== undefined && stale >= patience);
}

/** Trains until the last step or the signal. What happens depends on the state and the settings alone. */
export async function runLoop(input: LoopInput): Promise<LoopOutcome> {
  const loop = new Loop(input);
  try {
    await input.begin();
    return await loop.run();
  } finally {
    await loop.dispose();
  }
}

class Loop {
  private readonly state: TrainerState;
  private readonly meter = new RateMeter();
  private watch = new LossWatch();
  private readonly totalSteps: number;
  /** Tokens of each training path. */
  private readonly lengths: readonly number[];
  private readonly validationPlan: readonly PlannedBatch[];
  private epochPlan: { epoch: number; steps: readonly PlannedStep[] } = { epoch: -1, steps: [] };
  /** Whether the newest checkpoint holds this very state. */
  private saved: boolean;
  private current: StageEngine;

  constructor(private readonly input: LoopInput) {
    this.state = { ...input.state };
    this.saved = input.state.step > 0;
    this.current = input.engine;
    this.totalSteps = totalStepsOf(input.settings.stages);
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
      const complete = isComplete(state, settings);
      if (complete || this.isDue(settings.saveSteps)) await this.save();
      if (complete) {
        await this.input.finish(state, this.current);
        return { state, stopped: false };
      }
      // A session's run blocks the thread: let timers and signals have their turn.
      await new Promise(setImmediate);
      if (signal?.aborted) return this.stop();
      await this.enterStage(stageAt(settings.stages, state.step + 1));
      await this.update();
    }
  }

  async dispose(): Promise<void> {
    await this.current.engine.dispose();
  }

  private async stop(): Promise<LoopOutcome> {
    await this.save();
    return { state: this.state, stopped: true };
  }

  private get stage(): Stage {
    const stage = this.input.settings.stages[this.state.stage];
    if (stage === undefined) throw new RangeError(`The run has no stage ${this.state.stage}.`);
    return stage;
  }

  /** The next stage goes on from what the last one learned, with moments of its own. */
  private async enterStage(index: number): Promise<void> {
    if (index === this.state.stage) return;
    const learned = await this.current.learned();
    await this.current.engine.dispose();
    this.state.stage = index;
    this.state.stale = 0;
    this.watch = new LossWatch();
    this.current = await this.input.openStage(this.stage, learned);
  }

  /** One optimiser step; moves the state on. */
  private async update(): Promise<void> {
    const { state, meter, stage, totalSteps } = this;
    const { settings, train } = this.input;
    const started = performance.now();
    const { epoch } = state;
    const planned = this.nextStep();
    const batches = planned.map((batch) => tokenBatch(batch, train));
    const learningRate = learningRateAt(stage.schedule, state.step - stage.firstStep + 1);
    const { loss, logits, gradientNorm } = await this.current.engine
      .trainStep(batches, {
        learningRate,
        weightDecay: settings.weightDecay,
        maxGradientNorm: settings.maxGradientNorm,
      })
      .catch((error: unknown) => {
        throw this.failedStep(error, learningRate);
      });
    const scored = planned.flatMap((batch, index) =>
      scoredSteps(batch, train, logits[index] ?? new Float32Array()),
    );
    const right = scored.filter((step) => step.logOdds >= 0 === step.correct).length;
    const members = planned.flatMap((batch) => batch.members);
    state.step++;
    state.examples += members.length;
    const inStage = state.step - stage.firstStep;
    state.epoch = stage.firstEpoch + Math.floor(inStage / settings.stepsPerEpoch);
    state.batch_in_epoch = inStage % settings.stepsPerEpoch;
    this.saved = false;

    const tokens = members.reduce((sum, member) => sum + (train[member]?.ids.length ?? 0), 0);
    meter.stepped(performance.now() - started, tokens);
    await this.input.emit({
      type: 'step',
      time: now(),
      step: state.step,
      totalSteps,
      epoch,
      loss,
      accuracy: right / scored.length,
      learningRate,
      gradientNorm,
      ...meter.rates(totalSteps - state.step, evaluationsLeft(state.step, totalSteps, settings.evalSteps)),
      memoryBytes: process.memoryUsage.rss(),
      examples: state.examples,
      ...(settings.stages.length > 1 ? { stage: stage.name } : {}),
    });
    const warning = this.watch.warning(state.step, loss);
    if (warning !== undefined) this.input.notice(warning);
  }

  /** Tells the step of the run; memory that ran out speaks for itself, and so do mistakes in the program. */
  private failedStep(error: unknown, learningRate: number): unknown {
    const step = this.state.step + 1;
    if (error instanceof PrmError && !(error instanceof OutOfMemoryError))
      return new FailedStepError(step, error, error);
    if (!(error instanceof NotFiniteError)) return error;
    const { loss, gradientNorm } = error;
    return new DivergedError(
      step,
      `Training diverged at step ${step}: the loss is ${loss} and the gradient norm ${gradientNorm} ` +
        `(learning rate ${learningRate.toPrecision(3)})`,
      error,
    );
  }

  private nextStep(): PlannedStep {
    const { epoch, batch_in_epoch: position } = this.state;
    const { seed, stepPaths } = this.input.settings;
    if (this.epochPlan.epoch !== epoch) {
      const steps = planEpoch(this.lengths, this.input.buckets, { stepPaths, seed, epoch });
      this.epochPlan = { epoch, steps };
    }
    const planned = this.epochPlan.steps[position];
    if (planned === undefined) throw new RangeError(`Epoch ${epoch} has no step ${position}.`);
    return planned;
  }

  private evaluationIsDue(): boolean {
    const { step, evaluated } = this.state;
    return (
      this.validationPlan.length > 0 && evaluated?.step !== step && this.isDue(this.input.settings.evalSteps)
    );
  }

  /** Every `interval` steps, and at the end of each stage. */
  private isDue(interval: number): boolean {
    const { step } = this.state;
    return step > 0 && (step % interval === 0 || endsStage(this.input.settings.stages, step));
  }

  /** @returns false where the signal broke it off; nothing of it is kept then, and a resumed run makes it again */
  private async evaluate(): Promise<boolean> {
    const { state, input, current } = this;
    const { stages, stepsPerEpoch: inEpoch } = input.settings;
    const started = performance.now();
    const scored = await scorePlanned(current.engine, input.validation, this.validationPlan, input.signal);
    if (scored === undefined) return false;
    const metrics = stepMetrics(scored);
    if (metrics === undefined) throw new RangeError('No validation step has a label.');
    const { step } = state;
    // Weights that are finite may still give scores that are not.
    if (!Number.isFinite(metrics.loss)) {
      throw new DivergedError(
        step,
        `Training diverged: at step ${step} the validation loss is ${metrics.loss}`,
      );
    }
    this.meter.evaluated(performance.now() - started);
    const best = isBetter(metrics, state.best?.metrics);
    const report = await writeReport(input.runFolder, step, scored);
    if (best) await input.saveBest({ step, metrics }, current);
    if (best) state.best = { step, metrics };
    // Earlier stages prepare: only the last one is judged by whether it still gets better.
    state.stale = best || state.stage < stages.length - 1 ? 0 : state.stale + 1;
    state.evaluated = { step, metrics };
    this.saved = false;
    const { firstEpoch, firstStep } = this.stage;
    const epoch = firstEpoch + Math.floor((step - 1 - firstStep) / inEpoch);
    await input.emit({
      type: 'evaluation',
      time: now(),
      step,
      epoch,
      split: 'validation',
      metrics,
      best,
      report,
    });
    await pruneReports(input.runFolder, state.best?.step);
    return true;
  }

  private async save(): Promise<void> {
    if (this.saved) return;
    const { state, input, current } = this;
    const folder = await writeCheckpoint(input.runFolder, {
      state,
      parameters: await current.learned(),
      optimizer: await current.engine.optimizerState(),
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

function evaluationsLeft(step: number, totalSteps: number, evalSteps: number): number {
  return Math.ceil(totalSteps / evalSteps) - Math.floor(step / evalSteps);
}

function now(): string {
  return new Date().toISOString();
}
