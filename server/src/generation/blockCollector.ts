// Takes the rows of one dataset that can be used, each solution once, and makes blocks of them.
import type { OpenInput } from '../datasets/format/formatInput.ts';
import type { NumberedRow } from '../datasets/format/layoutRows.ts';
import type { LayoutRow } from '../datasets/layouts/layout.ts';
import type { RowFault } from '../datasets/rowSource.ts';
import { HashSet } from '../datasets/summary/hashSet.ts';
import { contentHash } from '../datasets/summary/contentHash.ts';
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
    const solution = row === undefined ? undefined : this.solutionOf(row, number);
    if (solution !== undefined) {
      this.solutions.push(solution);
      this.size += sizeOf(solution, this.wish);
    }
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

  /** Only solutions that are right: errors of their own would make every label behind them wrong. */
  private solutionOf({ traces: [trace], answer }: LayoutRow, number: number): SourceSolution | undefined {
    if (trace === undefined || trace.steps.length === 0) return this.leaveOut('no steps', number);
    const { problem } = trace;
    const unlabelled = this.input.layout.name === 'gsm8k';
    const steps: string[] = [];
    let length = 0;
    for (const { text, label } of trace.steps) {
      length += text.length;
      if (label !== 'correct' && !(unlabelled && label === 'unlabelled'))
        return this.leaveOut('not every step is labelled correct', number);
      steps.push(text);
    }
    if (length > LONGEST) return this.leaveOut(TOO_LONG, number);
    if (!this.seen.add(contentHash([problem, steps])))
      return this.leaveOut('the same problem and solution again', number);
    return { problem, steps, answer, row: number };
  }

  private leaveOut(reason: string, number: number): undefined {
    this.skip(number, { reason });
  }

  private skip(number: number, fault: RowFault): void {
    this.skipped.push({ behind: this.solutions.length, number, fault });
  }
}
