// The layout of TRL's stepwise supervision: `prompt`, `completions` (list of texts), `labels` (one for each).
// https://huggingface.co/docs/trl/dataset_formats#stepwise-supervision
import { readLabel } from '../labels.ts';
import { readPrompt, type Unwrapped } from '../promptWrapper.ts';
import type { RowFault } from '../rowSource.ts';
import type { Label, Step, Trace } from '../trace.ts';

export const STEPWISE_COLUMNS = ['prompt', 'completions', 'labels'] as const;

/** What a row's `completions` are: the steps of one solution, or whole attempts at the problem. */
export const READINGS = ['steps', 'attempts'] as const;
export type Reading = (typeof READINGS)[number];

export interface StepwiseRow {
  /** Clean text. */
  problem: string;
  /** Name of the chat template that was taken off. */
  wrapper: string | undefined;
  completions: string[];
  /** As many as completions. */
  labels: Label[];
}

/** Reads the fields of one row; the rows of one problem mostly follow each other, so its prompt is unwrapped once. */
export function stepwiseReader(): (fields: Record<string, unknown>) => StepwiseRow | RowFault {
  let lastPrompt: unknown;
  let lastUnwrapped: Unwrapped | undefined;
  return (fields) => {
    if (fields.prompt !== lastPrompt || lastUnwrapped === undefined) {
      lastPrompt = fields.prompt;
      lastUnwrapped = readPrompt(lastPrompt);
    }
    return readStepwiseRow(fields, lastUnwrapped);
  };
}

/** Checks one row from outside. Written by hand, because it runs for every row of a dataset. */
function readStepwiseRow(
  fields: Record<string, unknown>,
  unwrapped: Unwrapped | undefined,
): StepwiseRow | RowFault {
  for (const column of STEPWISE_COLUMNS) {
    if (fields[column] == null) return { reason: `\`${column}\` is missing` };
  }
  const { prompt, completions, labels } = fields;
  if (unwrapped === undefined) {
    return { reason: '`prompt` is neither text nor chat messages', detail: shown(prompt) };
  }
  if (unwrapped.problem === '') return { reason: 'the problem is empty' };
  if (!Array.isArray(completions)) return { reason: '`completions` is no list', detail: shown(completions) };
  if (!Array.isArray(labels)) return { reason: '`labels` is no list', detail: shown(labels) };
  if (completions.length !== labels.length) {
    const detail = `${completions.length} completions, ${labels.length} labels`;
    return { reason: 'lists of different length', detail };
  }
  if (completions.length === 0) return { reason: 'no steps' };
  const read: Label[] = [];
  for (let index = 0; index < labels.length; index++) {
    if (typeof completions[index] !== 'string') {
      return {
        reason: 'a completion is no text',
        detail: `number ${index + 1}: ${shown(completions[index])}`,
      };
    }
    const label = readLabel(labels[index]);
    if (label === undefined) {
      return { reason: 'unknown label', detail: `number ${index + 1}: ${shown(labels[index])}` };
    }
    read.push(label);
  }
  const { problem, wrapper } = unwrapped;
  return { problem, wrapper, completions: completions as string[], labels: read };
}

export function isFault(row: StepwiseRow | RowFault): row is RowFault {
  return 'reason' in row;
}

/** What becomes of a completion without text: a labelled step like any other, or left out with its label. */
export const EMPTY_STEP_POLICIES = ['keep', 'drop'] as const;
export type EmptyStepPolicy = (typeof EMPTY_STEP_POLICIES)[number];

/** The paths of a row, and how many of its steps had no text, whether kept or left out. */
export interface RowPaths {
  traces: Trace[];
  emptySteps: number;
}

/**
 * `steps`: one path, one step a completion. `attempts`: one path a completion, its lines are the steps, and each
 * takes the attempt's label (all that an outcome label can say); blank lines there only set steps apart and are never
 * kept. Step texts are trimmed. A path whose steps are all empty is left out whatever the policy.
 */
export function pathsOf(row: StepwiseRow, reading: Reading, policy: EmptyStepPolicy): RowPaths {
  const { problem, completions, labels } = row;
  if (reading === 'steps') {
    const all = stepsOf(completions, (index) => labels[index]);
    const withText = all.filter(hasText);
    return {
      traces: withText.length === 0 ? [] : [{ problem, steps: policy === 'keep' ? all : withText }],
      emptySteps: all.length - withText.length,
    };
  }
  const traces: Trace[] = [];
  let emptySteps = 0;
  for (const [index, attempt] of completions.entries()) {
    const lines = attempt.split('\n');
    const steps = stepsOf(lines, () => labels[index]).filter(hasText);
    emptySteps += lines.length - steps.length;
    if (steps.length > 0) traces.push({ problem, steps });
  }
  return { traces, emptySteps };
}

function stepsOf(texts: readonly string[], labelAt: (index: number) => Label | undefined): Step[] {
  return texts.map((text, index) => ({ text: text.trim(), label: labelAt(index) ?? 'unlabelled' }));
}

function hasText({ text }: Step): boolean {
  return text !== '';
}

/** A value in a message: short, on one line. */
function shown(value: unknown): string {
  const text =
    JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? Number(part) : part)) ?? '';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
