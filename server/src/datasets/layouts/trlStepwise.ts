// The layout of TRL's stepwise supervision: `prompt`, `completions` (list of texts), `labels` (one for each).
// https://huggingface.co/docs/trl/dataset_formats#stepwise-supervision
import { readLabel, readShare } from '../labels.ts';
import { readPrompt, type Unwrapped } from '../promptWrapper.ts';
import type { RowFault } from '../rowSource.ts';
import type { Label, Step, Trace } from '../trace.ts';
import { faultAt, missing, numbered, shown, textOrNumber } from './fields.ts';
import type { Fields, Layout, LayoutOptions, LayoutRow, Reading } from './layout.ts';
import { withPolicies, type Draft } from './policies.ts';

const STEPWISE_COLUMNS = ['prompt', 'completions', 'labels'] as const;

export interface StepwiseRow {
  /** Clean text. */
  problem: string;
  /** Name of the chat template that was taken off. */
  wrapper: string | undefined;
  completions: string[];
  /** As many as completions. */
  labels: Label[];
  /** Shares strictly between 0 and 1, at the places of their labels; undefined where the row has none. */
  soft?: (number | undefined)[] | undefined;
  /** Reference answer, in a column of its own beside the layout's. */
  answer?: string;
  /** `prm generate` or `prm label` made the row: its completions are steps. */
  isMade?: true;
  /** Cut at a limit of tokens. */
  isCut?: true;
}

/** Written by all that makes rows here (generation/), and by nobody else. */
const MADE_COLUMN = 'source_row';
/** Why a model's text ended, as its server says: `length` where it was cut. Written by `prm generate sample`. */
const FINISH_COLUMN = 'finish_reason';
const OPTIONAL_COLUMNS = ['answer', MADE_COLUMN, FINISH_COLUMN] as const;

export const trlStepwise: Layout = {
  name: 'trl-stepwise',
  title: 'TRL stepwise supervision',
  columns: [...STEPWISE_COLUMNS, ...OPTIONAL_COLUMNS],
  optional: OPTIONAL_COLUMNS,
  recognise({ prompt, completions, labels }) {
    if (prompt == null || !Array.isArray(completions) || !Array.isArray(labels)) return undefined;
    return '`prompt` with the lists `completions` and `labels`';
  },
  reader: (options) => trlReader(options),
};

/** @param onRow told each row that can be used, before the reading of its `completions` and the policies */
export function trlReader(
  options: LayoutOptions,
  onRow?: (row: StepwiseRow) => void,
): (fields: Fields) => LayoutRow | RowFault {
  const read = stepwiseReader();
  return withPolicies(options, (fields) => {
    const row = read(fields);
    if ('reason' in row) return row;
    onRow?.(row);
    return draftOf(row, options.completions);
  });
}

/** Reads the fields of one row; the rows of one problem mostly follow each other, so its prompt is unwrapped once. */
export function stepwiseReader(): (fields: Fields) => StepwiseRow | RowFault {
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
function readStepwiseRow(fields: Fields, unwrapped: Unwrapped | undefined): StepwiseRow | RowFault {
  for (const column of STEPWISE_COLUMNS) {
    if (fields[column] == null) return missing(column);
  }
  const { prompt, completions, labels } = fields;
  if (unwrapped === undefined) {
    return faultAt(['prompt'], '`prompt` is neither text nor chat messages', shown(prompt));
  }
  if (unwrapped.problem === '') return faultAt(['prompt'], 'the problem is empty');
  if (!Array.isArray(completions)) {
    return faultAt(['completions'], '`completions` is no list', shown(completions));
  }
  if (!Array.isArray(labels)) return faultAt(['labels'], '`labels` is no list', shown(labels));
  if (completions.length !== labels.length) {
    const detail = `${completions.length} completions, ${labels.length} labels`;
    return faultAt(['labels'], 'lists of different length', detail);
  }
  if (completions.length === 0) return faultAt(['completions'], 'no steps');
  const read: Label[] = [];
  let soft: (number | undefined)[] | undefined;
  for (let index = 0; index < labels.length; index++) {
    if (typeof completions[index] !== 'string') {
      const detail = numbered(index, completions[index]);
      return faultAt(['completions', index], 'a completion is no text', detail);
    }
    const value: unknown = labels[index];
    const label = readLabel(value);
    if (label === undefined) return faultAt(['labels', index], 'unknown label', numbered(index, value));
    read.push(label);
    const share = typeof value === 'boolean' ? undefined : readShare(value);
    if (share !== undefined) (soft ??= [])[index] = share;
  }
  const { problem, wrapper } = unwrapped;
  const answer = textOrNumber(fields.answer);
  const reference = answer === undefined ? {} : { answer };
  const made = fields[MADE_COLUMN] == null ? {} : { isMade: true as const };
  return {
    problem,
    wrapper,
    completions: completions as string[],
    labels: read,
    soft,
    ...reference,
    ...made,
    ...(fields[FINISH_COLUMN] === 'length' ? { isCut: true as const } : {}),
  };
}

/**
 * `steps`: one path, one step a completion. `attempts`: one path a completion, its lines are the steps, and each
 * takes the attempt's label (all that an outcome label can say); blank lines there only set steps apart and are never
 * kept.
 */
function draftOf(row: StepwiseRow, reading: Reading): Draft {
  const { problem, wrapper, answer, isCut, completions } = row;
  if (reading === 'steps') {
    const steps: Step[] = [];
    for (let index = 0; index < completions.length; index++) {
      steps.push(stepOf(completions[index] ?? '', row, index));
    }
    return { problem, wrapper, answer, isCut, traces: [{ problem, steps }] };
  }
  const traces: Trace[] = [];
  let blankLines = 0;
  for (const [index, attempt] of completions.entries()) {
    const lines = attempt.split('\n');
    const steps = lines.filter((line) => line.trim() !== '').map((line) => stepOf(line, row, index));
    blankLines += lines.length - steps.length;
    traces.push({ problem, steps });
  }
  return { problem, wrapper, answer, traces, blankLines };
}

function stepOf(text: string, { labels, soft }: StepwiseRow, index: number): Step {
  const label = labels[index] ?? 'unlabelled';
  const share = soft?.[index];
  return share === undefined ? { text, label } : { text, label, soft: share };
}
