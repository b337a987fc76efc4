// A trace: a problem and its steps, in order, each with a label. What every layout is converted to.

import type { StepLabel } from '../../../protocol/src/datasets.ts';

/** A type of its own, never a bare boolean or -100: -100 (ignore) cast to boolean reads "correct". */
export type Label = StepLabel;

export interface Step {
  text: string;
  label: Label;
  /** Where the dataset gives a share or probability instead of a verdict: 0 to 1. */
  soft?: number;
}

export interface Trace {
  /** Clean text, chat wrapper removed. */
  problem: string;
  steps: Step[];
  /**
   * 0-based step at which an alternative leaves the paths before it: the row's main path, or in a tree also an earlier
   * alternative. The steps before it belong to those paths, and are unlabelled here.
   */
  alternativeAt?: number;
}

/** One formatted step: a line of `prm_train.jsonl` and `prm_val.jsonl` (the contract of `prm format`). */
export interface Example {
  problem: string;
  step: string;
  previous_steps: string[];
  /** Up to and including this step. */
  reasoning_path: string[];
  label: 0 | 1;
  /** The share or probability that the dataset gives for the step, 0 to 1, where it gives one; tables have null elsewhere. */
  soft?: number | null;
  /** 0-based. */
  step_index: number;
  /** Steps of this path. */
  total_steps: number;
}
