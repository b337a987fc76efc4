// The options of `prm format`, from a terminal or the editor, and what they must be.
import type { LayoutName } from '../../../../protocol/src/datasets.ts';
import { PrmError } from '../../support/errors.ts';
import type { LayoutOptions, Reading } from '../layouts/layout.ts';

/** As for `prm train`: seeds are 32 bits wide. */
const MAX_SEED = 0xffffffff;

/** What becomes of rows and steps, whatever their layout. */
export type Policies = Omit<LayoutOptions, 'completions'>;

/** Those that are missing or undefined are as `POLICY_DEFAULTS` says. */
export type PolicyChoice = { [Name in keyof Policies]?: Policies[Name] | undefined };

/** One of the datasets that are formatted together. */
export interface InputChoice {
  /** Path of a dataset file, or a dataset of the Hugging Face Hub as `owner/name[@revision][:config/split]`. */
  dataset: string;
  /** Recognised from the data where missing or `auto`. */
  layout?: 'auto' | LayoutName | undefined;
  /** Share of the examples beside the other inputs' weights: above 0, in no unit. All inputs have one, or none. */
  weight?: number | undefined;
  /** Rows to take, sampled by the seed; all where missing. */
  count?: number | undefined;
}

export interface FormatOptions extends PolicyChoice {
  /** At least one. */
  inputs: readonly InputChoice[];
  outputDir: string;
  /** Source rows to read of each input, from the first on; all where undefined. */
  maxExamples?: number | undefined;
  /** Down-sample the larger class to the size of the smaller one, on each side. */
  balance: boolean;
  /** Share of problems for validation, from 0 to below 1. */
  valRatio: number;
  /** Whole number from 0 to 2^32 - 1; the same seed, files and options give the same bytes. */
  seed: number;
  /** What TRL's `completions` are. */
  completions: 'auto' | Reading;
  /** Write the examples in random order; where missing, only those of several inputs. */
  shuffle?: boolean | undefined;
  /** Write where each example came from as a field `source`. */
  provenance?: boolean | undefined;
  /** Write into a folder that another program made. */
  overwrite: boolean;
}

/** @throws PrmError where an option cannot be followed */
export function checkOptions({ inputs, valRatio, seed, maxExamples }: FormatOptions): void {
  if (!(valRatio >= 0 && valRatio < 1)) {
    const remedy = 'Give the share of problems to hold out, such as 0.1.';
    throw new PrmError({ where: '--val_ratio', what: `${valRatio} is not from 0 to below 1`, remedy });
  }
  if (!(Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED)) {
    throw new PrmError({
      what: `--seed must be a whole number from 0 to ${MAX_SEED}, not ${seed}`,
      remedy: 'Give one, such as 42.',
    });
  }
  if (maxExamples !== undefined && !(Number.isInteger(maxExamples) && maxExamples > 0)) {
    const remedy = 'Give the number of source rows to read.';
    throw new PrmError({ where: '--max_examples', what: `${maxExamples} is no integer above 0`, remedy });
  }
  checkInputs(inputs);
}

function checkInputs(inputs: readonly InputChoice[]): void {
  if (inputs.length === 0) {
    throw new PrmError({ what: 'no dataset is named', remedy: 'Give one with --dataset.' });
  }
  const seen = new Set<string>();
  for (const { dataset, weight, count } of inputs) {
    if (seen.has(dataset)) {
      const remedy = 'Name each dataset once; --weight or --count say how much of it is taken.';
      throw new PrmError({ where: dataset, what: 'the dataset is named twice', remedy });
    }
    seen.add(dataset);
    if (weight !== undefined && !(Number.isFinite(weight) && weight > 0)) {
      const remedy = 'Give each dataset its part of the examples, such as 2 beside 1.';
      throw new PrmError({ where: '--weight', what: `${weight} is no number above 0`, remedy });
    }
    if (count !== undefined && !(Number.isInteger(count) && count > 0)) {
      const remedy = 'Give the number of rows to take.';
      throw new PrmError({ where: '--count', what: `${count} is no integer above 0`, remedy });
    }
  }
  const weighted = inputs.filter(({ weight }) => weight !== undefined).length;
  if (weighted > 0 && inputs.some(({ count }) => count !== undefined)) {
    const remedy = 'Give either.';
    throw new PrmError({ what: '--weight and --count cannot be mixed', remedy });
  }
  if (weighted > 0 && weighted < inputs.length) {
    const remedy = 'Give each dataset a weight, or none.';
    throw new PrmError({ where: '--weight', what: 'not every dataset has one', remedy });
  }
}
