// What `prm format` does where nothing is said. A file of its own, so that nobody loads a reader to know it.
import type { LayoutOptions } from './layouts/layout.ts';

/** The reading of `completions` has no default: a vote of the whole file decides. */
export const POLICY_DEFAULTS: Readonly<Omit<LayoutOptions, 'completions'>> = {
  emptySteps: 'keep',
  neutral: 'neutral',
  afterError: 'as-given',
  alternatives: true,
  qualityControl: true,
};

/** Defaults of `prm format`. */
export const FORMAT_DEFAULTS = {
  dataset: 'ebony59/gsm8k-gen-stepwise',
  outputDir: 'data/prm_formatted',
  valRatio: 0.1,
  seed: 42,
  balance: true,
  ...POLICY_DEFAULTS,
} as const;
