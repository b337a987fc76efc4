// Reads one row of a dataset (a JSON object, as a line of a .jsonl file holds it) as a problem and steps.
import type { Node } from 'jsonc-parser';
import { isFault } from '../datasets/layouts/layout.ts';
import { openLayout } from '../datasets/layouts/recognise.ts';
import { unwrapPrompt } from '../datasets/promptWrapper.ts';
import { cleanStep } from '../models/families/stepText.ts';
import type { ReasoningText, TextSpan } from '../scoring/reasoningText.ts';
import { readJsonStrings, readJsonTree } from './rows/jsonStrings.ts';
import { readFields } from './rows/rowReading.ts';
import { placeSteps } from './rows/stepPlaces.ts';

/** Fields that may hold the problem of a row without a known layout; the first one there counts. */
const PROBLEM_FIELDS = ['problem', 'prompt', 'question', 'original_question', 'instruction'];
/** Fields that may hold its steps, as a list of strings. */
const STEP_FIELDS = ['reasoning_path', 'completions', 'steps', 'original_process', 'responses'];

/**
 * The row's main path by its layout, else its list of steps by the usual names.
 * @returns undefined where the text is not one JSON object with steps; offsets are those of the strings' contents,
 *   without the quotation marks
 */
export function readJsonRow(text: string): ReasoningText | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  const fields = readFields(text);
  return fields && (readByLayout(text, fields) ?? readByNames(text));
}

function readByLayout(text: string, fields: Record<string, unknown>): ReasoningText | undefined {
  const row = openLayout([{ number: 1, fields }]).read?.(fields);
  const [main] = row === undefined || isFault(row) ? [] : row.traces;
  if (main === undefined) return undefined;
  const strings = readJsonStrings(text);
  const [places = []] = placeSteps(text, strings, [main]);
  const steps = main.steps.flatMap((step, index): TextSpan[] => {
    const clean = cleanStep(step.text);
    const place = places[index];
    return clean === '' || place === undefined ? [] : [{ text: clean, start: place.start, end: place.end }];
  });
  // A step that is not found would be missing in what the model reads.
  if (steps.length < main.steps.filter((step) => cleanStep(step.text) !== '').length) return undefined;
  const { problem } = main;
  const around = strings.find(({ value }) => value.includes(problem));
  return {
    problem: around && { text: problem, start: around.start + 1, end: around.end - 1 },
    steps,
  };
}

function readByNames(text: string): ReasoningText | undefined {
  const fields = new Map<string, Node>();
  for (const { children } of readJsonTree(text)?.children ?? []) {
    const [key, value] = children ?? [];
    if (value !== undefined) fields.set(String(key?.value), value);
  }
  const list = firstOf(fields, STEP_FIELDS, 'array');
  if (list === undefined) return undefined;
  const problem = firstOf(fields, PROBLEM_FIELDS, 'string');
  return {
    problem: problem && spanOf(problem, (wrapped) => unwrapPrompt(wrapped).problem),
    steps: (list.children ?? []).flatMap((node) => spanOf(node, cleanStep) ?? []),
  };
}

function firstOf(
  fields: ReadonlyMap<string, Node>,
  names: readonly string[],
  type: Node['type'],
): Node | undefined {
  return names.map((name) => fields.get(name)).find((node) => node?.type === type);
}

function spanOf(node: Node, clean: (text: string) => string): TextSpan | undefined {
  if (typeof node.value !== 'string') return undefined;
  const text = clean(node.value);
  return text === '' ? undefined : { text, start: node.offset + 1, end: node.offset + node.length - 1 };
}
