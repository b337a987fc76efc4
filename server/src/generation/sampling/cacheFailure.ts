// What is wrong with a cache folder that cannot be used, in words.
import { messageOf, PrmError, systemErrorCode } from '../../support/errors.ts';

/** Also what a limit of the system on the size of files says. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** The system's code of an error; cacache puts EEXIST over whatever it was that kept a file from its place. */
export function cacheErrorCode(error: unknown): string | undefined {
  const code = systemErrorCode(error);
  return code === 'EEXIST' ? (/^(E[A-Z0-9]+): /.exec(messageOf(error))?.[1] ?? code) : code;
}

/** A system error in words; anything else comes back as it is. */
export function cacheFailure(folder: string, error: unknown): unknown {
  const code = cacheErrorCode(error);
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
