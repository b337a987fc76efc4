// What the trace view shows, and what it may wish for: the page holds the state and asks the server.
import type { RowScores, TraceView } from '../../../../protocol/src/datasets.ts';

export interface TraceModel {
  /** The row; for a long one the steps that were asked for so far (`withSteps`). */
  view: TraceView;
  /** Of the path that is shown, by step of the whole path. */
  scores: RowScores | undefined;
  scoring: 'no' | 'running' | { failed: string };
  showJson: boolean;
  /** Whether the table has a row before or behind this one. */
  hasPrevious: boolean;
  hasNext: boolean;
  /** Whether another row, path or slice of steps is on its way: the view says so and stays usable. */
  loading?: boolean;
}

export type TraceWish =
  | { type: 'previous' }
  | { type: 'next' }
  | { type: 'close' }
  /** Another path of the row, 0-based. */
  | { type: 'path'; index: number }
  /** The slice of steps from this 0-based step on; put it in with `withSteps`, and call `showStep` for `show`, 1-based. */
  | { type: 'more-steps'; firstStep: number; show?: number }
  /** Show or hide the raw JSON. */
  | { type: 'json' }
  | { type: 'copy-json' }
  | { type: 'copy-text' }
  | { type: 'open-steps' }
  | { type: 'score' }
  | { type: 'format' };

/**
 * The row with one more slice of its steps: joined where the slices touch, in place of the others where they do not,
 * as it came where it is another row or path.
 */
export function withSteps(shown: TraceView, slice: TraceView): TraceView {
  const before = shown.trace;
  const after = slice.trace;
  if (before === undefined || after === undefined) return slice;
  if (shown.position !== slice.position || before.index !== after.index) return slice;
  if (after.firstStep === before.firstStep + before.steps.length) {
    return {
      ...slice,
      trace: { ...after, firstStep: before.firstStep, steps: [...before.steps, ...after.steps] },
    };
  }
  if (before.firstStep === after.firstStep + after.steps.length) {
    return { ...slice, trace: { ...after, steps: [...after.steps, ...before.steps] } };
  }
  return slice;
}
