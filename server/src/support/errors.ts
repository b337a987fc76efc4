// Errors that a person can act on: what happened, where, and what to do about it.

/** Parts of an error message. `where` names a file, a row or a setting; `remedy` is an instruction. */
export interface PrmErrorParts {
  /** What happened, one sentence without a full stop at its end. */
  what: string;
  /** File, row, field or address that it happened at. */
  where?: string;
  /** What the person can do now, one sentence. */
  remedy?: string;
  cause?: unknown;
}

/** An expected failure: shown to people as it is, never with a stack trace. */
export class PrmError extends Error {
  readonly what: string;
  readonly where: string | undefined;
  readonly remedy: string | undefined;

  constructor({ what, where, remedy, cause }: PrmErrorParts) {
    super(
      `${where === undefined ? '' : `${where}: `}${what}.${remedy === undefined ? '' : ` ${remedy}`}`,
      cause === undefined ? undefined : { cause },
    );
    this.name = 'PrmError';
    this.what = what;
    this.where = where;
    this.remedy = remedy;
  }
}

/** The person stopped the work. Not a failure: commands end with status 130 and say what was kept. */
export class CancelledError extends Error {
  constructor(message = 'Cancelled.') {
    super(message);
    this.name = 'CancelledError';
  }
}

/** Throws a CancelledError when the signal has been aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CancelledError();
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The code of a Node system error (ENOENT, ENOSPC, …), or undefined. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
