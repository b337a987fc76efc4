// Reads one row of a dataset (a JSON object, as a line of a .jsonl file holds it) as a problem and steps.
import { parseTree, type Node, type ParseError } from 'jsonc-parser';
import { unwrapPrompt } from '../datasets/promptWrapper.ts';
import { cleanStep } from '../models/families/stepText.ts';
import type { ReasoningText, TextSpan } from '../scoring/reasoningText.ts';

/** Fields that hold the problem, the first one there counts: formatted examples, TRL, ProcessBench, PRMBench, GSM8K. */
const PROBLEM_FIELDS = ['problem', 'prompt', 'question', 'original_question', 'instruction'];
/** Fields that hold the steps, as a list of strings. */
const STEP_FIELDS = ['reasoning_path', 'completions', 'steps', 'original_process', 'responses'];

/**
 * @returns undefined where the text is not one JSON object with a list of steps; offsets are those of the strings'
 *   contents, without the quotation marks
 */
export function readJsonRow(text: string): ReasoningText | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  const errors: ParseError[] = [];
  const row = parseTree(text, errors);
  if (errors.length > 0 || row?.type !== 'object') return undefined;
  const fields = new Map<string, Node>();
  for (const { children } of row.children ?? []) {
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
