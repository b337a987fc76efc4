// Checkpoints: everything that a run needs to go on at the very step, each in a folder that is whole or not there.
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { float32Tensor, readSafetensors, toFloat32, writeSafetensors } from '../models/safetensors.ts';
import { messageOf } from '../support/errors.ts';
import { metricsSchema } from '../models/modelFiles.ts';
import { UNFINISHED, writeFolder, writeJson } from './files.ts';
import type { OptimizerState } from './trainingEngine.ts';

const MODEL_FILE = 'model.safetensors';
const OPTIMIZER_FILE = 'optimizer.safetensors';
const STATE_FILE = 'trainer_state.json';
/** How a model or a JSON file of the run is named while it is being written or replaced. */
const UNFINISHED_ENTRY = /^(best_model|final_model|evaluation-\d+\.json|config\.json)\..+\.(tmp|old)$/;
const CHECKPOINT_NAME = /^checkpoint-(\d+)$/;

const count = z.int().nonnegative();
const positive = z.int().positive();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const evaluatedSchema = z.object({ step: count, metrics: metricsSchema });

/** Metrics on the validation paths, and the optimiser step whose weights they are of. */
export type Evaluated = z.infer<typeof evaluatedSchema>;

const planSchema = z.object({
  /** Tokens that are computed at once at most; null: as many as are asked for. */
  max_tokens: positive.nullable(),
  /** Whether activations are computed again for the backward pass. */
  recompute: z.boolean(),
});

/** How a run is fitted into memory. */
export type FittedPlan = z.infer<typeof planSchema>;

const stateSchema = z.object({
  /** Optimiser steps made. */
  step: count,
  total_steps: count,
  /** Where in the data this is, from 0: epochs of all stages, and optimiser steps in this one. The step alone says the same. */
  epoch: count,
  batch_in_epoch: count,
  /** The stage of the newest step, from 0. Runs of earlier versions have one. */
  stage: count.default(0),
  /** Paths learned from, those seen again counted again. */
  examples: count.default(0),
  /** Evaluations of the last stage since the best one: what early stopping counts. */
  stale: count.default(0),
  /** How the run was fitted into memory; a run that goes on elsewhere does the same. */
  plan: planSchema.exactOptional(),
  /** The newest evaluation and the best one; null before the first. */
  evaluated: evaluatedSchema.nullable(),
  best: evaluatedSchema.nullable(),
  /** Of the encoded training and validation paths. */
  data_sha256: sha256,
  files: z.object({ [MODEL_FILE]: sha256, [OPTIMIZER_FILE]: sha256 }),
});

/** `trainer_state.json`, without what `writeCheckpoint` adds itself. */
export type TrainerState = Omit<z.infer<typeof stateSchema>, 'files'>;

export interface Checkpoint {
  state: TrainerState;
  /** All that the run has learned: tensors that differ from the model that it began with. */
  parameters: ReadonlyMap<string, Float32Array>;
  optimizer: OptimizerState;
}

/** Moments are stored under the parameter's name with these in front. */
const FIRST = 'first.';
const SECOND = 'second.';

/**
 * Writes `checkpoint-<step>`, replacing one of the same step.
 * @returns the folder's name
 * @throws PrmError where it cannot be written; then no half of it stays, and earlier checkpoints are untouched
 */
export async function writeCheckpoint(runFolder: string, checkpoint: Checkpoint): Promise<string> {
  const { state, parameters, optimizer } = checkpoint;
  const name = `checkpoint-${state.step}`;
  await writeFolder({ parent: runFolder, name }, async (folder) => {
    const model = await writeSafetensors(path.join(folder, MODEL_FILE), flatTensors([['', parameters]]));
    const moments = await writeSafetensors(
      path.join(folder, OPTIMIZER_FILE),
      flatTensors([
        [FIRST, optimizer.first],
        [SECOND, optimizer.second],
      ]),
      { step: String(optimizer.step) },
    );
    const contents: z.infer<typeof stateSchema> = {
      ...state,
      files: { [MODEL_FILE]: model.sha256, [OPTIMIZER_FILE]: moments.sha256 },
    };
    await writeJson(path.join(folder, STATE_FILE), contents);
  });
  return name;
}

/** Shapes are the engine's knowledge; a checkpoint is read by the same program, so flat tensors do. */
function flatTensors(groups: [prefix: string, tensors: ReadonlyMap<string, Float32Array>][]) {
  return new Map(
    groups.flatMap(([prefix, tensors]) =>
      [...tensors].map(([name, values]) => [prefix + name, float32Tensor(values, [values.length])] as const),
    ),
  );
}

/**
 * The newest whole checkpoint, undefined where there is none.
 * @param onDamaged told of each newer one that was passed over, and why
 */
export async function newestCheckpoint(
  runFolder: string,
  onDamaged: (message: string) => void,
): Promise<Checkpoint | undefined> {
  for (const step of (await checkpointSteps(runFolder)).toReversed()) {
    const name = `checkpoint-${step}`;
    try {
      return await readCheckpoint(path.join(runFolder, name), step);
    } catch (error) {
      onDamaged(`${name} is not whole and is passed over: ${messageOf(error)}`);
    }
  }
  return undefined;
}

async function readCheckpoint(folder: string, step: number): Promise<Checkpoint> {
  const { files, ...state } = stateSchema.parse(
    JSON.parse(await readFile(path.join(folder, STATE_FILE), 'utf8')),
  );
  if (state.step !== step) throw new Error(`its ${STATE_FILE} is of step ${state.step}.`);
  const model = await readChecked(path.join(folder, MODEL_FILE), files[MODEL_FILE]);
  const moments = await readChecked(path.join(folder, OPTIMIZER_FILE), files[OPTIMIZER_FILE]);
  return {
    state,
    parameters: model.values,
    optimizer: {
      step: count.parse(Number(moments.metadata.step)),
      first: withPrefix(moments.values, FIRST),
      second: withPrefix(moments.values, SECOND),
    },
  };
}

async function readChecked(file: string, expected: string) {
  const { tensors, metadata, sha256: found } = await readSafetensors(file);
  if (found !== expected) throw new Error(`${path.basename(file)} is not the file that was written.`);
  return {
    metadata,
    values: new Map([...tensors].map(([name, tensor]) => [name, toFloat32(tensor)])),
  };
}

function withPrefix(tensors: Map<string, Float32Array>, prefix: string): Map<string, Float32Array> {
  return new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, values]) => [name.slice(prefix.length), values]),
  );
}

/**
 * Removes all but the newest `keep` checkpoints and the one of the best evaluation.
 * @param bestStep undefined where nothing was evaluated
 */
export async function pruneCheckpoints(
  runFolder: string,
  { keep, bestStep }: { keep: number; bestStep: number | undefined },
): Promise<void> {
  const steps = await checkpointSteps(runFolder);
  for (const step of steps.slice(0, Math.max(0, steps.length - keep))) {
    if (step === bestStep) continue;
    await rm(path.join(runFolder, `checkpoint-${step}`), { recursive: true, force: true });
  }
}

/** Removes what a killed process left half written. Only for the holder of the run folder's lock. */
export async function removeUnfinished(runFolder: string): Promise<void> {
  for (const name of await readdir(runFolder)) {
    if (name.startsWith(UNFINISHED) || UNFINISHED_ENTRY.test(name)) {
      await rm(path.join(runFolder, name), { recursive: true, force: true });
    }
  }
}

/** Steps of all checkpoint folders, ascending. */
export async function checkpointSteps(runFolder: string): Promise<number[]> {
  return (await readdir(runFolder))
    .map((name) => CHECKPOINT_NAME.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}
