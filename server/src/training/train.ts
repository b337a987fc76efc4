// One training run from its options to its models: data, engine, loop, and what the run folder says about it.
import path from 'node:path';
import type { EvaluationMetrics, RunEvent } from '../../../protocol/src/runs.ts';
import { parameterCount } from '../models/backbones/parameters.ts';
import { writeModelFolder } from '../models/modelFolder.ts';
import { CancelledError, messageOf, PrmError, throwIfCancelled } from '../support/errors.ts';
import { chooseBuckets } from './batches.ts';
import type { TrainerState } from './checkpoints.ts';
import { fingerprint, type PathCounts } from './data.ts';
import { runLoop, stepsPerEpoch, type LoopOutcome, type LoopSettings } from './loop.ts';
import { describeModel } from './modelDescription.ts';
import { openRun, type Run, type TrainInternals } from './openRun.ts';
import type { CompleteTrainOptions, TrainOptions } from './options.ts';
import { dataFolderOf, dataNotices, readRunData, type DataHooks, type RunData } from './runData.ts';
import { BEST_MODEL, FINAL_MODEL } from './runFolder.ts';
import { createTrainingEngine } from './trainingEngine.ts';

/** Aborting the signal ends the run after the current step, with a checkpoint. */
export interface TrainHooks extends DataHooks {
  /** Every event, after it was written to events.jsonl. */
  onEvent?: (event: RunEvent) => void;
  /** Once the data is read and before the first step. */
  onData?: (counts: { train: PathCounts; validation: PathCounts }) => void;
  /** One sentence that a person should read: a choice made, a warning. */
  onNotice?: (message: string) => void;
}

export interface TrainOutcome {
  state: 'done' | 'stopped';
  /** The run folder, absolute. */
  folder: string;
  step: number;
  totalSteps: number;
  train: PathCounts;
  validation: PathCounts;
  /** Of the last step's weights on the validation paths; undefined before it, and where nothing is evaluated. */
  finalMetrics: EvaluationMetrics | undefined;
  /** The evaluation that best_model comes from. */
  best: { step: number; metrics: EvaluationMetrics } | undefined;
}

/**
 * Trains a model, or goes on with a run. A stop through the signal is no error: the outcome says `stopped`.
 *
 * @throws PrmError for bad input, a run folder that must not be touched, a loss that is not finite, a full disk
 * @throws CancelledError where the stop came before there was anything to keep
 */
export async function train(
  given: TrainOptions,
  hooks: TrainHooks = {},
  internals: TrainInternals = {},
): Promise<TrainOutcome> {
  const run = await openRun(given, internals, (message) => hooks.onNotice?.(message));
  let step = run.checkpoint?.state.step ?? 0;
  const emit = async (event: RunEvent): Promise<void> => {
    if (event.type === 'step') step = event.step;
    await run.folder.append(event);
    hooks.onEvent?.(event);
  };
  const end = (state: 'done' | 'stopped' | 'failed', message?: string): Promise<void> =>
    emit({
      type: 'end',
      time: new Date().toISOString(),
      state,
      step,
      ...(message === undefined ? {} : { message }),
    });
  try {
    const outcome = await trainIn(run, emit, hooks);
    step = outcome.step;
    await end(
      outcome.state,
      outcome.state === 'stopped' ? `Go on with ${resumeCommand(run.folder.path)}` : undefined,
    );
    return outcome;
  } catch (thrown) {
    const cancelled = thrown instanceof CancelledError;
    const error = cancelled ? new CancelledError(STOPPED_EARLY) : thrown;
    // A run that has not begun leaves no trace, so there is no log to write to.
    if (run.folder.hasBegun) {
      // The disk may be full: what went wrong first is what must be told.
      await end(cancelled ? 'stopped' : 'failed', messageOf(error)).catch((second: unknown) => {
        hooks.onNotice?.(`The end of the run could not be written down: ${messageOf(second)}`);
      });
    }
    throw error;
  } finally {
    await run.folder.close();
  }
}

const STOPPED_EARLY =
  'Stopped before the first step: nothing is lost. The same command starts the run again.';

/** What to type to go on with a stopped run. */
export function resumeCommand(folder: string): string {
  return `prm train --resume --output_dir ${/\s/.test(folder) ? JSON.stringify(folder) : folder}`;
}

