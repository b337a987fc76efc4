// How a run fails that has begun: what is kept, and how to go on.
import { PrmError, systemErrorCode } from '../support/errors.ts';
import { OutOfMemoryError } from '../models/memoryError.ts';
import { checkpointSteps } from './checkpoints.ts';
import { BEST_MODEL, hasEntry } from './runFolder.ts';

/** A loss, a gradient or a score that is no finite number: nothing can be learned from there on. */
export class DivergedError extends PrmError {
  constructor(
    /** The optimiser step that failed. */
    readonly step: number,
    what: string,
    cause?: unknown,
  ) {
    super({ what, remedy: 'Train again with a lower learning rate.', cause });
    this.name = 'DivergedError';
  }
}

/** A step that the device, or the runtime on it, could not do. */
export class FailedStepError extends PrmError {
  constructor(
    /** The optimiser step that failed. */
    readonly step: number,
    { what, remedy }: PrmError,
    cause: unknown,
  ) {
    super({ what: `Step ${step} failed: ${what}`, ...(remedy === undefined ? {} : { remedy }), cause });
    this.name = 'FailedStepError';
  }
}

/**
 * The failure of a run with what its folder still has, and how to go on. Errors that say all of it already come back as
 * they are.
 */
export async function withRemains(error: unknown, folder: string, resumeCommand: string): Promise<unknown> {
  const [isFull, isDiverged] = [isDiskFull(error), error instanceof DivergedError];
  const isStep = error instanceof FailedStepError || error instanceof OutOfMemoryError;
  if (!(error instanceof PrmError) || !(isFull || isDiverged || isStep)) return error;
  const last = (await checkpointSteps(folder)).at(-1);
  const kept = last === undefined ? 'No checkpoint was written yet.' : `checkpoint-${last} is kept.`;
  const failure = (what: string, remedy: string) =>
    new PrmError({ where: folder, what, remedy, cause: error });
  if (isFull) {
    const goOn = last === undefined ? 'start it again' : `go on with: ${resumeCommand}`;
    return failure('The disk is full', `${kept} Free some space, then ${goOn}`);
  }
  if (isDiverged) {
    const best = (await hasEntry(folder, BEST_MODEL))
      ? `, anew or with --init_from ${folder}/${BEST_MODEL}`
      : '';
    return failure(error.what, `${kept} Train again with a lower --learning_rate${best}.`);
  }
  const when = error instanceof OutOfMemoryError ? 'Where memory was short only for a while, go' : 'Go';
  const goOn = last === undefined ? '' : ` ${when} on with: ${resumeCommand}`;
  return failure(error.what, `${error.remedy ?? ''} ${kept}${goOn}`.trim());
}

/** Also where somebody has made an error for people of the system's. */
function isDiskFull(error: unknown): boolean {
  if (['ENOSPC', 'EDQUOT'].includes(systemErrorCode(error) ?? '')) return true;
  return error instanceof PrmError && error.cause !== undefined && isDiskFull(error.cause);
}
