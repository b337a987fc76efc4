// The folder that `prm format` writes: complete or not there at all, and never over somebody else's files.
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { PrmError, systemErrorCode } from '../support/errors.ts';

export const TRAIN_FILE = 'prm_train.jsonl';
export const VALIDATION_FILE = 'prm_val.jsonl';
export const INFO_FILE = 'dataset_info.json';
const FILES = [TRAIN_FILE, VALIDATION_FILE, INFO_FILE];

const TEMPORARY = '.prm-format-';

/** `made_by` in dataset_info.json: how we know a folder of ours. */
export const MADE_BY = 'prm format';

export interface OutputFolder {
  /** Where the files are written until they are complete; on the same disk as the folder. */
  readonly temporary: string;
  /** Puts the complete files in their place. */
  commit(): Promise<void>;
  /** Removes what was written. */
  discard(): Promise<void>;
}

/**
 * @param folder may be missing, empty, or made by an earlier `prm format`, which is then replaced
 * @param overwrite allows a folder with other contents; only our three files are replaced there, nothing is removed
 * @throws PrmError where the folder holds something else, is a file, or may not be written
 */
export async function prepareOutput(folder: string, overwrite: boolean): Promise<OutputFolder> {
  try {
    const exists = await checkFolder(folder, overwrite);
    const parent = path.dirname(path.resolve(folder));
    await mkdir(exists ? folder : parent, { recursive: true });
    // Not mkdtemp: its folders are closed to other users, and this one becomes the output folder.
    const temporary = path.join(exists ? folder : parent, `${TEMPORARY}${randomBytes(6).toString('hex')}`);
    await mkdir(temporary);
    return {
      temporary,
      commit: async () => {
        await moveInto(folder, temporary, exists).catch((error: unknown) => {
          throw explainOutputError(error, folder);
        });
      },
      discard: () => rm(temporary, { recursive: true, force: true }),
    };
  } catch (error) {
    throw explainOutputError(error, folder);
  }
}

/** @returns whether the folder is there */
async function checkFolder(folder: string, overwrite: boolean): Promise<boolean> {
  const stats = await stat(folder).catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (stats === undefined) return false;
  if (!stats.isDirectory()) {
    throw new PrmError({
      where: folder,
      what: 'the output folder cannot be made, a file of that name is there',
      remedy: 'Give another --output_dir.',
    });
  }
  const names = (await readdir(folder)).filter((name) => !name.startsWith(TEMPORARY));
  if (names.length === 0 || overwrite || (await isOurs(folder))) return true;
  throw new PrmError({
    where: folder,
    what: 'the output folder exists and was not made by prm format',
    remedy: `Give another --output_dir, or --overwrite to replace ${FILES.join(', ')} in it.`,
  });
}

async function isOurs(folder: string): Promise<boolean> {
  try {
    const info: unknown = JSON.parse(await readFile(path.join(folder, INFO_FILE), 'utf8'));
    return z.object({ made_by: z.literal(MADE_BY) }).safeParse(info).success;
  } catch (error) {
    // No such file, or not JSON: not ours. Anything else (no permission) has to be told.
    if (systemErrorCode(error) === 'ENOENT' || error instanceof SyntaxError) return false;
    throw error;
  }
}

async function moveInto(folder: string, temporary: string, exists: boolean): Promise<void> {
  if (!exists) {
    await rename(temporary, folder);
    return;
  }
  // The info file comes last: it says that the other two belong together.
  for (const name of FILES) await rename(path.join(temporary, name), path.join(folder, name));
  await rm(temporary, { recursive: true });
}

const EXPLANATIONS: Readonly<Record<string, { what: string; remedy: string }>> = {
  ENOSPC: {
    what: 'the disk is full',
    remedy: 'Free some space or give another --output_dir. Nothing was left behind.',
  },
  EDQUOT: { what: 'the disk quota is used up', remedy: 'Free some space or give another --output_dir.' },
  EACCES: {
    what: 'the folder may not be written',
    remedy: 'Change its permissions or give another --output_dir.',
  },
  EPERM: {
    what: 'the folder may not be written',
    remedy: 'Change its permissions or give another --output_dir.',
  },
  EROFS: { what: 'the disk is read-only', remedy: 'Give another --output_dir.' },
  ENOTDIR: { what: 'a part of the path is a file, not a folder', remedy: 'Give another --output_dir.' },
  EEXIST: { what: 'a part of the path is a file, not a folder', remedy: 'Give another --output_dir.' },
  ENOTEMPTY: { what: 'another run made the folder meanwhile', remedy: 'Run the command again.' },
};

/** A system error while writing, in words; anything else comes back as it is. */
export function explainOutputError(error: unknown, folder: string): unknown {
  const explanation = EXPLANATIONS[systemErrorCode(error) ?? ''];
  return explanation === undefined ? error : new PrmError({ where: folder, ...explanation, cause: error });
}
