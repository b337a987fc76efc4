// `prm train --dry_run`: what a run would train, hold in memory and take in time, computed; nothing is written that stays.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DecoderConfig } from '../models/backbones/config.ts';
import { parameterCount } from '../models/backbones/parameters.ts';
import { chooseDevice } from '../models/devices/choose.ts';
import type { ChosenDevice } from '../models/devices/device.ts';
import { planBatches, planSteps } from './batches.ts';
import type { FittedPlan } from './checkpoints.ts';
import { longestOf, type PathCounts } from './data.ts';
import { bytesOf, fitRun, storedTypeOf } from './fitRun.ts';
import { usableMemory, type MemoryEstimate, type TrainingSetup } from './memoryPlan.ts';
import { planNewRun, type TrainInternals } from './openRun.ts';
import { completeOptions } from './optionChecks.ts';
import { MINI, stagesOf } from './optionRules.ts';
import type { CompleteTrainOptions, TrainOptions } from './options.ts';
import { REFERENCE_MODELS } from './referenceModels.ts';
import { referenceTable, type ReferenceRow } from './referenceTable.ts';
import { kindOf, readRunData, type DataHooks, type RunData } from './runData.ts';
import { planRun, type RunPlan } from './runPlan.ts';
import { matrixProductRate, planTime } from './timePlan.ts';
import { trainedCount, type TrainableModel } from './trainableModels.ts';

export interface DryRun {
  model: { name: string; parameters: number; trained: { stage: string; parameters: number }[] };
  /** Null where no data is named. */
  data: { train: PathCounts; validation: PathCounts } | null;
  device: string;
  /** Floating-point operations a second that the device was measured at. */
  rate: number;
  batch: { paths: number; stepPaths: number; tokensAtOnce: number | null; recompute: boolean };
  /** Bytes; null on a graphics processor. */
  memory: MemoryEstimate | null;
  /** Seconds; null where no data is named. */
  time: { steps: number; training: number; evaluations: number; total: number } | null;
  /** What usual models take on this machine. */
  table: { memory: number; batch: number; length: number; rows: ReferenceRow[] };
}

/** Tokens of a path of the table: a long solution of GSM8K. */
const TABLE_LENGTH = 512;
/** The table's adapters: what `prm train` does where nothing is said. */
const TABLE_OPTIONS = completeOptions({ output_dir: '.', method: 'lora' }, { needsData: false });

/** @throws PrmError as a run would before its first step */
export async function dryRun(
  given: TrainOptions,
  hooks: DataHooks & { onNotice?: (message: string) => void },
  internals: TrainInternals = {},
): Promise<DryRun> {
  const notice = (message: string): void => hooks.onNotice?.(message);
  const { options, model, config, storedType } = await planned(given, internals, { ...hooks, notice });
  const data = model === undefined ? undefined : await dataOf(options, model, hooks);
  const { device, notes } = await chooseDevice(options.device);
  for (const note of notes) notice(note);
  const longest =
    data === undefined ? options.max_length : longestOf(data.train.paths, data.validation.paths);
  const { plan, memory } = fitRun(options, { config, storedType, device, longest });
  const rate = await matrixProductRate(device, options.threads);
  const table = tableOf(options, device, rate);
  const stages = stagesOf(options);
  return {
    model: {
      name: options.model_name,
      parameters: parameterCount(config),
      trained: stages.map(({ method }) => ({ stage: method.kind, parameters: trainedCount(config, method) })),
    },
    data: data === undefined ? null : { train: data.train.counts, validation: data.validation.counts },
    device,
    rate,
    batch: {
      paths: options.batch_size,
      stepPaths: options.batch_size * options.gradient_accumulation_steps,
      tokensAtOnce: plan.max_tokens,
      recompute: plan.recompute,
    },
    memory: memory?.estimate ?? null,
    time: data === undefined ? null : timeOf(options, data, { config, plan, rate }),
    table,
  };
}

interface Planned {
  options: CompleteTrainOptions;
  /** Undefined where only its shape is known: its data cannot be counted in tokens. */
  model: TrainableModel | undefined;
  config: DecoderConfig;
  storedType: TrainingSetup['storedType'];
}

