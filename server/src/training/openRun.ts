// Opens a run: checks the options, makes or reopens the run folder, finds the checkpoint to go on from.
import path from 'node:path';
import manifest from '../../../package.json' with { type: 'json' };
import type { DecoderConfig } from '../models/backbones/config.ts';
import type { ModelHooks } from '../models/hub/hubModel.ts';
import { resolveModel } from '../models/hub/resolveModel.ts';
import { PrmError } from '../support/errors.ts';
import { newestCheckpoint, type Checkpoint } from './checkpoints.ts';
import { checkLearned, readInitialModel } from './initialModel.ts';
import { checkMemoryNeed } from './memoryNeed.ts';
import { completeOptions, resumedOptions } from './optionChecks.ts';
import { MINI, stagesOf } from './optionRules.ts';
import { storedOptions, type CompleteTrainOptions, type TrainOptions } from './options.ts';
import { checkDataFolder, kindOf } from './runData.ts';
import { createRunFolder, FINAL_MODEL, hasEntry, openRunFolder, type RunFolder } from './runFolder.ts';
import type { Learned } from './stageEngine.ts';
import { languageModel, miniModel, trainedCount, type TrainableModel } from './trainableModels.ts';

/** For tests: a smaller decoder in place of the model's own. */
export interface TrainInternals {
  decoderConfig?: DecoderConfig;
}

export interface OpenHooks extends ModelHooks {
  notice: (message: string) => void;
}

/** A run that this process holds the folder of. */
export interface Run {
  folder: RunFolder;
  options: CompleteTrainOptions;
  model: TrainableModel;
  /** What the run learned before its first step: what `--init_from` names. */
  learned: Learned;
  /** Where a resumed run goes on; undefined for a new run. */
  checkpoint: Checkpoint | undefined;
}

/**
 * Refuses what the options and the folders alone show to be wrong. A new run's folder is only held: until the run
 * begins, nothing is removed from it, and a refusal leaves nothing behind.
 * @throws PrmError
 */
export async function openRun(
  given: TrainOptions,
  internals: TrainInternals,
  hooks: OpenHooks,
): Promise<Run> {
  if (given.resume !== true) return newRun(given, internals, hooks);
  return resumeRun(given, completeOptions(given).output_dir, internals, hooks);
}

/** The options and the model of a new run; nothing is made or touched. @throws PrmError */
export async function planNewRun(
  typed: TrainOptions,
  internals: TrainInternals,
  hooks: OpenHooks,
  needsData = true,
): Promise<Pick<Run, 'options' | 'model' | 'learned'>> {
  const initial = typed.init_from === undefined ? undefined : await readInitialModel(typed);
  const asked = completeOptions(initial?.options ?? typed, { needsData });
  // By the name that was given: that is what a refusal must name.
  const model = await modelOf(asked, internals, hooks);
  if (asked.data !== undefined) await checkDataFolder(asked.data);
  checkFits(asked, model);
  const learned = initial?.learned ?? new Map<string, Float32Array>();
  checkLearned(asked, model, learned);
  const options = { ...asked, ...(await absolutePaths(asked)), output_dir: path.resolve(asked.output_dir) };
  return { options, model, learned };
}

async function newRun(given: TrainOptions, internals: TrainInternals, hooks: OpenHooks): Promise<Run> {
  const { options, model, learned } = await planNewRun(given, internals, hooks);
  if (options.overwrite && model.base !== undefined) checkIsOutside(options.output_dir, model.base.folder);
  const folder = await createRunFolder(
    options.output_dir,
    {
      kind: 'prm-training-run',
      schema: 1,
      options: storedOptions(options),
      model: {
        family: model.family.name,
        config: { ...model.config },
        ...(model.base === undefined ? {} : { base: model.base }),
      },
      versions: {
        prm: manifest.version,
        node: process.version,
        onnxruntime: manifest.dependencies['onnxruntime-node'],
      },
      created: new Date().toISOString(),
    },
    {
      overwrite: options.overwrite,
      mayHold: options.data === undefined ? [] : entryTowards(options.output_dir, options.data),
    },
  );
  return { folder, options, model, learned, checkpoint: undefined };
}

