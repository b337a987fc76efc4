// Options that say how a dataset is read: for every command that turns datasets into something else.
import { InvalidArgumentError, Option, type Command as CommanderCommand } from 'commander';
import { LAYOUTS, type LayoutName } from '../../../protocol/src/datasets.ts';
import { POLICY_DEFAULTS } from '../datasets/format/formatDefaults.ts';
import type { FormatOptions, Policies } from '../datasets/format/formatOptions.ts';
import {
  AFTER_ERROR_POLICIES,
  EMPTY_STEP_POLICIES,
  NEUTRAL_POLICIES,
  READINGS,
} from '../datasets/layouts/layout.ts';
import { PrmError } from '../support/errors.ts';
import { collect } from './options.ts';

/** What commander makes of the options declared below. */
export interface ParsedPolicies extends Policies {
  layout?: ('auto' | LayoutName)[];
  completions: FormatOptions['completions'];
}

/** `--layout` and the policies. */
export function addPolicyOptions(command: CommanderCommand): CommanderCommand {
  return command
    .addOption(
      new Option(
        '--layout <name>',
        `how the dataset writes its rows: auto (found out from its rows), ${LAYOUTS.join(', ')}; once for all datasets, or once for each in their order (default: auto)`,
      ).argParser(collect(oneOf(['auto', ...LAYOUTS]))),
    )
    .addOption(
      new Option(
        '--completions <reading>',
        "what TRL's `completions` are: the steps of one solution, or whole attempts",
      )
        .choices(['auto', ...READINGS])
        .default('auto'),
    )
    .addOption(
      new Option('--empty-steps <policy>', 'steps without text: steps like any other, or left out')
        .choices(EMPTY_STEP_POLICIES)
        .default(POLICY_DEFAULTS.emptySteps),
    )
    .addOption(
      new Option('--neutral <label>', "what a neutral rating (PRM800K's 0) counts as")
        .choices(NEUTRAL_POLICIES)
        .default(POLICY_DEFAULTS.neutral),
    )
    .addOption(
      new Option('--after-error <policy>', 'steps behind the first incorrect one')
        .choices(AFTER_ERROR_POLICIES)
        .default(POLICY_DEFAULTS.afterError),
    )
    .option(
      '--alternatives',
      'other rated completions at a step and branches, a path each',
      POLICY_DEFAULTS.alternatives,
    )
    .option('--no-alternatives', 'leave them out')
    .option(
      '--quality-control',
      'rows that PRM800K marks as quality control or screening',
      POLICY_DEFAULTS.qualityControl,
    )
    .option('--no-quality-control', 'leave them out');
}

function oneOf<T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const found = choices.find((choice) => choice === text);
    if (found === undefined) throw new InvalidArgumentError(`It must be one of ${choices.join(', ')}.`);
    return found;
  };
}

/**
 * The value of each dataset for an option that may be given once for all, or once for each.
 * @throws PrmError where it was given another number of times
 */
export function oneForEach<T>(
  option: string,
  values: readonly T[] | undefined,
  datasets: readonly string[],
  onceForAll: boolean,
): (T | undefined)[] {
  if (values === undefined || values.length === datasets.length)
    return datasets.map((_, index) => values?.[index]);
  if (onceForAll && values.length === 1) return datasets.map(() => values[0]);
  throw new PrmError({
    where: option,
    what: `given ${values.length} ${values.length === 1 ? 'time' : 'times'} for ${datasets.length} ${datasets.length === 1 ? 'dataset' : 'datasets'}`,
    remedy: `Give it once for each dataset, in the same order${onceForAll ? ', or once for all' : ''}.`,
  });
}
