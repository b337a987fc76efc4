// One training run from its options to its models: data, engine, loop, and what the run folder says about it.
import path from 'node:path';
import type { EvaluationMetrics, RunEvent } from '../../../protocol/src/runs.ts';
import { writeModelFolder } from '../models/modelFolder.ts';
import { chooseDevice } from '../models/devices/choose.ts';
import { CancelledError, messageOf, PrmError, throwIfCancelled } from '../support/errors.ts';
import type { FittedPlan, TrainerState } from './checkpoints.ts';
import { fingerprint, longestOf, type PathCounts, type TrainingPath } from './data.ts';
import { withRemains } from './failures.ts';
import { fitRun, fitText, memoryBudget, storedTypeOf, type FittedRun } from './fitRun.ts';
import { runLoop, type LoopOutcome } from './loop.ts';
import { describeModel } from './modelDescription.ts';
import { openRun, type Run, type TrainInternals } from './openRun.ts';
import type { TrainOptions } from './options.ts';
import { dataFolderOf, dataNotices, readRunData, type DataHooks, type RunData } from './runData.ts';
import { BEST_MODEL, FINAL_MODEL } from './runFolder.ts';
import { planRun } from './runPlan.ts';
import { openStage, type Learned, type StageEngine } from './stageEngine.ts';
import { totalStepsOf, type Stage } from './stages.ts';
import { trainedCount } from './trainableModels.ts';
import type { OptimizerState } from './trainingEngine.ts';

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
  const run = await openRun(given, internals, {
    signal: hooks.signal,
    environment: hooks.environment ?? {},
    notice: (message) => hooks.onNotice?.(message),
    onDownload: (done, total) => hooks.onPhase?.({ name: 'downloading the model', done, total }),
  });
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
    await end(outcome.state, endMessage(outcome));
    return outcome;
  } catch (thrown) {
    const cancelled = thrown instanceof CancelledError;
    const error = cancelled ? new CancelledError(STOPPED_EARLY) : await failureOf(thrown, run);
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

function endMessage({ state, folder, step, totalSteps }: TrainOutcome): string | undefined {
  if (state === 'stopped') return `Go on with ${resumeCommand(folder)}`;
  if (step === totalSteps) return undefined;
  return `Ended early, at step ${step} of ${totalSteps}: the evaluations got no better.`;
}

/** What is told of a failure: of a run that has begun, also what is left of it. */
function failureOf(thrown: unknown, { folder }: Run): Promise<unknown> {
  if (!folder.hasBegun) return Promise.resolve(thrown);
  return withRemains(thrown, folder.path, resumeCommand(folder.path));
}

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
  const paths = { train: data.train.paths, validation: data.validation.paths };
  const { plan: fitted, memory } = await fit(run, paths, notice);
  const plan = planRun(options, paths, fitted);
  const { stages } = plan.settings;
  const totalSteps = totalStepsOf(stages);
  const state: TrainerState = checkpoint?.state ?? newState(totalSteps, fitted, dataSha256);
  hooks.onPhase?.({ name: 'building the model', done: 0, total: undefined });
  throwIfCancelled(signal);
  const open = ({ method }: Stage, learned: Learned, optimizer?: OptimizerState): Promise<StageEngine> =>
    openStage({
      model,
      method,
      learned,
      optimizer,
      device: options.device,
      threads: options.threads,
      recompute: fitted.recompute,
      memory,
      seed: options.seed,
      runFolder: folder.path,
    });
  const stage = stages[state.stage];
  if (stage === undefined) throw new RangeError(`The run has no stage ${state.stage}.`);
  const first = await open(stage, run.learned, checkpoint?.optimizer);
  try {
    for (const note of first.engine.deviceNotes) notice(note);
    throwIfCancelled(signal);
    // All that can be refused has been: from here on the earlier run is gone.
    await folder.begin();
  } catch (error) {
    await first.engine.dispose();
    throw error;
  }
  const write = async (
    name: string,
    engine: StageEngine,
    at: { metrics: EvaluationMetrics | null; step: number },
  ): Promise<void> => {
    const model = await engine.prmModel(describeModel(run, data, at));
    await writeModelFolder(path.join(folder.path, name), model);
  };
  const outcome = await runLoop({
    ...plan,
    engine: first,
    openStage: open,
    validation: data.validation.paths,
    runFolder: folder.path,
    state,
    signal,
    begin: () =>
      emit({
        type: 'start',
        time: new Date().toISOString(),
        pid: process.pid,
        totalSteps,
        fromStep: state.step,
        parameters: Math.max(...stages.map(({ method }) => trainedCount(model.config, method))),
        device: first.engine.device,
        ...(stages.length > 1
          ? { stages: stages.map(({ name, schedule }) => ({ name, steps: schedule.totalSteps })) }
          : {}),
      }),
    emit,
    notice,
    saveBest: (best, engine) => write(BEST_MODEL, engine, best),
    finish: async ({ step, evaluated, best }, engine) => {
      await write(FINAL_MODEL, engine, { metrics: evaluated?.metrics ?? null, step });
      // Nothing to choose by: the last weights are the best ones known.
      if (best === null) await write(BEST_MODEL, engine, { metrics: null, step });
    },
  });
  return outcomeOf(outcome, folder.path, totalSteps, data);
}

/** A resumed run is computed as it began. Of a new one it is said what was chosen, where that is not what was asked for. */
async function fit(
  { options, model, checkpoint }: Run,
  { train, validation }: Record<'train' | 'validation', readonly TrainingPath[]>,
  notice: (message: string) => void,
): Promise<FittedRun> {
  const { device } = await chooseDevice(options.device);
  const longest = longestOf(train, validation);
  const shape = { config: model.config, storedType: await storedTypeOf(model), device, longest };
  const known = checkpoint?.state.plan;
  if (known !== undefined) return { plan: known, memory: memoryBudget(options, shape, known) };
  const { plan, memory } = fitRun(options, shape);
  if (memory !== undefined && (plan.max_tokens !== null || plan.recompute)) notice(fitText(plan, memory));
  return { plan, memory };
}

function newState(totalSteps: number, plan: FittedPlan, dataSha256: string): TrainerState {
  return {
    step: 0,
    total_steps: totalSteps,
    epoch: 0,
    batch_in_epoch: 0,
    stage: 0,
    examples: 0,
    stale: 0,
    plan,
    evaluated: null,
    best: null,
    data_sha256: dataSha256,
  };
}

function outcomeOf(
  { state, stopped }: LoopOutcome,
  folder: string,
  totalSteps: number,
  data: RunData,
): TrainOutcome {
  return {
    state: stopped ? 'stopped' : 'done',
    folder,
    step: state.step,
    totalSteps,
    train: data.train.counts,
    validation: data.validation.counts,
    finalMetrics: stopped ? undefined : state.evaluated?.metrics,
    best: state.best ?? undefined,
  };
}
