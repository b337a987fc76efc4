// The first pass over a dataset: everything that has to be known before the first example is written.
import { ReadingVote, type ReadingEvidence, type ReadingChoice } from './completionsReading.ts';
import type { SkippedRows } from './formatReport.ts';
import { pathsOf, type EmptyStepPolicy, type Reading } from './layouts/trlStepwise.ts';
import { problemKey, ProblemTable } from './problemTable.ts';
import type { RowFault } from './rowSource.ts';
import type { StepwiseRows } from './stepwiseRows.ts';

/** Row numbers that the report names for each reason. */
const ROWS_NAMED = 5;

export interface Survey {
  rows: number;
  paths: number;
  steps: number;
  problems: ProblemTable;
  skipped: SkippedRows[];
  /** Without text, whether kept or left out. */
  emptySteps: number;
  stepsWithoutLabel: number;
  wrappers: Record<string, number>;
  evidence: ReadingEvidence;
  vote: ReadingChoice;
}

/** @param reading how `completions` are counted; the vote is taken whatever it is */
export async function surveyRows(
  rows: StepwiseRows,
  reading: Reading,
  policy: EmptyStepPolicy,
  seed: number,
): Promise<Survey> {
  const vote = new ReadingVote();
  const problems = new ProblemTable();
  const skipped = new Map<string, SkippedRows>();
  const wrappers: Record<string, number> = {};
  const total = { rows: 0, paths: 0, steps: 0, emptySteps: 0, stepsWithoutLabel: 0 };
  const keyOf = keyOfRuns(seed);

  for await (const batch of rows.batches()) {
    for (const { number, row, fault } of batch) {
      total.rows++;
      if (row === undefined) {
        note(skipped, number, fault);
        continue;
      }
      vote.add(row);
      const { traces, emptySteps } = pathsOf(row, reading, policy);
      total.emptySteps += emptySteps;
      if (traces.length === 0) {
        note(skipped, number, { reason: 'all steps are empty' });
        continue;
      }
      if (row.wrapper !== undefined) wrappers[row.wrapper] = (wrappers[row.wrapper] ?? 0) + 1;
      let correct = 0;
      let incorrect = 0;
      for (const { steps } of traces) {
        total.paths++;
        total.steps += steps.length;
        for (const { label } of steps) {
          if (label === 'correct') correct++;
          else if (label === 'incorrect') incorrect++;
          else total.stepsWithoutLabel++;
        }
      }
      problems.add(keyOf(row.problem), correct, incorrect);
    }
  }
  return {
    ...total,
    problems,
    skipped: [...skipped.values()],
    wrappers,
    evidence: vote.evidence,
    vote: vote.choice(),
  };
}

function note(skipped: Map<string, SkippedRows>, number: number, { reason, detail }: RowFault): void {
  let entry = skipped.get(reason);
  if (entry === undefined) {
    entry = { reason, count: 0, firstRows: [], ...(detail === undefined ? {} : { firstDetail: detail }) };
    skipped.set(reason, entry);
  }
  entry.count++;
  if (entry.firstRows.length < ROWS_NAMED) entry.firstRows.push(number);
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
