// What the traces of a dataset hold: problems, steps, labels, first errors and lengths, counted row by row.
import type { DatasetSummary } from '../../../../protocol/src/datasetSummary.ts';
import type { LayoutName } from '../../../../protocol/src/datasets.ts';
import type { LayoutRow } from '../layouts/layout.ts';
import { problemKey } from '../problemTable.ts';
import type { Trace } from '../trace.ts';
import { DistinctCounter } from './distinct.ts';
import { SpreadCounter } from './spread.ts';

/** Distinct problems that are counted exactly: 16 to 32 bytes each. */
const EXACT_PROBLEMS = 1_000_000;
/** Names of wrappers; there are only so many. */
const MOST_WRAPPERS = 50;

/** The part of a summary that is about traces. */
export type TraceFigures = Pick<
  DatasetSummary,
  | 'traceRows'
  | 'traces'
  | 'problems'
  | 'problemsExact'
  | 'steps'
  | 'emptySteps'
  | 'labels'
  | 'softLabels'
  | 'tracesWithError'
  | 'stepsPerTrace'
  | 'firstError'
  | 'problemCharacters'
  | 'stepCharacters'
  | 'wrappers'
>;

export class TraceCounter {
  private readonly total = {
    traceRows: 0,
    traces: 0,
    steps: 0,
    emptySteps: 0,
    softLabels: 0,
    tracesWithError: 0,
  };
  private readonly labels = { correct: 0, incorrect: 0, neutral: 0, unlabelled: 0 };
  private readonly problems = new DistinctCounter(EXACT_PROBLEMS);
  private readonly wrappers = new Map<string, number>();
  private readonly spreads = {
    stepsPerTrace: new SpreadCounter(),
    firstError: new SpreadCounter(),
    problemCharacters: new SpreadCounter(),
    stepCharacters: new SpreadCounter(),
  };
  private lastProblem: string | undefined;

  /** A row of the layout `formatted` is one example: its path is the steps before and the labelled one. */
  constructor(private readonly layout: LayoutName) {}

  add(row: LayoutRow): void {
    const { total, spreads } = this;
    total.traceRows++;
    total.emptySteps += this.layout === 'formatted' ? Number(isEmptyExample(row)) : row.emptySteps;
    // The rows of one problem mostly follow each other.
    if (row.problem !== this.lastProblem) {
      this.lastProblem = row.problem;
      this.problems.add(spreadKey(problemKey(row.problem, 0)));
    }
    spreads.problemCharacters.add(row.problem.length);
    if (row.wrapper !== undefined && (this.wrappers.size < MOST_WRAPPERS || this.wrappers.has(row.wrapper))) {
      this.wrappers.set(row.wrapper, (this.wrappers.get(row.wrapper) ?? 0) + 1);
    }
    for (const trace of row.traces) this.addTrace(trace);
  }

  figures(): TraceFigures {
    const { spreads, problems } = this;
    return {
      ...this.total,
      problems: problems.count,
      problemsExact: problems.exact,
      labels: this.labels,
      stepsPerTrace: spreads.stepsPerTrace.spread(),
      firstError: spreads.firstError.spread(),
      problemCharacters: spreads.problemCharacters.spread(),
      stepCharacters: spreads.stepCharacters.spread(),
      wrappers: Object.fromEntries(this.wrappers),
    };
  }

  private addTrace({ steps, alternativeAt }: Trace): void {
    const { total, labels, spreads } = this;
    total.traces++;
    spreads.stepsPerTrace.add(steps.length);
    let firstError = 0;
    // The steps before an alternative are the main path's; those before an example's own are other rows' examples.
    const from = this.layout === 'formatted' ? steps.length - 1 : (alternativeAt ?? 0);
    for (let index = Math.max(from, 0); index < steps.length; index++) {
      const step = steps[index];
      if (step === undefined) break;
      total.steps++;
      labels[step.label]++;
      if (step.soft !== undefined) total.softLabels++;
      spreads.stepCharacters.add(step.text.length);
      if (step.label === 'incorrect' && firstError === 0) firstError = index + 1;
    }
    if (firstError > 0) {
      total.tracesWithError++;
      spreads.firstError.add(firstError);
    }
  }
}

function isEmptyExample({ traces: [trace] }: LayoutRow): boolean {
  return trace?.steps.at(-1)?.text === '';
}

/** A problem's key has 48 bits, a hash that is counted 53: its first bits stand again in the new last ones. */
function spreadKey(key: number): number {
  return 32 * (key - 1) + Math.floor((key - 1) / 2 ** 43);
}
