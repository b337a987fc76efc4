// Threads that make paths beside the one that reads and writes.
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { CancelledError, messageOf, PrmError, systemErrorCode } from '../support/errors.ts';
import type { BlockWish, MadeLines, SolutionBlock } from './solutionBlock.ts';

/** Which threads there are. */
export interface ThreadChoice {
  /** Bundle of corruptThread.ts. */
  file: string;
  /** Beside the thread that asks; 0: it does all the work itself. */
  count: number;
}

/** More are not kept busy: one thread reads and writes for all. */
const MOST_THREADS = 3;
/** Blocks that a thread has to do: it need not wait for the next while one is read. */
const BLOCKS_AHEAD = 4;
/** Of a thread's heap, MB: room for blocks, and few collections of what lives shortly. */
const [HEAP, YOUNG_HEAP] = [512, 32];

/**
 * One for each core but that of the thread that asks; where there is much to do, it is busy for a small part of the time and needs
 * none of its own. (Not before: each thread compiles the code for itself, which takes as long as 50,000 paths.)
 */
export function extraThreads(isMuch: boolean): number {
  return Math.min(MOST_THREADS, availableParallelism() - (isMuch ? 0 : 1));
}

/** Those that suit the machine. The sources have no bundle beside them, and no further threads. */
export function threadsHere(isMuch: boolean): ThreadChoice {
  const isBundled = path.extname(import.meta.filename) === '.cjs';
  return {
    file: path.join(import.meta.dirname, 'corruptThread.cjs'),
    count: isBundled ? extraThreads(isMuch) : 0,
  };
}

interface Asked {
  resolve: (made: MadeLines[]) => void;
  reject: (error: unknown) => void;
}

export class CorruptThreads {
  private readonly threads: Thread[];

  /** They start at once, and can be given blocks before they run. `close` them in the end. */
  constructor(
    { file, count }: ThreadChoice,
    wish: BlockWish,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.threads = Array.from({ length: count }, () => new Thread(file, wish));
    signal?.addEventListener('abort', this.stop);
  }

  /** Blocks that keep all of them busy: with more, memory would grow and nothing be done sooner. */
  get atOnce(): number {
    return BLOCKS_AHEAD * this.threads.length;
  }

  /** @returns rejected where the thread fails */
  make(block: SolutionBlock): Promise<MadeLines[]> {
    const [first, ...others] = this.threads;
    if (first === undefined) throw new Error('There is no thread.');
    return others.reduce((least, thread) => (thread.asked < least.asked ? thread : least), first).make(block);
  }

  /** Ends them, also amid a block. */
  async close(): Promise<void> {
    this.signal?.removeEventListener('abort', this.stop);
    for (const thread of this.threads) await thread.close();
  }

  /** Whoever waits for a block waits no longer. */
  private readonly stop = (): void => {
    for (const thread of this.threads) thread.fail(new CancelledError());
  };
}

class Thread {
  private readonly worker: Worker;
  /** In the order in which the answers come. */
  private readonly waiting: Asked[] = [];
  private failure: Error | undefined;

  constructor(file: string, wish: BlockWish) {
    this.worker = new Worker(file, {
      workerData: wish,
      resourceLimits: { maxOldGenerationSizeMb: HEAP, maxYoungGenerationSizeMb: YOUNG_HEAP },
    });
    this.worker.on('message', (made: MadeLines[]) => this.waiting.shift()?.resolve(made));
    this.worker.on('error', (error: unknown) => {
      this.fail(error instanceof Error ? error : new Error(messageOf(error)));
    });
    this.worker.on('exit', (code) => {
      this.fail(new Error(`a thread ended with status ${code}`));
    });
  }

  /** Blocks that it has not answered yet. */
  get asked(): number {
    return this.waiting.length;
  }

  make(block: SolutionBlock): Promise<MadeLines[]> {
    return new Promise((resolve, reject) => {
      if (this.failure !== undefined) {
        reject(this.failure);
        return;
      }
      this.waiting.push({ resolve, reject });
      this.worker.postMessage(block);
    });
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  /** Nothing more comes of it. The first failure says why; the end of the thread follows it. */
  fail(error: Error): void {
    const failure = (this.failure ??= diedOf(error));
    for (const { reject } of this.waiting.splice(0)) reject(failure);
  }
}

function diedOf(error: Error): Error {
  if (systemErrorCode(error) !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
  return new PrmError({
    what: `making the paths took more memory than the ${HEAP} MB of a thread (${messageOf(error)})`,
    remedy: 'Ask for fewer paths of each solution with --num_incorrect_per_problem.',
    cause: error,
  });
}
