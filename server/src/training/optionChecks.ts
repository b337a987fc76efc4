// Checks the options of a run against each other, fills in what depends on the model, and says what a resumed run may change.
import type { z } from 'zod';
import { PrmError } from '../support/errors.ts';
import {
  ruleOf,
  trainOptionsSchema,
  type CompleteTrainOptions,
  type OptionName,
  type TrainOptions,
} from './options.ts';
import { checkGiven, withMethodDefaults } from './optionRules.ts';

/**
 * Checks the options and fills in the defaults.
 * @param needsData false where a run is only planned
 * @throws PrmError naming the option, the value given and what it must be
 */
export function completeOptions(given: TrainOptions, { needsData = true } = {}): CompleteTrainOptions {
  const result = trainOptionsSchema.safeParse(given);
  if (!result.success) throw invalidOption(result.error, given);
  const options = result.data;
  if (options.resume && options.overwrite) {
    throw new PrmError({
      what: '--resume and --overwrite contradict each other',
      remedy: 'Use --resume to go on with a run, --overwrite to start it anew.',
    });
  }
  // A resumed run takes from its configuration what is not given.
  if (options.resume) return withMethodDefaults(options);
  const named = [options.data, options.dataset].filter((name) => name !== undefined).length;
  if (named > 1 || (needsData && named === 0)) {
    throw new PrmError({
      what: options.data === undefined ? 'No training data is named' : '--data and --dataset are both given',
      remedy: 'Give either --data (a folder that prm format made) or --dataset (a dataset to format first).',
    });
  }
  const complete = withMethodDefaults(options);
  checkGiven(given, complete);
  return complete;
}

function invalidOption(error: z.ZodError, given: TrainOptions): PrmError {
  const name = String(error.issues[0]?.path[0] ?? '');
  const rule = ruleOf(name);
  if (rule === undefined) {
    return new PrmError({
      what: 'An option is not known',
      remedy: error.issues[0]?.message ?? '',
      cause: error,
    });
  }
  const value: unknown = Object.entries(given).find(([known]) => known === name)?.[1];
  return new PrmError({
    what: value === undefined ? `--${name} is missing` : `--${name} must be ${rule}, not ${shown(value)}`,
    ...(value === undefined ? { remedy: `Give ${rule}.` } : {}),
    cause: error,
  });
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map(shown).join(',');
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

/**
 * Options that a resumed run may change: they do not touch what is computed, but for the last digits where another device
 * or another number of threads adds up in another order.
 */
const FREE_ON_RESUME: readonly OptionName[] = [
  'output_dir',
  'resume',
  'overwrite',
  'device',
  'threads',
  'save_steps',
  'save_total_limit',
];

/**
 * The options of a resumed run: its own, with those that may change as given now.
 * @throws PrmError naming every option given now that contradicts the run's own
 */
export function resumedOptions(own: CompleteTrainOptions, given: TrainOptions): CompleteTrainOptions {
  const changed = Object.entries(given).filter(
    ([name, value]) =>
      value !== undefined &&
      !FREE_ON_RESUME.includes(name as OptionName) &&
      shown(own[name as OptionName] ?? 'none') !== shown(value),
  );
  if (changed.length > 0) {
    const differences = changed.map(
      ([name, value]) =>
        `--${name} ${shown(value)} (the run has ${shown(own[name as OptionName] ?? 'none')})`,
    );
    throw new PrmError({
      where: given.output_dir,
      what: `This run was started with other options: ${differences.join(', ')}`,
      remedy: 'Leave these options out to resume it, or train into another --output_dir.',
    });
  }
  const free = Object.fromEntries(
    Object.entries(given).filter(
      ([name, value]) => value !== undefined && FREE_ON_RESUME.includes(name as OptionName),
    ),
  );
  return completeOptions({ ...own, overwrite: false, ...free });
}
