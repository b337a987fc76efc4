// Evaluation during training: what the model says about each labelled step of planned batches, with the weights as they are.
import type { ScoredStep } from '../evaluation/metrics.ts';
import { tokenBatch, type PlannedBatch } from './batches.ts';
import type { TrainingPath } from './data.ts';
import type { TrainingEngine } from './trainingEngine.ts';

/** A labelled step of a path, with its score. */
export interface ScoredPathStep extends ScoredStep {
  path: TrainingPath;
  /** 0-based place in the path. */
  step: number;
}

/** Every labelled step of the planned batches; undefined where the signal broke it off. */
export async function scorePlanned(
  engine: Pick<TrainingEngine, 'forward'>,
  paths: readonly TrainingPath[],
  plan: readonly PlannedBatch[],
  signal: AbortSignal | undefined,
): Promise<ScoredPathStep[] | undefined> {
  const scored: ScoredPathStep[] = [];
  for (const planned of plan) {
    // A session's run blocks the thread: let timers and signals have their turn.
    await new Promise(setImmediate);
    if (signal?.aborted) return undefined;
    const { logits } = await engine.forward(tokenBatch(planned, paths));
    for (const step of scoredSteps(planned, paths, logits)) scored.push(step);
  }
  return scored;
}

/** What the model says about each labelled step of a batch. @param logits [rows * length, 2] */
export function scoredSteps(
  { bucket, members }: PlannedBatch,
  paths: readonly TrainingPath[],
  logits: Float32Array,
): ScoredPathStep[] {
  return members.flatMap((member, row) => {
    const path = paths[member];
    if (path === undefined) throw new RangeError(`There is no path ${member}.`);
    return [...path.scorePositions].flatMap((position, step) => {
      if (path.weights[step] === 0) return [];
      const place = 2 * (row * bucket.length + position);
      const logOdds = (logits[place + 1] ?? NaN) - (logits[place] ?? NaN);
      return [{ path, step, correct: path.labels[step] === 1, logOdds }];
    });
  });
}
