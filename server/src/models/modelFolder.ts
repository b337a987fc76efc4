// The folder of a trained PRM, whole or an adapter: found inside a run folder, read and checked, written.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PrmError } from '../support/errors.ts';
import { ADAPTER_CONFIG_FILE } from './adapter/config.ts';
import { readAdapter, writeAdapter } from './adapter/folder.ts';
import { HEAD_BIAS } from './adapter/tensors.ts';
import { openBackbone } from './backbones/backboneFolder.ts';
import { HEAD } from './backbones/method.ts';
import { parameterSpecs } from './backbones/parameters.ts';
import { isStored, readWeight, type Weight, type Weights } from './backbones/weight.ts';
import { checkFamily, checkIsFolder, checkIsThere, checkProof, damagedModel } from './folderChecks.ts';
import { exists, writeFolder } from './folderWriting.ts';
import { modelCard } from './modelCard.ts';
import {
  CONFIG_FILE,
  configJson,
  PRM_FILE,
  prmJson,
  readJson,
  readPrmFile,
  README_FILE,
  TOKENIZER_FILE,
  type PrmRecord,
  type WeightsProof,
} from './modelFiles.ts';
import type { PrmModel, StoredParts, StoredPrmModel, WholeModel } from './prmModel.ts';
import { weightFiles, WEIGHTS_FILE, writeShards } from './shards.ts';
import { tensorSource } from './tensorSource.ts';
import { copyTokenizer } from './tokenizerFiles.ts';

export type { ModelDescription } from './modelFiles.ts';
export { heldWeights, type AdapterModel, type PrmModel, type StoredPrmModel } from './prmModel.ts';

/** Where `prm train` puts models inside its run folder, best first. */
const FOLDERS_OF_A_RUN = ['best_model', 'final_model'];

/** Weights up to this many bytes are read into memory: a run may then replace the folder while its model is in use. */
const HELD_BYTES = 256 * 2 ** 20;

/**
 * The model folder that a path means: itself, or the best model of a run folder.
 * @throws PrmError where there is none
 */
export async function findModelFolder(folder: string): Promise<string> {
  await checkIsFolder(folder);
  for (const candidate of [folder, ...FOLDERS_OF_A_RUN.map((name) => path.join(folder, name))]) {
    if (await holdsModel(candidate)) return candidate;
  }
  throw new PrmError({
    where: folder,
    what: `The folder holds no model: it has no ${PRM_FILE}`,
    remedy: 'Give the folder of a trained model, or the run folder that `prm train` wrote.',
  });
}

/** Ours have a prm.json; adapters that PEFT wrote elsewhere are known by their own file. */
async function holdsModel(folder: string): Promise<boolean> {
  return (await exists(path.join(folder, PRM_FILE))) || exists(path.join(folder, ADAPTER_CONFIG_FILE));
}

/**
 * Reads a model folder and checks it whole: weights against their sha256, every tensor's shape against the decoder's,
 * the tokenizer against the embedding, an adapter's base model against the one that it was trained on.
 * @throws PrmError that names the file and what to do
 */
export async function readModelFolder(folder: string): Promise<StoredPrmModel> {
  await checkIsFolder(folder);
  const prmFile = path.join(folder, PRM_FILE);
  if (!(await exists(prmFile)) && (await exists(path.join(folder, ADAPTER_CONFIG_FILE)))) {
    return readAdapter(folder, undefined);
  }
  const record = await readPrmFile(folder);
  checkFamily(record.description.family, prmFile);
  return record.base === undefined ? readWhole(folder, record) : readAdapter(folder, record);
}

/**
 * The tensors that a model was trained to: an adapter's factors and head, or every parameter of a whole model. For a run
 * that goes on from them.
 * @param folder a model folder, or a run folder
 * @throws PrmError as readModelFolder, and where the head has a bias, which is not trained here
 */
export async function loadTrained(folder: string): Promise<ReadonlyMap<string, Float32Array>> {
  const model = await readModelFolder(await findModelFolder(folder));
  if (model.headBias !== undefined) {
    throw new PrmError({
      where: model.folder,
      what: `Its head has a bias (${HEAD_BIAS}), and heads with a bias are not trained further`,
      remedy: 'Start from another model.',
    });
  }
  if (model.kind === 'adapter') return model.tensors;
  const tensors = new Map<string, Float32Array>();
  for (const [name, weight] of model.weights) tensors.set(name, await readWeight(weight));
  return tensors;
}

/**
 * Writes a model folder as a whole. An earlier model at that place is replaced; any other folder with something in it is
 * left alone.
 * @throws PrmError where the place is taken or cannot be written
 */
export async function writeModelFolder(folder: string, model: PrmModel): Promise<void> {
  const choice = {
    mayReplace: (names: readonly string[]) => names.includes(PRM_FILE),
    remedy: 'Name another folder, or move those files away.',
  };
  await writeFolder(folder, choice, async (temporary) => {
    const { config, description } = model;
    const parts =
      model.kind === 'whole'
        ? { weights: await writeWhole(temporary, model) }
        : await writeAdapter(temporary, model, folder);
    await copyTokenizer(model.tokenizerFile, temporary);
    await writeFile(path.join(temporary, CONFIG_FILE), configJson(config));
    await writeFile(path.join(temporary, README_FILE), modelCard(model));
    await writeFile(path.join(temporary, PRM_FILE), prmJson({ description, ...parts }));
  });
}

function writeWhole(
  folder: string,
  { config, weights, headBias = [0, 0] }: WholeModel,
): Promise<WeightsProof> {
  const tensors = parameterSpecs(config).map(({ name }) => {
    const weight = weights.get(name);
    if (weight === undefined) throw new RangeError(`The model to be written has no parameter ${name}.`);
    return tensorSource(name, weight);
  });
  // Token classifiers of transformers have a bias, and draw one that they do not find.
  const bias = tensorSource(HEAD_BIAS, { dims: [2], values: Float32Array.from(headBias) });
  return writeShards(folder, [...tensors, bias]);
}

async function readWhole(
  folder: string,
  { weights: proof, description }: PrmRecord,
): Promise<WholeModel & StoredParts> {
  // What is wrong with a file of ours is said in the words for a model folder, not for a language model's.
  await readJson(path.join(folder, CONFIG_FILE));
  await checkIsThere(path.join(folder, TOKENIZER_FILE));
  const weightsFile = path.join(folder, WEIGHTS_FILE);
  const weightsSha256 = await checkProof(await weightFiles(folder), proof, weightsFile);
  const { config, tokenizer, tokenizerFile, weights: locate } = await openBackbone(folder);
  const weights = await locate(0);
  const head = weights.get(HEAD);
  // A head that is missing was drawn: it lies in no file.
  if (head === undefined || !isStored(head)) throw damagedModel(weightsFile, `Tensor ${HEAD} is missing`);
  return {
    kind: 'whole',
    folder,
    config,
    weights: await heldWhereSmall(weights),
    tokenizerFile,
    tokenizer,
    description,
    weightsSha256,
  };
}

async function heldWhereSmall(weights: Weights): Promise<Weights> {
  let bytes = 0;
  for (const weight of weights.values()) bytes += isStored(weight) ? weight.length : 0;
  if (bytes > HELD_BYTES) return weights;
  const held = new Map<string, Weight>();
  for (const [name, weight] of weights) {
    held.set(name, { dims: weight.dims, values: await readWeight(weight) });
  }
  return held;
}
