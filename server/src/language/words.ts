// How scores are written in hints and hovers.
import { firstDoubtfulStep } from '../scoring/aggregate.ts';
import type { ScoredText, StepScore } from './scoredText.ts';

export const HOLDS = '✓';
export const FAILS = '✗';

/** How a step's score is judged. */
export interface Judgement {
  mark: typeof HOLDS | typeof FAILS;
  label: 'correct' | 'incorrect';
  threshold: number;
  /** The first step below the threshold, by the scores as they were given. */
  isFirstDoubtful: boolean;
}

/** @param ownThreshold the setting's; null: the model's counts */
export function judge(scored: ScoredText, score: StepScore, ownThreshold: number | null): Judgement {
  const threshold = ownThreshold ?? scored.model.threshold;
  const isIncorrect = score.value < threshold;
  return {
    mark: isIncorrect ? FAILS : HOLDS,
    label: isIncorrect ? 'incorrect' : 'correct',
    threshold,
    isFirstDoubtful: firstDoubtfulStep(scored.scores, threshold) === score.index,
  };
}

/** Digits after the point; never rounded up to a certainty that the model does not claim. */
export function decimals(score: number, digits: number): string {
  const unit = 10 ** digits;
  const rounded = Math.round(score * unit) / unit;
  if (rounded >= 1 && score < 1) return (1 - 1 / unit).toFixed(digits);
  return rounded.toFixed(digits);
}
