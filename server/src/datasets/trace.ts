// A trace: a problem and its steps, in order, each with a label. What every layout is converted to.

/** A type of its own, never a bare boolean or -100: -100 (ignore) cast to boolean reads "correct". */
export const LABELS = ['correct', 'incorrect', 'neutral', 'unlabelled'] as const;
export type Label = (typeof LABELS)[number];

export interface Step {
  text: string;
  label: Label;
}

export interface Trace {
  /** Clean text, chat wrapper removed. */
  problem: string;
  steps: Step[];
}

/** One formatted step: a line of `prm_train.jsonl` and `prm_val.jsonl` (the contract of `prm format`). */
export interface Example {
  problem: string;
  step: string;
  previous_steps: string[];
  /** Up to and including this step. */
  reasoning_path: string[];
  label: 0 | 1;
  /** 0-based. */
  step_index: number;
  /** Steps of this path. */
  total_steps: number;
}
