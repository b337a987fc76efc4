// The model's scores beside the labels of the data.
import type { RowScores, StepLabel, TraceStepView } from '../../../../protocol/src/datasets.ts';

/** What a score says about its step. */
export function judged(score: number, threshold: number): 'correct' | 'incorrect' {
  return score < threshold ? 'incorrect' : 'correct';
}

/** Whether the model contradicts the label; neutral and unlabelled steps contradict nothing. */
export function disagrees(label: StepLabel, score: number, threshold: number): boolean {
  return (label === 'correct' || label === 'incorrect') && judged(score, threshold) !== label;
}

export interface Agreement {
  /** Of the steps that are shown: with a score, and labelled correct or incorrect. */
  compared: number;
  agreed: number;
  /** Step numbers, 1-based, in order. */
  disagreeing: number[];
}

export function agreement(steps: readonly TraceStepView[], { scores, threshold }: RowScores): Agreement {
  const result: Agreement = { compared: 0, agreed: 0, disagreeing: [] };
  for (const { number, label } of steps) {
    const score = scores[number - 1];
    if (score === undefined || score === null || label === 'neutral' || label === 'unlabelled') continue;
    result.compared++;
    if (disagrees(label, score, threshold)) result.disagreeing.push(number);
    else result.agreed++;
  }
  return result;
}
