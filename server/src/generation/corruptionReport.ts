// Counts what `prm generate corrupt` makes: by strategy, by place of the error, and what was left out.
import type { SkippedRows } from '../datasets/format/formatReport.ts';
import { SkippedCounter } from '../datasets/format/skippedCounter.ts';
import type { RowFault } from '../datasets/rowSource.ts';

export interface StrategyCount {
  strategy: string;
  /** Paths whose error stays in its step, and those that carry it on. */
  local: number;
  consistent: number;
}

export interface CorruptionSummary {
  datasets: { dataset: string; layout: string }[];
  file: string;
  bytes: number;
  seed: number;
  consistentShare: number;
  afterError: string;
  /** Solutions used. */
  problems: number;
  correct: number;
  incorrect: number;
  strategies: StrategyCount[];
  /** Corrupted paths by the number of the wrong step, from 1; the last entry also holds all later ones. */
  errorSteps: number[];
  /** The same by the place of the wrong step between the first step (first entry) and the last one (last entry), in fifths. */
  errorPlaces: number[];
  /** Solutions that gave fewer errors than asked for, and those that gave none. */
  fewer: number;
  none: number;
  skipped: SkippedRows[];
  seconds: number;
}

const POSITIONS = 12;
const PLACES = 5;

export class CorruptionReport {
  correct = 0;
  incorrect = 0;
  private problems = 0;
  private tooFew = 0;
  private without = 0;
  private readonly byStrategy: Map<string, StrategyCount>;
  private readonly byStep = new Array<number>(POSITIONS).fill(0);
  private readonly byPlace = new Array<number>(PLACES).fill(0);
  private readonly left = new SkippedCounter();

  /** @param strategies in the order of the report */
  constructor(strategies: readonly string[]) {
    this.byStrategy = new Map(
      strategies.map((strategy) => [strategy, { strategy, local: 0, consistent: 0 }]),
    );
  }

  get paths(): number {
    return this.correct + this.incorrect;
  }

  /** Whether no solution gave an error. */
  get gaveNone(): boolean {
    return this.without === this.problems;
  }

  /** @param made errors of a solution, where `wanted` were asked for */
  solution(made: number, wanted: number): void {
    this.problems++;
    if (made < wanted) this.tooFew++;
    if (made === 0) this.without++;
  }

  correctPath(): void {
    this.correct++;
  }

  /**
   * @param at 0-based index of the wrong step
   * @param steps of the path
   */
  corruptedPath(strategy: string, consistent: boolean, at: number, steps: number): void {
    this.incorrect++;
    const counts = this.byStrategy.get(strategy);
    if (counts !== undefined) counts[consistent ? 'consistent' : 'local']++;
    const step = Math.min(at, POSITIONS - 1);
    this.byStep[step] = (this.byStep[step] ?? 0) + 1;
    const place = steps < 2 ? 0 : Math.min(PLACES - 1, Math.floor((PLACES * at) / (steps - 1)));
    this.byPlace[place] = (this.byPlace[place] ?? 0) + 1;
  }

  skipped(row: number, fault: RowFault): void {
    this.left.add(row, fault);
  }

  /** Why rows were left out, in one line; empty where none was. */
  reasons(): string {
    const skipped = this.left.counts.map(({ reason, count }) => `${count} × ${reason}`);
    return [...skipped, ...(this.without === 0 ? [] : [`${this.without} without a place for an error`])].join(
      '; ',
    );
  }

  summary(
    facts: Pick<
      CorruptionSummary,
      'datasets' | 'file' | 'bytes' | 'seed' | 'consistentShare' | 'afterError' | 'seconds'
    >,
  ): CorruptionSummary {
    const last = this.byStep.findLastIndex((paths) => paths > 0);
    return {
      ...facts,
      problems: this.problems,
      correct: this.correct,
      incorrect: this.incorrect,
      strategies: [...this.byStrategy.values()],
      errorSteps: this.byStep.slice(0, last + 1),
      errorPlaces: [...this.byPlace],
      fewer: this.tooFew,
      none: this.without,
      skipped: this.left.counts,
    };
  }
}
