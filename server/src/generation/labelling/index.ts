// All ways of labelling, by name. A new one is one file and one line here.
import { arithmetic } from './arithmetic.ts';
import { consensus } from './consensus.ts';
import { judge } from './judge.ts';
import type { LabelMethod } from './labelMethod.ts';
import { outcome } from './outcome.ts';
import { rollouts } from './rollouts.ts';

export const LABEL_METHODS = [
  outcome,
  arithmetic,
  rollouts,
  judge,
  consensus,
] as const satisfies readonly LabelMethod[];

export const LABEL_METHOD_NAMES = LABEL_METHODS.map(({ name }) => name);
