// Settings of several runs side by side, and which of them differ.
import type { RunSummary, SettingValue } from '../../../../protocol/src/dashboard.ts';

export interface SettingRow {
  name: string;
  /** One for each run; undefined: the run does not have the setting. */
  values: (SettingValue | undefined)[];
  differs: boolean;
}

/** Every setting of any of the runs, in the order of the first run that has it. */
export function settingRows(runs: readonly Pick<RunSummary, 'settings'>[]): SettingRow[] {
  const names = new Set(runs.flatMap(({ settings }) => Object.keys(settings)));
  return [...names].map((name) => {
    const values = runs.map(({ settings }) => (Object.hasOwn(settings, name) ? settings[name] : undefined));
    return { name, values, differs: values.some((value) => !same(value, values[0])) };
  });
}

/** A setting that is not there and one without a value mean the same: the default of the program. */
function same(one: SettingValue | undefined, other: SettingValue | undefined): boolean {
  return (one ?? null) === (other ?? null);
}

export function settingWords(value: SettingValue | undefined): string {
  if (value === undefined || value === null) return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value === '' ? '(empty)' : String(value);
}
