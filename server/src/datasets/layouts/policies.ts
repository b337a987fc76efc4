// What the user's policies make of a row, in one place for all layouts: a layout says what the dataset says.
import type { RowFault } from '../rowSource.ts';
import type { Label, Step, Trace } from '../trace.ts';

import { isFault, type Fields, type LayoutOptions, type LayoutRow } from './layout.ts';

/** A row as its dataset has it, before any policy. */
export interface Draft {
  /** Clean text; not empty. */
  problem: string;
  wrapper?: string | undefined;
  answer?: string | undefined;
  id?: string | undefined;
  isCut?: boolean | undefined;
  /** Paths in their own right, the main path first. Step texts need not be trimmed. */
  traces: Trace[];
  /** Further paths that the policy may leave out; built only where they are wanted. */
  alternatives?: (() => Trace[] | RowFault) | undefined;
  /** Empty lines that only set steps apart: counted as empty steps, never kept. */
  blankLines?: number;
  /** PRM800K's quality-control and screening rows. */
  qualityControl?: boolean;
}

/** Steps of all paths of one row: a tree or a list of alternatives repeats what its paths share. */
const MAX_STEPS = 500_000;

/** @returns the fault of a row whose paths would be too much for memory */
export function tooManySteps(paths: number, steps: number): RowFault | undefined {
  if (steps <= MAX_STEPS) return undefined;
  return {
    reason: `the paths of the row have more than ${MAX_STEPS.toLocaleString('en')} steps together`,
    detail: `${paths.toLocaleString('en')} paths, ${steps.toLocaleString('en')} steps`,
  };
}

/** Makes a layout's reader out of a function that only knows the layout. */
export function withPolicies(
  options: LayoutOptions,
  draft: (fields: Fields) => Draft | RowFault,
): (fields: Fields) => LayoutRow | RowFault {
  return (fields) => {
    const row = draft(fields);
    return 'reason' in row ? row : applyPolicies(row, options);
  };
}

/** Trims the steps and applies every policy; a path whose steps are all empty is left out whatever the policy. */
export function applyPolicies(draft: Draft, options: LayoutOptions): LayoutRow | RowFault {
  if (draft.qualityControl === true && !options.qualityControl) {
    return { reason: 'left out: a quality-control or screening row' };
  }
  let all = draft.traces;
  if (options.alternatives && draft.alternatives !== undefined) {
    const alternatives = draft.alternatives();
    if (isFault(alternatives)) return alternatives;
    if (alternatives.length > 0) all = [...all, ...alternatives];
  }
  const traces: Trace[] = [];
  let emptySteps = draft.blankLines ?? 0;
  for (const trace of all) {
    const empty = trimSteps(trace);
    emptySteps += empty;
    // Also where only the shared beginning of an alternative has text.
    if (empty === trace.steps.length - (trace.alternativeAt ?? 0)) continue;
    if (options.emptySteps === 'drop') dropEmpty(trace);
    if (options.neutral !== 'neutral') relabelNeutral(trace.steps, options.neutral);
    if (options.afterError !== 'as-given') relabelAfterError(trace.steps, options.afterError);
    traces.push(trace);
  }
  if (traces.length === 0) {
    return { reason: all.some(({ steps }) => steps.length > 0) ? 'all steps are empty' : 'no steps' };
  }
  const { problem, wrapper, answer, id, isCut } = draft;
  return { problem, wrapper, answer, id, isCut, emptySteps, traces };
}

/** @returns how many steps have no text, not counting what an alternative shares with another path */
function trimSteps({ steps, alternativeAt: from = 0 }: Trace): number {
  let empty = 0;
  for (let index = 0; index < steps.length; index++) {
    const step = steps[index];
    if (step === undefined) continue;
    step.text = step.text.trim();
    if (step.text === '' && index >= from) empty++;
  }
  return empty;
}

function dropEmpty(trace: Trace): void {
  const { steps, alternativeAt: from } = trace;
  if (steps.every(({ text }) => text !== '')) return;
  trace.steps = steps.filter(({ text }) => text !== '');
  if (from !== undefined) trace.alternativeAt = steps.slice(0, from).filter(({ text }) => text !== '').length;
}

function relabelNeutral(steps: Step[], to: Label): void {
  for (const step of steps) if (step.label === 'neutral') step.label = to;
}

function relabelAfterError(steps: Step[], to: Label): void {
  const first = steps.findIndex(({ label }) => label === 'incorrect');
  if (first < 0) return;
  for (const step of steps.slice(first + 1)) {
    step.label = to;
    // A share that speaks against the label would be shown beside it.
    delete step.soft;
  }
}
