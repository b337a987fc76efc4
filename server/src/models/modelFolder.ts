// The folder of a trained PRM: config.json, model.safetensors, tokenizer.json and prm.json.
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PrmError, systemErrorCode } from '../support/errors.ts';
import type { DecoderConfig } from './backbones/config.ts';
import { parameterSpecs } from './backbones/parameters.ts';
import { familyOf } from './families/index.ts';
import {
  CONFIG_FILE,
  configJson,
  PRM_FILE,
  prmJson,
  readConfigFile,
  readPrmFile,
  TOKENIZER_FILE,
  WEIGHTS_FILE,
  type ModelDescription,
  type WeightsProof,
} from './modelFiles.ts';
import { float32Tensor, readSafetensors, toFloat32, writeSafetensors } from './safetensors.ts';
import { loadTokenizer, type Tokenizer } from './tokenizer.ts';

export type { ModelDescription } from './modelFiles.ts';

/** Everything that makes a PRM. */
export interface PrmModel {
  config: DecoderConfig;
  /** Every parameter of the decoder and its head, by Hugging Face name, float32. */
  weights: ReadonlyMap<string, Float32Array>;
  /** A `tokenizer.json`; copied into the folder when the model is written. */
  tokenizerFile: string;
  description: ModelDescription;
}

/** A PRM as it was read from its folder. */
export interface StoredPrmModel extends PrmModel {
  folder: string;
  tokenizer: Tokenizer;
  /** sha256 of the weights, hexadecimal: what the model's scores depend on. */
  weightsSha256: string;
}

/** Where `prm train` puts models inside its run folder, best first. */
const FOLDERS_OF_A_RUN = ['best_model', 'final_model'];

/**
 * The model folder that a path means: itself, or the best model of a run folder.
 * @throws PrmError where there is none
 */
export async function findModelFolder(folder: string): Promise<string> {
  await checkIsFolder(folder);
  for (const candidate of [folder, ...FOLDERS_OF_A_RUN.map((name) => path.join(folder, name))]) {
    if (await exists(path.join(candidate, PRM_FILE))) return candidate;
  }
  throw new PrmError({
    where: folder,
    what: `The folder holds no model: it has no ${PRM_FILE}`,
    remedy: 'Give the folder of a trained model, or the run folder that `prm train` wrote.',
  });
}

/**
 * Reads a model folder and checks it whole: weights against their sha256, every tensor's shape against the
 * decoder's, the tokenizer against the embedding.
 * @throws PrmError that names the file and what to do
 */
export async function readModelFolder(folder: string): Promise<StoredPrmModel> {
  await checkIsFolder(folder);
  const { description, weights: proof } = await readPrmFile(folder);
  checkFamily(description.family, path.join(folder, PRM_FILE));
  const config = await readConfigFile(folder);
  const tokenizerFile = path.join(folder, TOKENIZER_FILE);
  const tokenizer = await readTokenizer(tokenizerFile, config);
  const weights = await readWeights(path.join(folder, WEIGHTS_FILE), config, proof);
  return { folder, config, weights, tokenizerFile, tokenizer, description, weightsSha256: proof.sha256 };
}

/**
 * Writes a model folder: into a temporary folder beside it, then renamed, so that nobody ever reads half a model.
 * An earlier model at that place is replaced; any other folder with something in it is left alone.
 * @throws PrmError where the place is taken or cannot be written
 */
export async function writeModelFolder(folder: string, model: PrmModel): Promise<void> {
  await checkMayReplace(folder);
  const temporary = `${folder}.${randomUUID()}.tmp`;
  try {
    await mkdir(temporary, { recursive: true });
    await writeFiles(temporary, model);
    await replaceFolder(folder, temporary);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error instanceof PrmError ? error : writeError(folder, error);
  }
}

async function writeFiles(folder: string, { config, weights, tokenizerFile, description }: PrmModel) {
  const tensors = new Map(
    parameterSpecs(config).map(({ name, dims }) => {
      const values = weights.get(name);
      if (values === undefined) throw new RangeError(`The model to be written has no parameter ${name}.`);
      return [name, float32Tensor(values, dims)] as const;
    }),
  );
  const { sha256, size } = await writeSafetensors(path.join(folder, WEIGHTS_FILE), tensors, { format: 'pt' });
  await copyFile(tokenizerFile, path.join(folder, TOKENIZER_FILE));
  await writeFile(path.join(folder, CONFIG_FILE), configJson(config));
  await writeFile(path.join(folder, PRM_FILE), prmJson(description, { sha256, bytes: size }));
}

