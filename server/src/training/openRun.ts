// Opens a run: checks the options, makes or reopens the run folder, finds the checkpoint to go on from.
import path from 'node:path';
import manifest from '../../../package.json' with { type: 'json' };
import type { DecoderConfig } from '../models/backbones/config.ts';
import { parameterCount } from '../models/backbones/parameters.ts';
import { PrmError } from '../support/errors.ts';
import { newestCheckpoint, type Checkpoint } from './checkpoints.ts';
import { checkMemoryNeed } from './memoryNeed.ts';
import {
  completeOptions,
  resumedOptions,
  storedOptions,
  type CompleteTrainOptions,
  type TrainOptions,
} from './options.ts';
import { checkDataFolder, kindOf } from './runData.ts';
import { createRunFolder, FINAL_MODEL, hasEntry, openRunFolder, type RunFolder } from './runFolder.ts';
import { languageModel, miniModel, type TrainableModel } from './trainableModels.ts';

/** For tests: a smaller decoder in place of the model's own. */
export interface TrainInternals {
  decoderConfig?: DecoderConfig;
}

/** A run that this process holds the folder of. */
export interface Run {
  folder: RunFolder;
  options: CompleteTrainOptions;
  model: TrainableModel;
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
  notice: (message: string) => void,
): Promise<Run> {
  const asked = completeOptions(given);
  return asked.resume ? resumeRun(given, asked.output_dir, internals, notice) : newRun(asked, internals);
}

async function newRun(asked: CompleteTrainOptions, internals: TrainInternals): Promise<Run> {
  const outputDir = path.resolve(asked.output_dir);
  const options = { ...asked, output_dir: outputDir, ...(await absolutePaths(asked)) };
  // By the name that was given: that is what a refusal must name.
  const model = await modelOf(asked, internals);
  if (options.data !== undefined) await checkDataFolder(options.data);
  const folder = await createRunFolder(
    outputDir,
    {
      kind: 'prm-training-run',
      schema: 1,
      options: storedOptions(options),
      model: { family: model.family.name, config: { ...model.config } },
      versions: {
        prm: manifest.version,
        node: process.version,
        onnxruntime: manifest.dependencies['onnxruntime-node'],
      },
      created: new Date().toISOString(),
    },
    {
      overwrite: options.overwrite,
      mayHold: options.data === undefined ? [] : entryTowards(outputDir, options.data),
    },
  );
  return { folder, options, model, checkpoint: undefined };
}

async function resumeRun(
  given: TrainOptions,
  outputDir: string,
  internals: TrainInternals,
  notice: (message: string) => void,
): Promise<Run> {
  const folder = await openRunFolder(path.resolve(outputDir));
  try {
    const options = resumedOptions(
      { ...folder.config.options, output_dir: folder.path, resume: true, overwrite: false },
      { ...given, ...(await absolutePaths(given)) },
    );
    const checkpoint = await checkpointOf(folder.path, notice);
    return { folder, options, model: await modelOf(options, internals), checkpoint };
  } catch (error) {
    await folder.close();
    throw error;
  }
}

async function checkpointOf(folder: string, notice: (message: string) => void): Promise<Checkpoint> {
  const checkpoint = await newestCheckpoint(folder, notice);
  if (checkpoint === undefined) {
    throw new PrmError({
      where: folder,
      what: 'There is no whole checkpoint to resume from',
      remedy: 'Leave --resume out to start the run anew.',
    });
  }
  if (checkpoint.state.step === checkpoint.state.total_steps && (await hasEntry(folder, FINAL_MODEL))) {
    throw new PrmError({
      where: folder,
      what: `This run is finished (${checkpoint.state.total_steps} steps); there is nothing to resume`,
      remedy:
        'Its models are best_model and final_model. To train more, start a run in another --output_dir.',
    });
  }
  return checkpoint;
}

async function modelOf(
  options: CompleteTrainOptions,
  { decoderConfig }: TrainInternals,
): Promise<TrainableModel> {
  const { model_name: name } = options;
  const model = name === 'mini' ? miniModel(decoderConfig) : await languageModel(name);
  checkMemoryNeed(parameterCount(model.config));
  const limit = model.config.max_position_embeddings;
  if (options.max_length > limit) {
    throw new PrmError({
      what: `--max_length ${options.max_length} is more than model ${options.model_name} can read`,
      remedy: `Give at most ${limit}.`,
    });
  }
  return model;
}

/** Paths as the run keeps them, so that it can be resumed from another working folder. */
async function absolutePaths({
  data,
  dataset,
  model_name: model,
}: TrainOptions): Promise<{ data?: string; dataset?: string; model_name?: string }> {
  return {
    ...(model === undefined || model === 'mini' ? {} : { model_name: path.resolve(model) }),
    ...(data === undefined ? {} : { data: path.resolve(data) }),
    // A name of a dataset on the Hub is no path; it is told from one by what exists.
    ...(dataset === undefined
      ? {}
      : { dataset: (await kindOf(dataset)) === 'file' ? path.resolve(dataset) : dataset }),
  };
}

/** The entry of `folder` that `target` is or lies in, as a list; empty where it lies elsewhere. */
function entryTowards(folder: string, target: string): string[] {
  const [first = ''] = path.relative(folder, target).split(path.sep);
  return first === '' || first === '..' || path.isAbsolute(first) ? [] : [first];
}
