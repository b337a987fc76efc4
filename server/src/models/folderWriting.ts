// Writes a folder as a whole: into a temporary folder beside it, then renamed, so that nobody ever reads half of one.
import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { PrmError, systemErrorCode } from '../support/errors.ts';
import { makeFolder } from '../support/makeFolder.ts';

interface FolderChoice {
  /** Whether a folder with these files in it may be replaced. */
  mayReplace: (names: readonly string[]) => boolean;
  /** What to do where it may not. */
  remedy: string;
}

/**
 * Makes a folder. An earlier one at that place is replaced where that is allowed; any other one with something in it is left
 * alone. Where it fails, or is cancelled, nothing is left behind.
 * @param fill writes the files into the folder that it is given
 * @throws PrmError where the place is taken or cannot be written
 */
export async function writeFolder<T>(
  folder: string,
  choice: FolderChoice,
  fill: (temporary: string) => Promise<T>,
): Promise<T> {
  await checkMayReplace(folder, choice);
  const temporary = `${folder}.${randomUUID()}.tmp`;
  try {
    await makeFolder(temporary);
    const result = await fill(temporary);
    await replaceFolder(folder, temporary);
    return result;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error instanceof PrmError && error.where?.startsWith(temporary) !== true
      ? error
      : writeError(folder, error);
  }
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

async function checkMayReplace(folder: string, { mayReplace, remedy }: FolderChoice): Promise<void> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return;
    throw writeError(folder, error);
  }
  if (names.length === 0 || mayReplace(names)) return;
  throw new PrmError({
    where: folder,
    what: 'The folder has other files in it, so no model is written there',
    remedy,
  });
}

/** What a file or folder is; undefined where there is none. @throws PrmError where that cannot be told */
export async function statOrUndefined(place: string) {
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

export async function exists(place: string): Promise<boolean> {
  return (await statOrUndefined(place)) !== undefined;
}

/** The temporary folder is nobody's business: errors name the one that was asked for. */
function writeError(folder: string, error: unknown): unknown {
  if (error instanceof PrmError) {
    const { what, remedy } = error;
    return new PrmError({ where: folder, what, ...(remedy !== undefined && { remedy }), cause: error });
  }
  const code = systemErrorCode(error);
  if (code === undefined) return error;
  return new PrmError({
    where: folder,
    what: code === 'ENOSPC' ? 'The disk is full' : `The model could not be written (${code})`,
    remedy: code === 'ENOSPC' ? 'Free some space and run it again.' : 'Check the path and its permissions.',
    cause: error,
  });
}
