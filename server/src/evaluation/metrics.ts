// Step metrics: how well scores tell correct steps from incorrect ones, beside the majority-class baseline.
import type { EvaluationMetrics } from '../../../protocol/src/runs.ts';

/** A labelled step with what a model said about it. */
export interface ScoredStep {
  correct: boolean;
  /** Log odds that the step is correct: logit of class 1 minus logit of class 0. Infinite odds are allowed. */
  logOdds: number;
}

/** Log odds of a probability; 0 and 1 give -Infinity and Infinity. */
export function logOddsOf(probability: number): number {
  return Math.log(probability) - Math.log1p(-probability);
}

/**
 * Metrics over labelled steps; undefined where there is none. Rates that need a class which is absent are null.
 *
 * @param threshold score below which a step counts as incorrect, inside (0, 1)
 */
export function stepMetrics(scored: readonly ScoredStep[], threshold = 0.5): EvaluationMetrics | undefined {
  if (scored.length === 0) return undefined;
  const limit = logOddsOf(threshold);
  let lossSum = 0;
  /** Steps by label, then by verdict. */
  const counts = { correct: { correct: 0, incorrect: 0 }, incorrect: { correct: 0, incorrect: 0 } };
  for (const step of scored) {
    lossSum += crossEntropy(step);
    counts[step.correct ? 'correct' : 'incorrect'][step.logOdds >= limit ? 'correct' : 'incorrect']++;
  }
  const correct = counts.correct.correct + counts.correct.incorrect;
  const incorrect = scored.length - correct;
  const errors = counts.correct.incorrect + counts.incorrect.correct;
  return {
    steps: scored.length,
    incorrect,
    loss: lossSum / scored.length,
    accuracy: (scored.length - errors) / scored.length,
    balancedAccuracy:
      correct === 0 || incorrect === 0
        ? null
        : (counts.correct.correct / correct + counts.incorrect.incorrect / incorrect) / 2,
    f1Incorrect:
      incorrect === 0 ? null : (2 * counts.incorrect.incorrect) / (2 * counts.incorrect.incorrect + errors),
    auroc: areaUnderRoc(scored),
    majorityAccuracy: Math.max(correct, incorrect) / scored.length,
  };
}

/** -log p(label) in nats: softplus of the log odds against the label, without overflow. */
export function crossEntropy({ correct, logOdds }: ScoredStep): number {
  const against = correct ? -logOdds : logOdds;
  return Math.max(against, 0) + Math.log1p(Math.exp(-Math.abs(against)));
}

/**
 * Probability that a correct step scores above an incorrect one, ties counted half: the Mann-Whitney U statistic
 * over average ranks, divided by its maximum (Hanley and McNeil, 1982). Null where a class is absent.
 */
function areaUnderRoc(scored: readonly ScoredStep[]): number | null {
  const sorted = scored.toSorted((a, b) => (a.logOdds < b.logOdds ? -1 : a.logOdds > b.logOdds ? 1 : 0));
  let correct = 0;
  let rankSum = 0;
  for (let start = 0; start < sorted.length;) {
    const tied = sorted[start]?.logOdds;
    let end = start;
    let correctHere = 0;
    for (; end < sorted.length && sorted[end]?.logOdds === tied; end++)
      if (sorted[end]?.correct) correctHere++;
    // Ranks start + 1 to end, all counted as their mean.
    rankSum += (correctHere * (start + 1 + end)) / 2;
    correct += correctHere;
    start = end;
  }
  const incorrect = sorted.length - correct;
  if (correct === 0 || incorrect === 0) return null;
  return (rankSum - (correct * (correct + 1)) / 2) / (correct * incorrect);
}
