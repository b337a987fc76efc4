// Evaluation during training: metrics over a split, with the weights as they are.
import { stepMetrics, type ScoredStep } from '../evaluation/metrics.ts';
import type { EvaluationMetrics } from '../../../protocol/src/runs.ts';
import { tokenBatch, type PlannedBatch } from './batches.ts';
import type { TrainingPath } from './data.ts';
import type { TokenBatch } from './tokenBatch.ts';
import type { TrainingEngine } from './trainingEngine.ts';

/** Metrics over the labelled steps of the planned batches; undefined where the signal broke it off, or none is labelled. */
export async function evaluatePaths(
  engine: TrainingEngine,
  paths: readonly TrainingPath[],
  plan: readonly PlannedBatch[],
  signal: AbortSignal | undefined,
): Promise<EvaluationMetrics | undefined> {
  const scored: ScoredStep[] = [];
  for (const planned of plan) {
    // A session's run blocks the thread: let timers and signals have their turn.
    await new Promise(setImmediate);
    if (signal?.aborted) return undefined;
    const batch = tokenBatch(planned, paths);
    const { logits } = await engine.forward(batch);
    scored.push(...scoredSteps(batch, logits));
  }
  return stepMetrics(scored);
}

/** What the model says about each labelled step of a batch. @param logits [batch * length, 2] */
export function scoredSteps(batch: TokenBatch, logits: Float32Array): ScoredStep[] {
  const scored: ScoredStep[] = [];
  batch.weights.forEach((weight, position) => {
    if (weight === 0) return;
    scored.push({
      correct: batch.targets[position] >= 0.5,
      logOdds: (logits[2 * position + 1] ?? NaN) - (logits[2 * position] ?? NaN),
    });
  });
  return scored;
}
