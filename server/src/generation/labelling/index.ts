// All ways of labelling, by name. A new one is one file, one line here and its name in the protocol.
import type { LabelMethodName } from '../../../../protocol/src/generation.ts';
import { arithmetic } from './arithmetic.ts';
import { consensus } from './consensus.ts';
import { judge } from './judge.ts';
import type { LabelMethod } from './labelMethod.ts';
import { outcome } from './outcome.ts';
import { rollouts } from './rollouts.ts';

export const LABEL_METHODS: Readonly<Record<LabelMethodName, LabelMethod>> = {
  outcome,
  arithmetic,
  rollouts,
  judge,
  consensus,
};
