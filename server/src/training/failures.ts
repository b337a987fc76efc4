// How a run fails that has begun: what is kept, and how to go on.
import { PrmError } from '../support/errors.ts';
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

/** Adds to the failure of a run what its folder still has. Other errors come back as they are. */
export async function withRemains(error: unknown, folder: string, resumeCommand: string): Promise<unknown> {
  if (!(error instanceof DivergedError || error instanceof OutOfMemoryError)) return error;
  const last = (await checkpointSteps(folder)).at(-1);
  const kept = last === undefined ? 'No checkpoint was written yet.' : `checkpoint-${last} is kept.`;
  const hasBest = await hasEntry(folder, BEST_MODEL);
  const remedy =
    error instanceof DivergedError
      ? `${kept} Train again with a lower --learning_rate${hasBest ? `, from the start or with --init_from ${folder}/${BEST_MODEL}` : ''}.`
      : `${error.remedy ?? ''} ${kept}${last === undefined ? '' : ` Where memory was short only for a while, go on with: ${resumeCommand}`}`.trim();
  return new PrmError({ where: folder, what: error.what, remedy, cause: error });
}
