// The answer cache in words, apart from VS Code so that they can be tested.
import type { CacheCheck, CacheContents, CachedModel, ClearedCache } from '../../protocol/src/generation.ts';

/** Answers and their size, of one model or of several. */
type Amount = Pick<CachedModel, 'entries' | 'bytes'>;

export interface CachedModelDescription {
  /** `1,204 entries, 3.1 MB`. */
  description: string;
  /** Plain text: a model's name comes from anywhere. */
  tooltip: string;
  /** For screen readers, a sentence. */
  label: string;
}

/** @param all what the whole cache holds */
export function describeCachedModel(cached: CachedModel, all: Amount): CachedModelDescription {
  const { model, entries, bytes, newest } = cached;
  const kept = `${answers(entries)}, ${size(bytes)}`;
  return {
    description: amountText(cached),
    tooltip: [
      model,
      kept,
      ...(entries > 1 ? [`${size(bytes / entries)} an answer`] : []),
      ...(all.entries > entries ? [`${percent(bytes / all.bytes)} of the cache`] : []),
      `newest from ${newest.slice(0, 'yyyy-mm-dd'.length)}`,
    ].join('\n'),
    label: `${model}: ${kept}.`,
  };
}

/** `1,204 entries, 3.1 MB`. */
export function amountText({ entries, bytes }: Amount): string {
  return `${entries === 1 ? '1 entry' : `${count(entries)} entries`}, ${size(bytes)}`;
}

export function totalOf(models: readonly CachedModel[]): Amount {
  return models.reduce<Amount>(
    (sum, { entries, bytes }) => ({ entries: sum.entries + entries, bytes: sum.bytes + bytes }),
    { entries: 0, bytes: 0 },
  );
}

/** All models together, and where the answers lie, with `~` for the home folder. */
export function describeContents({ folder, models }: CacheContents, home: string): string {
  const behind = folder.slice(home.length);
  const place = folder.startsWith(home) && /^[\\/]/.test(behind) ? `~${behind}` : folder;
  return `${amountText(totalOf(models))}, kept in ${place}`;
}

/** What a person is asked before answers are removed. */
export function clearingQuestion(models: readonly CachedModel[]): { question: string; detail: string } {
  const total = totalOf(models);
  const those =
    models.length > 1
      ? `all ${answers(total.entries)} of ${count(models.length)} models`
      : `${answers(total.entries)} of ${models.map(({ model }) => model).join()}`;
  return {
    question: `Remove ${those} (${size(total.bytes)})?`,
    detail:
      'Work that needs an answer again asks the model server, and pays, once more. ' +
      'Files that were made from the answers stay.',
  };
}

export function clearedText({ removed }: ClearedCache): string {
  if (removed === 0) return 'There was nothing to remove.';
  return `${answers(removed)} ${were(removed)} removed from the cache.`;
}

export function checkedText({ entries, bytes, removed }: CacheCheck): string {
  if (entries === 0 && removed === 0) return 'The answer cache is empty.';
  const whole = `${answers(entries)} (${size(bytes)}) ${entries === 1 ? 'is' : 'are'} whole`;
  if (removed === 0) return `${whole}, none is damaged.`;
  const lost = `${were(removed)} damaged and removed: the model server is asked again where needed.`;
  return entries === 0 ? `${answers(removed)} ${lost}` : `${whole}. ${count(removed)} ${lost}`;
}

function answers(entries: number): string {
  return entries === 1 ? '1 answer' : `${count(entries)} answers`;
}

function were(number: number): string {
  return number === 1 ? 'was' : 'were';
}

function count(value: number): string {
  return value.toLocaleString('en');
}

/** Powers of 1000, as file systems count. */
function size(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let rest = bytes;
  let unit = 0;
  // What would be rounded to 1000 goes to the next unit.
  while (rest >= 999.5 && unit < units.length - 1) {
    rest /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(rest) : rest.toFixed(1)} ${units[unit] ?? ''}`;
}

function percent(share: number): string {
  return share < 0.01 ? 'less than 1 %' : `${Math.round(100 * share)} %`;
}
