// Takes the rows of one dataset that can be used, each solution once, and makes blocks of them.
import type { OpenInput } from '../datasets/format/formatInput.ts';
import type { NumberedRow } from '../datasets/format/layoutRows.ts';
import type { LayoutRow } from '../datasets/layouts/layout.ts';
import type { RowFault } from '../datasets/rowSource.ts';
import { HashSet } from '../datasets/summary/hashSet.ts';
import { contentHash } from '../datasets/summary/contentHash.ts';
import type { Trace } from '../datasets/trace.ts';
import { sizeOf, type BlockWish, type SolutionBlock, type SourceSolution } from './solutionBlock.ts';

/** A block is full with about so many bytes of lines: some milliseconds of work. */
const BLOCK = 256 << 10;

/** Characters of the steps of one solution: the work grows with their square, and no person or model writes so much of one problem. */
const LONGEST = 100_000;
const TOO_LONG = `more than ${LONGEST.toLocaleString('en')} characters`;

/** A row that is left out. */
interface SkippedRow {
  /** Solutions of the block that stand before it. */
  behind: number;
  number: number;
  fault: RowFault;
}

export interface CollectedBlock extends SolutionBlock {
  skipped: readonly SkippedRow[];
  /** About how many bytes of lines it becomes. */
  size: number;
}

export class BlockCollector {
  /** Hashes of the solutions, as the texts of all would fill the memory. */
  private readonly seen = new HashSet();
  private solutions: SourceSolution[] = [];
  private skipped: SkippedRow[] = [];
  private size = 0;

  constructor(
    private readonly input: OpenInput,
    private readonly index: number,
    private readonly wish: BlockWish,
  ) {}

  /** @returns a block where it is full with this row */
  add({ row, number, fault }: NumberedRow): CollectedBlock | undefined {
    if (fault !== undefined) this.skip(number, fault);
    if (row !== undefined) this.addRow(row, number);
    return this.size >= BLOCK ? this.take() : undefined;
  }

  /** What was collected since the last block. */
  take(): CollectedBlock {
    const { solutions, skipped, size, index } = this;
    this.solutions = [];
    this.skipped = [];
    this.size = 0;
    return { dataset: { index, name: this.input.choice.dataset }, solutions, skipped, size };
  }

  /** All paths of a row. Where one can be used, the others are no fault of the row: attempts are right or wrong. */
  private addRow({ traces, answer }: LayoutRow, row: number): void {
    const reasons: string[] = [];
    for (const [index, trace] of traces.entries()) {
      const steps = this.stepsOf(trace);
      if (typeof steps === 'string') {
        reasons.push(steps);
        continue;
      }
      const solution = { problem: trace.problem, steps, answer, row, trace: index };
      this.solutions.push(solution);
      this.size += sizeOf(solution, this.wish);
    }
    if (reasons.length === traces.length) this.skip(row, { reason: reasons[0] ?? 'no steps' });
  }

  /**
   * Only of solutions that are right: errors of their own would make every label behind them wrong.
   * @returns the texts, or why it cannot be used
   */
  private stepsOf({ problem, steps }: Trace): string[] | string {
    if (steps.length === 0) return 'no steps';
    const unlabelled = this.input.layout.name === 'gsm8k';
    const texts: string[] = [];
    let length = 0;
    for (const { text, label } of steps) {
      length += text.length;
      if (label !== 'correct' && !(unlabelled && label === 'unlabelled'))
        return 'not every step is labelled correct';
      texts.push(text);
    }
    if (length > LONGEST) return TOO_LONG;
    if (!this.seen.add(contentHash([problem, texts]))) return 'the same problem and solution again';
    return texts;
  }

  private skip(number: number, fault: RowFault): void {
    this.skipped.push({ behind: this.solutions.length, number, fault });
  }
}
