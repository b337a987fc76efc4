// Layouts that write the problem and the steps into one text: where the problem ends, and the marks before the steps.
import { readLabel, readShare } from '../labels.ts';
import type { RowFault } from '../rowSource.ts';
import type { Step } from '../trace.ts';
import { faultAt, type Place, shown } from './fields.ts';

/** Stands behind each step; the token of Math-Shepherd, which the others took over. */
export const STEP_TAG = 'ки';

/** Splits off the text behind the last tag. @returns the tagged texts, and what follows them */
export function taggedTexts(text: string): { parts: string[]; rest: string } {
  const parts = text.split(STEP_TAG);
  const rest = parts.pop() ?? '';
  return { parts, rest };
}

const FIRST_MARK = /\bStep 1\s*:/g;
const ANY_MARK = /\bStep \d{1,6}\s*:/;

/**
 * Where the first step begins in a text that starts with the problem: at the last `Step 1:` (a problem may speak of
 * steps itself), else at the first `Step N:`, else behind the first blank line, the first line, or the last question
 * mark.
 * @returns undefined where nothing tells
 */
function firstStepAt(text: string): number | undefined {
  const marked = lastFirstMark(text) ?? markAt(text);
  if (marked !== undefined) return marked;
  const start = text.length - text.trimStart().length;
  for (const [separator, find] of [
    ['\n\n', 'first'],
    ['\n', 'first'],
    ['? ', 'last'],
  ] as const) {
    const at = find === 'first' ? text.indexOf(separator, start) : text.lastIndexOf(separator);
    if (at > start && text.slice(at + separator.length).trim() !== '') return at + separator.length;
  }
  return undefined;
}

function lastFirstMark(text: string): number | undefined {
  let start: number | undefined;
  let end = 0;
  for (const match of text.matchAll(FIRST_MARK)) {
    // `Step 1: Step 1: …` is a step that begins with such words.
    if (start === undefined || text.slice(end, match.index).trim() !== '') start = match.index;
    end = match.index + match[0].length;
  }
  return start;
}

function markAt(text: string): number | undefined {
  const at = text.search(ANY_MARK);
  return at < 0 ? undefined : at;
}

/**
 * Takes the problem off a list of texts of which the first one holds it, and the first step behind it. `Step N:`
 * before a step belongs to the layout where every step with text carries its own number, and is taken off.
 * @param rest the text behind the last one that has a label: a step more, where it has text
 * @param problemSpansTags the steps begin in the first text that has `Step 1:` in it, if there is one
 * @returns `skipped`: how many texts belong to the problem alone, so that their labels label nothing
 */
export function splitProblem(
  texts: readonly string[],
  place: Place,
  { rest = '', problemSpansTags = false }: { rest?: string; problemSpansTags?: boolean } = {},
): { problem: string; steps: string[]; skipped: number } | RowFault {
  const marked = problemSpansTags ? texts.findIndex((text) => lastFirstMark(text) !== undefined) : 0;
  const skipped = Math.max(marked, 0);
  const text = texts[skipped] ?? '';
  const at = firstStepAt(text);
  if (at === undefined) {
    return faultAt(place, 'nothing tells the problem from the first step', shown(text.trim()));
  }
  const problem = [...texts.slice(0, skipped), text.slice(0, at)].join('').trim();
  if (problem === '') return faultAt(place, 'the problem is empty');
  const steps = [text.slice(at), ...texts.slice(skipped + 1)];
  const bare = steps.map(
    (step, index) => withoutMark(step, index + 1) ?? (step.trim() === '' ? step : undefined),
  );
  const marks = bare.every((step) => step !== undefined);
  const all = marks ? bare : steps;
  if (rest.trim() !== '') all.push((marks ? withoutMark(rest, steps.length + 1) : undefined) ?? rest);
  return { problem, steps: all, skipped };
}

/** @returns undefined where the step does not begin with its number */
function withoutMark(step: string, number: number): string | undefined {
  const mark = /^\s*Step (\d{1,6})\s*:/.exec(step);
  return mark !== null && Number(mark[1]) === number ? step.slice(mark[0].length) : undefined;
}

/**
 * Labels as the dataset writes them, one for each step.
 * @param place of the value at `index`
 */
export function labelledStep(text: string, value: unknown, place: Place): Step | RowFault {
  const label = readLabel(value);
  if (label === undefined) return faultAt(place, 'unknown label', shown(value));
  const soft = readShare(value);
  return soft === undefined ? { text, label } : { text, label, soft };
}
