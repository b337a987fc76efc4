// Some solutions of a dataset, the paths that are made of them as lines of `corrupted.jsonl`, and what is told of each.
// A block's lines depend on the block and the wish alone: whichever thread makes them, and when, they are the same.
import { seededStream } from '../support/random.ts';
import { corruptSolution, type CorruptionWish } from './corruption/corruptSolution.ts';
import { readSolution } from './corruption/solution.ts';
import { STRATEGIES, STRATEGY_NAMES } from './corruption/strategies/index.ts';
import { RowWriter, type AfterErrorLabel } from './corruptedRow.ts';

/** What is the same for all blocks. Plain data: it is sent to threads. */
export interface BlockWish {
  seed: number;
  strategies: readonly string[];
  /** Errors of each solution. */
  count: number;
  consistentShare: number;
  afterError: AfterErrorLabel;
  /** Also writes each solution as it is. */
  correct: boolean;
}

export interface SourceSolution {
  problem: string;
  /** None of them empty. */
  steps: readonly string[];
  answer: string | undefined;
  /** As people count: a line, or a row of Parquet. */
  row: number;
  /** Which of its row's paths it is, from 0. */
  trace: number;
}

export interface SolutionBlock {
  dataset: { index: number; name: string };
  solutions: readonly SourceSolution[];
}

/**
 * What a mark in `MadeLines.marks` is about: a solution that is left out, the beginning of one, a solution as it is, or (from 0 on)
 * an error.
 */
export const [LEFT_OUT, SOLUTION, CORRECT] = [-3, -2, -1];
/** Numbers of a mark. */
export const MARK = 4;

/** Lines in order. Plain data: it is sent between threads. */
export interface MadeLines {
  /** UTF-8. */
  bytes: Uint8Array<ArrayBuffer>;
  /**
   * Four numbers a mark:
   * - `LEFT_OUT`, its row, 0, 0
   * - `SOLUTION`, errors made of it, 0, 0
   * - `CORRECT`, 0, steps, end of the line in `bytes`
   * - the number of a kind of error (`strategyOf`, `isConsistent`), index of the wrong step, steps, end of the line in `bytes`
   */
  marks: Int32Array<ArrayBuffer>;
}

/** Lines are handed on from this size on, in bytes: a solution may be as long as a row may be, and asked for many errors. */
const PART = 4 << 20;
/** Room for the lines of a block: more than most take. */
const PIECE = 512 << 10;
/** Of one UTF-16 unit, at most. */
const BYTES_PER_UNIT = 3;

/** Between the seeds of a row's paths: an odd number, so that none of them has another's. */
const PATH_STRIDE = 0x9e3779b1;

const NUMBERS = new Map(STRATEGY_NAMES.map((name, index) => [name, 2 * index]));

/** The name of the strategy in a mark of an error. */
export function strategyOf(kind: number): string {
  return STRATEGY_NAMES[kind >> 1] ?? '';
}

/** Whether the error of a mark is carried on. */
export function isConsistent(kind: number): boolean {
  return (kind & 1) === 1;
}

/** About how many bytes a solution becomes. */
export function sizeOf({ problem, steps }: SourceSolution, { count }: BlockWish): number {
  const columns = 200;
  return (count + 1) * (columns + steps.reduce((sum, step) => sum + step.length, problem.length));
}

export class BlockMaker {
  private readonly errors: CorruptionWish;
  private bytes = Buffer.allocUnsafeSlow(PIECE);
  private used = 0;
  private marks: number[] = [];

  constructor(private readonly wish: BlockWish) {
    const { strategies, count, consistentShare } = wish;
    const chosen = STRATEGIES.filter(({ name }) => strategies.includes(name));
    this.errors = { strategies: chosen, count, consistentShare };
  }

  /** One piece, but for solutions that are very long. */
  *make({ dataset, solutions }: SolutionBlock): Generator<MadeLines> {
    const { seed, afterError, correct } = this.wish;
    for (const { problem, steps, answer, row, trace } of solutions) {
      const solution = readSolution(problem, steps);
      if (!solution.isSound) {
        this.marks.push(LEFT_OUT, row, 0, 0);
        continue;
      }
      const random = seededStream(seed + Math.imul(trace, PATH_STRIDE), dataset.index, row);
      const made = corruptSolution(solution, this.errors, random);
      const rows = new RowWriter(problem, solution.texts, { dataset: dataset.name, row, answer });
      this.marks.push(SOLUTION, made.length, 0, 0);
      if (correct) this.add(rows.correct(), CORRECT, 0, steps.length);
      for (const corruption of made) {
        if (this.used > PART) yield this.taken();
        const kind = (NUMBERS.get(corruption.strategy) ?? 0) + (corruption.consistent ? 1 : 0);
        this.add(rows.corrupted(corruption, afterError), kind, corruption.at, corruption.steps.length);
      }
    }
    yield this.taken();
  }

  private add(line: string, kind: number, at: number, steps: number): void {
    const wanted = this.used + BYTES_PER_UNIT * line.length;
    if (wanted > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * wanted);
      larger.set(this.bytes.subarray(0, this.used));
      this.bytes = larger;
    }
    this.used += this.bytes.write(line, this.used);
    this.marks.push(kind, at, steps, this.used);
  }

  private taken(): MadeLines {
    const taken = { bytes: this.bytes.subarray(0, this.used), marks: Int32Array.from(this.marks) };
    // Its memory goes with the lines, to the disk or to another thread.
    this.bytes = Buffer.allocUnsafeSlow(PIECE);
    this.used = 0;
    this.marks = [];
    return taken;
  }
}
