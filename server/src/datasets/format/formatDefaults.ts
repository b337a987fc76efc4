// What `prm format` does where nothing is said. A file of its own, so that nobody loads a reader to know it.
import type { Policies, PolicyChoice } from './formatOptions.ts';

/** The reading of `completions` has no default: a vote of the whole file decides. */
export const POLICY_DEFAULTS: Readonly<Policies> = {
  emptySteps: 'keep',
  neutral: 'neutral',
  afterError: 'as-given',
  alternatives: true,
  qualityControl: true,
};

/** The policies with the defaults in place of those that were not chosen. */
export function completePolicies(chosen: PolicyChoice): Policies {
  return {
    emptySteps: chosen.emptySteps ?? POLICY_DEFAULTS.emptySteps,
    neutral: chosen.neutral ?? POLICY_DEFAULTS.neutral,
    afterError: chosen.afterError ?? POLICY_DEFAULTS.afterError,
    alternatives: chosen.alternatives ?? POLICY_DEFAULTS.alternatives,
    qualityControl: chosen.qualityControl ?? POLICY_DEFAULTS.qualityControl,
  };
}

/** Defaults of `prm format`. */
export const FORMAT_DEFAULTS = {
  dataset: 'ebony59/gsm8k-gen-stepwise',
  outputDir: 'data/prm_formatted',
  valRatio: 0.1,
  seed: 42,
  balance: true,
  ...POLICY_DEFAULTS,
} as const;
