// What is wrong with a cache folder that cannot be used, in words.
import { messageOf, PrmError, systemErrorCode } from '../../support/errors.ts';

/** Also what a limit of the system on the size of files says. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** A system error in words; anything else comes back as it is. */
export function cacheFailure(folder: string, error: unknown): unknown {
  const code = systemErrorCode(error);
  if (error instanceof PrmError || code === undefined) return error;
  if (error instanceof Error && error.name === 'AbortError') return error;
  const isFull = FULL.has(code);
  // Node's own messages begin with the code.
  const said = messageOf(error).replace(new RegExp(`^${code}: `), '');
  return new PrmError({
    where: folder,
    what: isFull ? `the disk is full (${code})` : `the cache cannot be used (${code}: ${said})`,
    remedy: isFull
      ? 'Free some space and run the command again: what was kept is not asked for again.'
      : 'Check the folder and its permissions, or choose another one with PRM_CACHE or --cache_dir.',
    cause: error,
  });
}