/** A usual model that is not on this machine is known by its shape: a dry run downloads no weights. */
async function planned(
  given: TrainOptions,
  internals: TrainInternals,
  hooks: DataHooks & { notice: (message: string) => void },
): Promise<Planned> {
  const asked = given.init_from === undefined ? completeOptions(given, { needsData: false }) : undefined;
  const known = REFERENCE_MODELS.find(({ model }) => asked?.model_name.endsWith(`/${model}`));
  if (asked !== undefined && known !== undefined && (await kindOf(asked.model_name)) === 'none') {
    hooks.notice(
      `${asked.model_name} is planned by its published shape; its weights are not fetched for a dry run.`,
    );
    return { options: asked, model: undefined, config: known.config, storedType: known.storedType };
  }
  const environment = hooks.environment ?? {};
  const { options, model } = await planNewRun(given, internals, { ...hooks, environment }, false);
  return { options, model, config: model.config, storedType: await storedTypeOf(model) };
}

/** Formats a dataset into a folder that goes away again. */
async function dataOf(
  options: CompleteTrainOptions,
  model: TrainableModel,
  hooks: DataHooks,
): Promise<RunData | undefined> {
  if (options.data === undefined && options.dataset === undefined) return undefined;
  const folder = await mkdtemp(path.join(tmpdir(), 'prm-dry-run-'));
  try {
    const source = {
      options,
      model,
      checkpoint: undefined,
      folder: { path: folder, dataFolder: path.join(folder, 'data') },
    };
    const { signal, environment, onPhase } = hooks;
    return await readRunData(source, {
      signal,
      ...(environment === undefined ? {} : { environment }),
      ...(onPhase === undefined ? {} : { onPhase }),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Seconds of all steps, bucket by bucket, and of all evaluations. */
function timeOf(
  options: CompleteTrainOptions,
  data: RunData,
  { config, plan, rate }: { config: DecoderConfig; plan: FittedPlan; rate: number },
): DryRun['time'] {
  const paths = { train: data.train.paths, validation: data.validation.paths };
  const run = planRun(options, paths, plan);
  const { stages, stepPaths, evalSteps } = run.settings;
  const lengths = run.train.map(({ ids }) => ids.length);
  const steps = planSteps(
    lengths.map((_, path) => path),
    lengths,
    run.buckets,
    stepPaths,
  );
  let training = 0;
  for (const bucket of run.buckets) {
    const own = steps.filter(([first]) => first?.bucket === bucket);
    if (own.length === 0) continue;
    const shape = { batch: bucket.rows, length: bucket.length };
    for (const { method, epochs } of stagesOf(options)) {
      training += planTime({
        ...{ config, method, shape, recompute: plan.recompute, rate },
        accumulation: own.flat().length / own.length,
        steps: own.length * epochs,
      }).run;
    }
  }
  const totalSteps = stages.reduce((sum, { schedule }) => sum + schedule.totalSteps, 0);
  const evaluations = Math.ceil(totalSteps / evalSteps) * evaluationTime(run, paths.validation, config, rate);
  return { steps: totalSteps, training, evaluations, total: training + evaluations };
}

/** An evaluation is a forward pass, which is what training a head alone computes. */
function evaluationTime(
  { buckets }: RunPlan,
  validation: RunData['validation']['paths'],
  config: DecoderConfig,
  rate: number,
): number {
  const lengths = validation.map(({ ids }) => ids.length);
  const batches = planBatches(
    lengths.map((_, path) => path),
    lengths,
    buckets,
  );
  return batches.reduce((sum, { bucket }) => {
    const shape = { batch: bucket.rows, length: bucket.length };
    const one = {
      config,
      method: { kind: 'head' as const },
      shape,
      recompute: false,
      rate,
      accumulation: 1,
      steps: 1,
    };
    return sum + planTime(one).run;
  }, 0);
}

function tableOf(options: CompleteTrainOptions, device: ChosenDevice, rate: number): DryRun['table'] {
  const memory = options.max_memory === undefined ? usableMemory() : bytesOf(options.max_memory);
  const asked = options.model_name === MINI ? TABLE_OPTIONS : options;
  const method = stagesOf(asked).at(-1)?.method ?? { kind: 'full' as const };
  const batch = options.batch_size;
  const length = Math.min(TABLE_LENGTH, options.max_length);
  return {
    memory,
    batch,
    length,
    rows: referenceTable({ method, device, maxMemory: memory, batch, length, rate }),
  };
}
