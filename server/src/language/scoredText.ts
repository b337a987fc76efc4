// A scored stretch of a document: which step has which score, now that the text may have changed.
import type { LoadedModel } from '../../../protocol/src/engine.ts';
import { runningScores, type RunningScore } from '../scoring/aggregate.ts';
import { readReasoning } from './reading.ts';
import type { Region } from './region.ts';

/** What was scored, and by what. */
export interface ScoredText {
  languageId: string;
  /** The stretch as it was when it was scored. */
  source: string;
  problem: string;
  steps: readonly string[];
  scores: readonly number[];
  model: LoadedModel;
  /** Of the forward pass. */
  milliseconds: number;
}

/** A step of the document as it is now. */
export interface StepView {
  /** 1-based, among the steps there are now. */
  number: number;
  /** Offsets into the document. */
  range: Region;
  text: string;
  /** Undefined for a step that came in after the scoring. */
  score: StepScore | undefined;
}

export interface StepScore {
  value: number;
  running: RunningScore;
  /** Index of the step among those scored. */
  index: number;
  /**
   * The problem, an earlier step or the step itself is not what was scored. Content decides, not the number of edits:
   * text that comes back makes its score fresh again.
   */
  stale: boolean;
}

/** @param current the stretch as it is now; `start` its offset in the document */
export function viewSteps(scored: ScoredText, current: string, start: number): StepView[] {
  const reading = readReasoning(current, scored.languageId);
  const now = reading.steps.map(({ text }) => text);
  const problemIsSame = (reading.problem?.text ?? '') === scored.problem;
  const partners = alignSteps(scored.steps, now);
  const same = problemIsSame ? commonPrefix(scored.steps, now) : 0;
  const running = runningScores(scored.scores);
  return reading.steps.map((step, position) => {
    const index = partners[position];
    const value = index === undefined ? undefined : scored.scores[index];
    const soFar = index === undefined ? undefined : running[index];
    return {
      number: position + 1,
      range: { start: start + step.start, end: start + step.end },
      text: step.text,
      score:
        index === undefined || value === undefined || soFar === undefined
          ? undefined
          : { value, running: soFar, index, stale: position >= same },
    };
  });
}

/**
 * For each step there is now, the index of the scored step that it goes on from: equal texts at the start and at the end
 * are partners; between them, steps are paired in order as far as both lists reach.
 */
export function alignSteps(scored: readonly string[], now: readonly string[]): (number | undefined)[] {
  const prefix = commonPrefix(scored, now);
  const most = Math.min(scored.length, now.length) - prefix;
  let suffix = 0;
  while (suffix < most && scored[scored.length - 1 - suffix] === now[now.length - 1 - suffix]) suffix++;
  return now.map((_, position) => {
    if (position < prefix) return position;
    const fromEnd = now.length - position;
    if (fromEnd <= suffix) return scored.length - fromEnd;
    return position < scored.length - suffix ? position : undefined;
  });
}

function commonPrefix(scored: readonly string[], now: readonly string[]): number {
  let length = 0;
  while (length < scored.length && length < now.length && scored[length] === now[length]) length++;
  return length;
}
