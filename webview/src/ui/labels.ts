// How the pages show a step's label: a sign and a word, so that it never hangs on colour.
import type { StepLabel } from '../../../protocol/src/datasets.ts';

/** One character for each, different in shape. */
export const LABEL_SIGNS: Readonly<Record<StepLabel, string>> = {
  correct: '✓',
  incorrect: '✗',
  neutral: '○',
  unlabelled: '–',
};
