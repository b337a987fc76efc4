// The first pass over a dataset: everything that has to be known before the first example is written.
import type { SkippedRows } from './formatReport.ts';
import type { LayoutRows } from './layoutRows.ts';
import { SkippedCounter } from './skippedCounter.ts';
import { problemKey, ProblemTable } from '../problemTable.ts';
import type { Label } from '../trace.ts';

export interface Survey {
  /** Read, those that were skipped or not chosen included. */
  rows: number;
  /** That gave at least one path. */
  usedRows: number;
  paths: number;
  steps: number;
  problems: ProblemTable;
  skipped: SkippedRows[];
  /** Without text, whether kept or left out. */
  emptySteps: number;
  labels: Record<Label, number>;
  softLabels: number;
  /** Steps of alternatives before they leave their main path; not counted in `steps` and `labels` again. */
  sharedSteps: number;
  wrappers: Record<string, number>;
}

export async function surveyRows(rows: LayoutRows, seed: number): Promise<Survey> {
  const problems = new ProblemTable();
  const skipped = new SkippedCounter();
  const wrappers: Record<string, number> = {};
  const labels = { correct: 0, incorrect: 0, neutral: 0, unlabelled: 0 };
  const total = { rows: 0, usedRows: 0, paths: 0, steps: 0, emptySteps: 0, softLabels: 0, sharedSteps: 0 };
  const keyOf = keyOfRuns(seed);

  for await (const batch of rows.batches()) {
    for (const { number, row, fault, joined } of batch) {
      if (joined === undefined) total.rows++;
      if (fault !== undefined) skipped.add(number, fault);
      if (row === undefined) continue;
      total.usedRows++;
      total.emptySteps += row.emptySteps;
      if (row.wrapper !== undefined) wrappers[row.wrapper] = (wrappers[row.wrapper] ?? 0) + 1;
      const { correct, incorrect } = labels;
      for (const { steps, alternativeAt: from = 0 } of row.traces) {
        total.paths++;
        // What an alternative shares with the main path is counted there.
        total.steps += steps.length - from;
        total.sharedSteps += from;
        for (let index = from; index < steps.length; index++) {
          const step = steps[index];
          if (step === undefined) continue;
          labels[step.label]++;
          if (step.soft !== undefined) total.softLabels++;
        }
      }
      problems.add(keyOf(row.problem), labels.correct - correct, labels.incorrect - incorrect);
    }
  }
  return { ...total, labels, problems, skipped: skipped.counts, wrappers };
}

/** A problem's rows mostly follow each other: hash it once for the run. */
export function keyOfRuns(seed: number): (problem: string) => number {
  let last: string | undefined;
  let key = 0;
  return (problem) => {
    if (problem !== last) {
      last = problem;
      key = problemKey(problem, seed);
    }
    return key;
  };
}
