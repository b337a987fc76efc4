// Evaluates a model over whole traces: step metrics, from the scores that a scorer gives.
import type { EvaluationMetrics } from '../../../protocol/src/runs.ts';
import type { Trace } from '../datasets/trace.ts';
import type { ReasoningPath } from '../models/families/family.ts';
import { throwIfCancelled } from '../support/errors.ts';
import { logOddsOf, stepMetrics, type ScoredStep } from './metrics.ts';

/** What the scoring of many paths is called where its progress is shown. */
export const SCORING = 'Scoring';

/** Scores of a path's steps, each the probability that the step is correct; as many as steps. */
export type PathScorer = (path: ReasoningPath) => Promise<readonly number[]>;

export interface EvaluationHooks {
  signal?: AbortSignal | undefined;
  onProgress?: (progress: { done: number; total: number }) => void;
}

/**
 * Scores every path and hands each one's scores on, the short paths first: a scorer keeps few sessions, one for each
 * length, so paths of one length should follow each other.
 */
export async function scorePaths<T extends ReasoningPath>(
  paths: readonly T[],
  score: PathScorer,
  { signal, onProgress }: EvaluationHooks,
  take: (path: T, scores: readonly number[]) => void,
): Promise<void> {
  const size = ({ problem, steps }: T): number =>
    steps.reduce((sum, step) => sum + step.length, problem.length);
  let done = 0;
  for (const path of paths.toSorted((a, b) => size(a) - size(b))) {
    throwIfCancelled(signal);
    const scores = await score(path);
    if (scores.length !== path.steps.length) {
      throw new RangeError(`${path.steps.length} steps were given ${scores.length} scores.`);
    }
    take(path, scores);
    onProgress?.({ done: ++done, total: paths.length });
  }
}

/**
 * Step metrics over the labelled steps of traces; undefined where there is none.
 * @param threshold score below which a step counts as incorrect
 */
export async function evaluateTraces(
  traces: readonly Trace[],
  score: PathScorer,
  { threshold, ...hooks }: { threshold: number } & EvaluationHooks,
): Promise<EvaluationMetrics | undefined> {
  const paths = traces.map(({ problem, steps }) => ({
    problem,
    steps: steps.map((step) => step.text),
    labels: steps.map((step) => step.label),
  }));
  const scored: ScoredStep[] = [];
  await scorePaths(paths, score, hooks, ({ labels }, scores) => {
    labels.forEach((label, index) => {
      if (label !== 'correct' && label !== 'incorrect') return;
      scored.push({ correct: label === 'correct', logOdds: logOddsOf(scores[index] ?? NaN) });
    });
  });
  return stepMetrics(scored, threshold);
}
