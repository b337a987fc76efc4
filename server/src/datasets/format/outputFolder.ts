// The folder that `prm format` writes: never a mix of two runs, and never over somebody else's files.
import { link, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { PrmError, systemErrorCode } from '../../support/errors.ts';
import { HIDDEN, makeTemporaryFolder, mayBeAtWork, removeLeftovers } from '../temporaryFolder.ts';
import { makeFolder } from '../../support/makeFolder.ts';

export const TRAIN_FILE = 'prm_train.jsonl';
export const VALIDATION_FILE = 'prm_val.jsonl';
export const INFO_FILE = 'dataset_info.json';
const FILES = [TRAIN_FILE, VALIDATION_FILE, INFO_FILE];

/**
 * Is there while the files of an earlier run are replaced, and holds the name of the temporary folder that they come
 * from: one run at a time, and a folder that a killed run left is ours.
 */
const UNFINISHED = `${HIDDEN}unfinished`;

/** How long to wait for another run that replaces the files: three renames, milliseconds. */
const PATIENCE = 10_000;

/** `made_by` in dataset_info.json: how we know a folder of ours. */
export const MADE_BY = 'prm format';

export interface OutputFolder {
  /** Where the files are written until they are complete; on the same disk as the folder. */
  readonly temporary: string;
  /**
   * Puts the complete files in their place. A new folder appears with all three at once. In a folder that was there, the
   * old files go and the new ones come one after the other: a run that is killed in between leaves some of the three
   * files, never files of two runs, and dataset_info.json only beside the two files that it describes. Of two runs
   * that finish in one folder at the same moment, one waits for the other.
   */
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
    const place = exists ? folder : path.dirname(path.resolve(folder));
    await makeFolder(place);
    await removeLeftovers(place);
    const temporary = await makeTemporaryFolder(place);
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
  const names = await readdir(folder);
  const empty = names.every((name) => name.startsWith(HIDDEN));
  if (empty || overwrite || names.includes(UNFINISHED) || (await isOurs(folder))) return true;
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
  const unfinished = path.join(folder, UNFINISHED);
  const name = path.basename(temporary);
  atWork.add(name);
  try {
    await takeTurn(unfinished, temporary, folder);
    await replaceFiles(folder, temporary);
    await rm(unfinished);
  } finally {
    atWork.delete(name);
  }
  await rm(temporary, { recursive: true });
}

/** Names of the temporary folders whose files this process puts in place now, or waits to. */
const atWork = new Set<string>();

/** Puts up the file that says whose turn it is; that of a run that was killed is taken down first. */
async function takeTurn(unfinished: string, temporary: string, folder: string): Promise<void> {
  // A hard link appears with its whole content, or fails because the name is taken.
  const draft = path.join(temporary, 'turn');
  await writeFile(draft, path.basename(temporary));
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    try {
      await link(draft, unfinished);
      return;
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') throw error;
    }
    const holder = await readFile(unfinished, 'utf8').catch((error: unknown) => {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (holder === undefined) continue;
    if (!mayBeAtWork(holder, atWork.has(holder))) {
      await rm(unfinished, { force: true });
    } else if (performance.now() > deadline) {
      throw new PrmError({
        where: folder,
        what: 'another run is writing its files into the folder',
        remedy: `Run the command again when it is done. If none is running, delete ${UNFINISHED} there.`,
      });
    } else {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function replaceFiles(folder: string, temporary: string): Promise<void> {
  // The info file goes first and comes last: it says that the other two belong together. The old validation file goes
  // before the new training file comes, since they may share problems.
  for (const name of [INFO_FILE, VALIDATION_FILE]) await rm(path.join(folder, name), { force: true });
  for (const name of FILES) await rename(path.join(temporary, name), path.join(folder, name));
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
