// One process a run folder.
import { PrmError } from '../support/errors.ts';
import { tryLockFile, type HeldLock } from '../support/lock.ts';
import { writeFailure } from './files.ts';

/** The lock's name in a run folder. */
export const LOCK_FILE = 'run.lock';

/**
 * Takes the lock of a run folder; that of a process that is gone is taken over.
 * @returns releases the lock
 * @throws PrmError where another process holds it
 */
export async function lockFile(file: string): Promise<() => Promise<void>> {
  let lock: (() => Promise<void>) | HeldLock;
  try {
    lock = await tryLockFile(file);
  } catch (error) {
    throw writeFailure(file, error);
  }
  if (typeof lock === 'function') return lock;
  const { pid, host } = lock.holder;
  throw new PrmError({
    where: lock.file,
    what: `This run folder is in use by process ${pid} on ${host}`,
    remedy: `Stop that run first, or choose another --output_dir. If it no longer runs, delete this file.`,
  });
}