/** Weights are read from their files while the run goes on: they must not be among what it replaces. */
function checkIsOutside(outputDir: string, modelFolder: string): void {
  if (entryTowards(outputDir, modelFolder).length === 0) return;
  throw new PrmError({
    where: outputDir,
    what: `--overwrite would remove the model that the run starts from (${modelFolder})`,
    remedy: 'Choose another --output_dir.',
  });
}

async function resumeRun(
  given: TrainOptions,
  outputDir: string,
  internals: TrainInternals,
  hooks: OpenHooks,
): Promise<Run> {
  const folder = await openRunFolder(path.resolve(outputDir));
  try {
    const options = resumedOptions(
      { ...folder.config.options, output_dir: folder.path, resume: true, overwrite: false },
      { ...given, ...(await absolutePaths(given)) },
    );
    const checkpoint = await checkpointOf(folder.path, options, hooks.notice);
    // The commit that the run began with: the Hub may hold a newer one by now.
    const revision = folder.config.model.base?.revision;
    const name =
      revision === undefined ? options.model_name : `${folder.config.model.base?.name}@${revision}`;
    const model = await modelOf({ ...options, model_name: name }, internals, hooks);
    checkFits(options, model);
    return { folder, options, model, learned: checkpoint.parameters, checkpoint };
  } catch (error) {
    await folder.close();
    throw error;
  }
}

async function checkpointOf(
  folder: string,
  options: CompleteTrainOptions,
  notice: (message: string) => void,
): Promise<Checkpoint> {
  const checkpoint = await newestCheckpoint(folder, notice);
  if (checkpoint === undefined) {
    throw new PrmError({
      where: folder,
      what: 'There is no whole checkpoint to resume from',
      remedy: 'Leave --resume out to start the run anew.',
    });
  }
  const { step, total_steps: total, stale } = checkpoint.state;
  const isAtEnd = step === total || stale >= (options.early_stopping_patience ?? Infinity);
  if (isAtEnd && (await hasEntry(folder, FINAL_MODEL))) {
    throw new PrmError({
      where: folder,
      what: `This run is finished (${step} steps); there is nothing to resume`,
      remedy:
        'Its models are best_model and final_model. To train more, start a run in another --output_dir.',
    });
  }
  return checkpoint;
}

async function modelOf(
  options: CompleteTrainOptions,
  { decoderConfig }: TrainInternals,
  { notice, ...hooks }: OpenHooks,
): Promise<TrainableModel> {
  const { model_name: name } = options;
  if (name === MINI) return miniModel(decoderConfig);
  const { notes, ...base } = await resolveModel(name, hooks);
  for (const note of notes) notice(note);
  return languageModel(base);
}

/** @throws PrmError where the model cannot be trained as the options ask */
function checkFits(options: CompleteTrainOptions, { config }: TrainableModel): void {
  const trained = stagesOf(options).map(({ method }) => trainedCount(config, method));
  checkMemoryNeed(Math.max(...trained));
  const limit = config.max_position_embeddings;
  if (options.max_length > limit) {
    throw new PrmError({
      what: `--max_length ${options.max_length} is more than model ${options.model_name} can read`,
      remedy: `Give at most ${limit}.`,
    });
  }
}

type PlacedOptions = Partial<
  Record<'data' | 'model_name' | 'init_from', string> & { dataset: string | string[] }
>;

/** Paths as the run keeps them, so that it can be resumed from another working folder. */
async function absolutePaths(given: TrainOptions): Promise<PlacedOptions> {
  const { data, dataset, model_name: model, init_from: initial } = given;
  // Names on the Hub are no paths; they are told from one by what exists.
  const placed = async (name: string): Promise<string> =>
    (await kindOf(name)) === 'none' ? name : path.resolve(name);
  return {
    ...(model === undefined || model === MINI ? {} : { model_name: await placed(model) }),
    ...(initial === undefined ? {} : { init_from: path.resolve(initial) }),
    ...(data === undefined ? {} : { data: path.resolve(data) }),
    ...(dataset === undefined
      ? {}
      : {
          dataset:
            typeof dataset === 'string' ? await placed(dataset) : await Promise.all(dataset.map(placed)),
        }),
  };
}

/** The entry of `folder` that `target` is or lies in, as a list; empty where it lies elsewhere. */
function entryTowards(folder: string, target: string): string[] {
  const [first = ''] = path.relative(folder, target).split(path.sep);
  return first === '' || first === '..' || path.isAbsolute(first) ? [] : [first];
}
