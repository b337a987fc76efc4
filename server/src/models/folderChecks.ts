// What every model folder must hold: its files, and the weights that were written.
import path from 'node:path';
import { PrmError } from '../support/errors.ts';
import { familyOf } from './families/index.ts';
import { TRL_SEPARATOR } from './families/trl.ts';
import { statOrUndefined } from './folderWriting.ts';
import { PRM_FILE, type ModelDescription, type WeightsProof } from './modelFiles.ts';
import { hashOf } from './shards.ts';

/** @throws PrmError where the file is not there */
export async function checkIsThere(file: string): Promise<void> {
  if ((await statOrUndefined(file)) === undefined) {
    throw damagedModel(file, 'The model folder lacks this file');
  }
}

/** @throws PrmError where it is something else, or not there */
export async function checkIsFolder(folder: string): Promise<void> {
  const found = await statOrUndefined(folder);
  if (found?.isDirectory() === true) return;
  throw new PrmError({
    where: folder,
    what: found === undefined ? 'There is no such model folder' : 'This is a file, not a model folder',
    remedy: 'Give the folder of a trained model, or the run folder that `prm train` wrote.',
  });
}

/**
 * Compares weights with what prm.json says. Their size is compared first: it says more about a cut file than a checksum
 * does, before anything is read.
 * @param files all that hold weights, in order
 * @param proof undefined for models that were trained elsewhere
 * @param named the file that errors name
 * @returns sha256 of the files
 * @throws PrmError where they differ, or there are no files
 */
export async function checkProof(
  files: readonly string[],
  proof: WeightsProof | undefined,
  named: string,
): Promise<string> {
  if (files.length === 0) throw damagedModel(named, 'The model folder lacks this file');
  let bytes = 0;
  for (const file of files) bytes += (await statOrUndefined(file))?.size ?? 0;
  if (proof !== undefined && bytes !== proof.bytes) {
    throw damagedModel(
      named,
      files.length === 1
        ? `The file has ${bytes} bytes, but ${PRM_FILE} says ${proof.bytes}`
        : `The ${files.length} weights files have ${bytes} bytes, but ${PRM_FILE} says ${proof.bytes}`,
    );
  }
  const sha256 = await hashOf(files);
  if (proof !== undefined && sha256 !== proof.sha256) {
    throw damagedModel(
      named,
      `The weights are not the ones that were written: sha256 differs from ${PRM_FILE}`,
    );
  }
  return sha256;
}

/** @throws PrmError where this version has no such family */
export function checkFamily(name: string, file: string): void {
  try {
    familyOf(name);
  } catch (error) {
    if (!(error instanceof PrmError)) throw error;
    throw new PrmError({ what: error.what, where: file, remedy: 'Update PRM Workbench.', cause: error });
  }
}

/** What is assumed of a model without a prm.json: it was trained by TRL's PRMTrainer or in its way. */
export function trainedElsewhere(folder: string): ModelDescription {
  return {
    name: path.basename(path.resolve(folder)),
    family: 'trl',
    stepSeparator: TRL_SEPARATOR,
    threshold: 0.5,
    training: {},
    metrics: null,
  };
}

export function damagedModel(file: string, what: string): PrmError {
  return new PrmError({
    where: file,
    what,
    remedy: 'Copy the whole model folder again, or train it again.',
  });
}
