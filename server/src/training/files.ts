// Small helpers for the files and folders of a run.
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { PrmError, systemErrorCode } from '../support/errors.ts';

/** A failed write as an error for people; anything that is no system error comes back as it is. */
export function writeFailure(path: string, error: unknown): unknown {
  const code = systemErrorCode(error);
  if (error instanceof PrmError || code === undefined) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new PrmError({
      where: path,
      what: 'The disk is full',
      remedy: 'Free some space, then go on with --resume.',
      cause: error,
    });
  }
  return new PrmError({
    where: path,
    what: `The file could not be written (${code})`,
    remedy: 'Check the path and the permissions.',
    cause: error,
  });
}

/** Writes JSON under a temporary name and renames it into place. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, `${JSON.stringify(value, null, 2)}\n`, { flush: true });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeFailure(file, error);
  }
}

/** Start of the names of folders that are still being filled. A kill may leave one; the next start removes it. */
export const UNFINISHED = '.unfinished-';

/**
 * Fills a folder under a temporary name beside its place, then puts it there in one rename. What was there before
 * goes only when the new one is whole.
 */
export async function writeFolder(
  place: { parent: string; name: string },
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  const temporary = `${place.parent}/${UNFINISHED}${place.name}-${randomUUID()}`;
  const target = `${place.parent}/${place.name}`;
  try {
    await mkdir(temporary);
    await fill(temporary);
    await rm(target, { recursive: true, force: true });
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw writeFailure(target, error);
  }
}
