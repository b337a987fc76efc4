// How labels and scores are written in hints and hovers.
import type { Label, Step } from '../datasets/trace.ts';
import { firstDoubtfulStep } from '../scoring/aggregate.ts';
import type { ScoredText, StepScore, StepView } from './scoredText.ts';

export const HOLDS = '✓';
export const FAILS = '✗';
/** Behind the first wrong step, by label or by score. */
const FIRST = '◀';

const LABEL_MARKS: Readonly<Record<Label, string>> = {
  correct: HOLDS,
  incorrect: FAILS,
  neutral: '~',
  unlabelled: '',
};

/** `✓`, `✗ ◀`, `~`, `✓ soft 0.75`; empty for a step without a label. Short: an editor cuts long hints. */
export function labelMark({ label, soft }: Step, isFirstError: boolean): string {
  const parts = [LABEL_MARKS[label], soft === undefined ? '' : `soft ${decimals(soft, 2)}`];
  if (isFirstError) parts.push(FIRST);
  return parts.filter((part) => part !== '').join(' ');
}

/** `correct`, `correct (soft label 0.75)`. */
export function describeLabel({ label, soft }: Step): string {
  return soft === undefined ? label : `${label} (soft label ${decimals(soft, 4)})`;
}

/** Whether the model and the dataset say opposite things; a stale score says nothing. */
export function contradicts(
  scored: ScoredText,
  { score }: StepView,
  label: Label,
  ownThreshold: number | null,
): boolean {
  if (score === undefined || score.stale || (label !== 'correct' && label !== 'incorrect')) return false;
  return judge(scored, score, ownThreshold).label !== label;
}

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