/** A folder cannot be renamed over one with files in it, so the old one steps aside first. */
async function replaceFolder(folder: string, temporary: string): Promise<void> {
  if (!(await exists(folder))) {
    await rename(temporary, folder);
    return;
  }
  const aside = `${folder}.${randomUUID()}.old`;
  await rename(folder, aside);
  try {
    await rename(temporary, folder);
  } catch (error) {
    await rename(aside, folder);
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}

async function checkMayReplace(folder: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return;
    throw writeError(folder, error);
  }
  if (names.length === 0 || names.includes(PRM_FILE)) return;
  throw new PrmError({
    where: folder,
    what: 'The folder has other files in it, so no model is written there',
    remedy: 'Name another folder, or move those files away.',
  });
}

function checkFamily(name: string, file: string): void {
  try {
    familyOf(name);
  } catch (error) {
    if (!(error instanceof PrmError)) throw error;
    throw new PrmError({ what: error.what, where: file, remedy: 'Update PRM Workbench.', cause: error });
  }
}

async function readWeights(
  file: string,
  config: DecoderConfig,
  proof: WeightsProof,
): Promise<Map<string, Float32Array>> {
  const { size, sha256, tensors } = await readWeightsFile(file, proof);
  if (size !== proof.bytes || sha256 !== proof.sha256) {
    throw damagedModel(
      file,
      `The weights are not the ones that were written: sha256 differs from ${PRM_FILE}`,
    );
  }
  const weights = new Map<string, Float32Array>();
  for (const { name, dims } of parameterSpecs(config)) {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw damagedModel(file, `Tensor ${name} is missing`);
    if (tensor.type === 'I64' || tensor.dims.join() !== dims.join()) {
      throw damagedModel(
        file,
        `Tensor ${name} is ${tensor.type} of [${tensor.dims.join(', ')}], but ${CONFIG_FILE} asks for [${dims.join(', ')}]`,
      );
    }
    weights.set(name, toFloat32(tensor));
  }
  return weights;
}

/** The size is compared first: it says more about a cut file than a checksum does, before anything is read. */
async function readWeightsFile(file: string, { bytes }: WeightsProof) {
  const size = (await statOrUndefined(file))?.size;
  if (size === undefined) throw damagedModel(file, 'The model folder lacks this file');
  if (size !== bytes) {
    throw damagedModel(file, `The file has ${size} bytes, but ${PRM_FILE} says ${bytes}`);
  }
  return readSafetensors(file);
}

async function readTokenizer(file: string, config: DecoderConfig): Promise<Tokenizer> {
  if (!(await exists(file))) throw damagedModel(file, 'The model folder lacks this file');
  const tokenizer = loadTokenizer(file);
  if (tokenizer.vocabularySize > config.vocab_size) {
    throw damagedModel(
      file,
      `The tokenizer has ${tokenizer.vocabularySize} entries, but the model's embedding only ${config.vocab_size}`,
    );
  }
  return tokenizer;
}

async function checkIsFolder(folder: string): Promise<void> {
  const found = await statOrUndefined(folder);
  if (found?.isDirectory() === true) return;
  throw new PrmError({
    where: folder,
    what: found === undefined ? 'There is no such model folder' : 'This is a file, not a model folder',
    remedy: 'Give the folder of a trained model, or the run folder that `prm train` wrote.',
  });
}

async function statOrUndefined(place: string) {
  try {
    return await stat(place);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new PrmError({
      where: place,
      what: `It could not be read (${code ?? String(error)})`,
      remedy: 'Check the path and the permissions.',
      cause: error,
    });
  }
}

async function exists(place: string): Promise<boolean> {
  return (await statOrUndefined(place)) !== undefined;
}

function damagedModel(file: string, what: string): PrmError {
  return new PrmError({
    where: file,
    what,
    remedy: 'Copy the whole model folder again, or train it again.',
  });
}

function writeError(folder: string, error: unknown): unknown {
  const code = systemErrorCode(error);
  if (code === undefined) return error;
  return new PrmError({
    where: folder,
    what: code === 'ENOSPC' ? 'The disk is full' : `The model could not be written (${code})`,
    remedy: code === 'ENOSPC' ? 'Free some space and run it again.' : 'Check the path and its permissions.',
    cause: error,
  });
}
