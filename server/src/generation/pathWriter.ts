// Has blocks made, in threads or here, and writes and counts their lines in the order of the rows.
import type { OutputFile } from '../datasets/export/outputFile.ts';
import type { RowFault } from '../datasets/rowSource.ts';
import type { CollectedBlock } from './blockCollector.ts';
import type { CorruptionReport } from './corruptionReport.ts';
import type { CorruptThreads } from './corruptThreads.ts';
import {
  BlockMaker,
  CORRECT,
  isConsistent,
  LEFT_OUT,
  MARK,
  SOLUTION,
  strategyOf,
  type BlockWish,
  type MadeLines,
} from './solutionBlock.ts';

/** Its own label would be wrong, and of an error in it nobody could tell whether it is the first. */
const UNSOUND: RowFault = { reason: 'an equation that does not come out' };

/** A larger block is made here, with none waiting beside it: its lines are written as they are made. */
const LARGE = 4 << 20;

interface Waiting {
  block: CollectedBlock;
  /** Undefined while a thread is at it. */
  made: readonly MadeLines[] | undefined;
  /** Fulfilled when `made` is there. */
  ready: Promise<void>;
}

export class PathWriter {
  /** Whether as many paths are written as are wanted. */
  isFull = false;
  private readonly maker: BlockMaker;
  private readonly waiting: Waiting[] = [];
  /** The disk takes one piece while the next is made. */
  private writing: Promise<void> = Promise.resolve();

  /** @param wanted paths that are written at most, correct ones included */
  constructor(
    private readonly output: OutputFile,
    private readonly report: CorruptionReport,
    private readonly wish: BlockWish,
    private readonly wanted: number,
    private readonly threads: CorruptThreads | undefined,
  ) {
    this.maker = new BlockMaker(wish);
  }

  async add(block: CollectedBlock): Promise<void> {
    if (this.threads === undefined || block.size > LARGE) {
      await this.writeUpTo(0);
      await this.write(block, this.maker.make(block));
      return;
    }
    const waiting: Waiting = { block, made: undefined, ready: Promise.resolve() };
    waiting.ready = this.threads.make(block).then((made) => void (waiting.made = made));
    // A failure is thrown where it is waited for; until then it is no unhandled rejection.
    waiting.ready.catch(() => undefined);
    this.waiting.push(waiting);
    await this.writeUpTo(this.threads.atOnce);
  }

  /** Writes what is still on its way. */
  async finish(): Promise<void> {
    await this.writeUpTo(0);
    await this.writing;
  }

  /** Writes what is made, and then as much that no more blocks wait than these. */
  private async writeUpTo(most: number): Promise<void> {
    for (let first = this.waiting[0]; first !== undefined && !this.isFull; first = this.waiting[0]) {
      if (first.made === undefined) {
        if (this.waiting.length <= most) return;
        await first.ready;
      }
      this.waiting.shift();
      await this.write(first.block, first.made ?? []);
    }
  }

  private async write({ skipped }: CollectedBlock, parts: Iterable<MadeLines>): Promise<void> {
    const { report, wish, wanted } = this;
    let begun = 0;
    let told = 0;
    const tellSkipped = (): void => {
      for (let row = skipped[told]; row !== undefined && row.behind <= begun; row = skipped[++told])
        report.skipped(row.number, row.fault);
    };
    for (const { bytes, marks } of parts) {
      let end = 0;
      for (let at = 0; at < marks.length && !this.isFull; at += MARK) {
        const kind = marks[at] ?? SOLUTION;
        const detail = marks[at + 1] ?? 0;
        if (kind === SOLUTION || kind === LEFT_OUT) {
          tellSkipped();
          begun++;
          if (kind === SOLUTION) report.solution(detail, wish.count);
          else report.skipped(detail, UNSOUND);
          continue;
        }
        if (kind === CORRECT) report.correctPath();
        else report.corruptedPath(strategyOf(kind), isConsistent(kind), detail, marks[at + 2] ?? 0);
        end = marks[at + 3] ?? end;
        this.isFull = report.paths === wanted;
      }
      await this.append(bytes.subarray(0, end));
      if (this.isFull) return;
    }
    tellSkipped();
  }

  private async append(bytes: Uint8Array): Promise<void> {
    await this.writing;
    this.writing = this.output.write(bytes);
    // A failure is thrown before the next piece, or at the end.
    this.writing.catch(() => undefined);
  }
}