async function trainIn(
  run: Run,
  emit: (event: RunEvent) => Promise<void>,
  hooks: TrainHooks,
): Promise<TrainOutcome> {
  const { folder, options, model, checkpoint } = run;
  const { signal } = hooks;
  const notice = (message: string): void => hooks.onNotice?.(message);
  const data = await readRunData(run, hooks);
  hooks.onData?.({ train: data.train.counts, validation: data.validation.counts });
  for (const message of dataNotices(data, options)) notice(message);
  const dataSha256 = fingerprint([data.train, data.validation]);
  if (checkpoint !== undefined && checkpoint.state.data_sha256 !== dataSha256) {
    throw new PrmError({
      where: dataFolderOf(run),
      what: 'The training data is not the one that the run began with',
      remedy: 'Put the old data back, or start anew with --overwrite.',
    });
  }

  const lengths = data.train.paths.map((item) => item.ids.length);
  const buckets = chooseBuckets([...lengths, ...data.validation.paths.map((item) => item.ids.length)], {
    batchSize: options.batch_size,
    epochs: options.num_epochs,
  });
  const settings = loopSettings(options, stepsPerEpoch(lengths, buckets));
  hooks.onPhase?.({ name: 'building the model', done: 0, total: undefined });
  throwIfCancelled(signal);
  const engine = await createTrainingEngine({
    config: model.config,
    device: options.device,
    parameters: await model.parameters(options.seed),
  });
  try {
    if (checkpoint !== undefined) engine.loadState(checkpoint);
    for (const note of engine.deviceNotes) notice(note);
    const state: TrainerState = checkpoint?.state ?? {
      step: 0,
      total_steps: settings.totalSteps,
      epoch: 0,
      batch_in_epoch: 0,
      evaluated: null,
      best: null,
      data_sha256: dataSha256,
    };
    throwIfCancelled(signal);
    // All that can be refused has been: from here on the earlier run is gone.
    await folder.begin();
    await emit({
      type: 'start',
      time: new Date().toISOString(),
      pid: process.pid,
      totalSteps: settings.totalSteps,
      fromStep: state.step,
      parameters: parameterCount(model.config),
      device: engine.device,
    });
    const write = (name: string, metrics: EvaluationMetrics | null, step: number): Promise<void> =>
      writeModelFolder(path.join(folder.path, name), {
        config: model.config,
        weights: engine.parameters,
        tokenizerFile: model.tokenizerFile(),
        description: describeModel(run, data, { metrics, step }),
      });
    const outcome = await runLoop({
      settings,
      engine,
      train: data.train.paths,
      validation: data.validation.paths,
      buckets,
      runFolder: folder.path,
      state,
      signal,
      emit,
      saveBest: ({ metrics, step }) => write(BEST_MODEL, metrics, step),
    });
    if (!outcome.stopped) await finish(outcome.state, write);
    return outcomeOf(outcome, folder.path, settings, data);
  } finally {
    await engine.dispose();
  }
}

async function finish(
  { step, evaluated, best }: TrainerState,
  write: (name: string, metrics: EvaluationMetrics | null, step: number) => Promise<void>,
): Promise<void> {
  await write(FINAL_MODEL, evaluated?.metrics ?? null, step);
  // Nothing to choose by: the last weights are the best ones known.
  if (best === null) await write(BEST_MODEL, null, step);
}

function outcomeOf(
  { state, stopped }: LoopOutcome,
  folder: string,
  settings: LoopSettings,
  data: RunData,
): TrainOutcome {
  return {
    state: stopped ? 'stopped' : 'done',
    folder,
    step: state.step,
    totalSteps: settings.totalSteps,
    train: data.train.counts,
    validation: data.validation.counts,
    finalMetrics: stopped ? undefined : state.evaluated?.metrics,
    best: state.best ?? undefined,
  };
}

/** How often a run is evaluated that does not say so: a part of its steps, within limits. */
const EVALUATION_PART = 1 / 5;
const [MIN_EVAL_STEPS, MAX_EVAL_STEPS] = [10, 250];

function loopSettings(options: CompleteTrainOptions, stepsInEpoch: number): LoopSettings {
  const totalSteps = stepsInEpoch * options.num_epochs;
  const evalSteps =
    options.eval_steps ??
    Math.min(Math.max(Math.ceil(totalSteps * EVALUATION_PART), MIN_EVAL_STEPS), MAX_EVAL_STEPS);
  return {
    seed: options.seed,
    totalSteps,
    stepsPerEpoch: stepsInEpoch,
    peak: options.learning_rate,
    warmupRatio: options.warmup_ratio,
    weightDecay: options.weight_decay,
    evalSteps,
    saveSteps: options.save_steps ?? evalSteps,
    saveTotalLimit: options.save_total_limit,
  };
}
