// The problems of datasets of any layout, each once, with their reference answers: as a stream, since there may be millions.
import { SkippedCounter } from '../datasets/format/skippedCounter.ts';
import type { SkippedRows } from '../datasets/format/formatReport.ts';
import { contentHash } from '../datasets/summary/contentHash.ts';
import { HashSet } from '../datasets/summary/hashSet.ts';
import { PrmError } from '../support/errors.ts';
import { finalAnswer } from './answers.ts';
import { SourceRows, type SourceChoice, type SourceHooks, type SourceRow } from './sourceRows.ts';

export interface Problem {
  text: string;
  /** Reference answer; undefined where the dataset has none. */
  answer: string | undefined;
  dataset: string;
  /** As people count. */
  row: number;
}

export interface ProblemCounts {
  problems: number;
  /** Of these, how many have a reference answer. */
  answered: number;
  /** Rows whose problem came before. */
  repeated: number;
  skipped: SkippedRows[];
}

export class Problems {
  readonly #rows: SourceRows;
  readonly #datasets: readonly string[];
  readonly #limit: number;

  private constructor(rows: SourceRows, datasets: readonly string[], limit: number) {
    this.#rows = rows;
    this.#datasets = datasets;
    this.#limit = limit;
  }

  /**
   * @param limit problems to take, from the first on
   * @throws PrmError where a dataset cannot be had or read
   */
  static async open(
    { limit = Infinity, ...choice }: SourceChoice & { limit?: number | undefined },
    hooks: SourceHooks,
  ): Promise<Problems> {
    return new Problems(await SourceRows.open(choice, hooks), choice.datasets, limit);
  }

  /**
   * Reads everything once; memory holds a hash of each problem.
   * @throws PrmError where there is no problem
   */
  async count(): Promise<ProblemCounts> {
    const skipped = new SkippedCounter();
    const counts = { problems: 0, answered: 0, repeated: 0 };
    const onRepeated = (): void => {
      counts.repeated++;
    };
    for await (const { answer } of this.#pass(skipped, onRepeated)) {
      counts.problems++;
      if (answer !== undefined) counts.answered++;
    }
    if (counts.problems > 0) return { ...counts, skipped: skipped.counts };
    const reasons = skipped.counts.map(({ reason, count }) => `${count} × ${reason}`).join('; ');
    throw new PrmError({
      where: this.#datasets.join(', '),
      what: `there is no problem to solve${reasons === '' ? '' : `: ${reasons}`}`,
      remedy: 'Give a dataset with problems, such as GSM8K’s.',
    });
  }

  /** From the first on, in every pass. */
  each(): AsyncGenerator<Problem> {
    return this.#pass(new SkippedCounter(), () => undefined);
  }

  async close(): Promise<void> {
    await this.#rows.close();
  }

  async *#pass(skipped: SkippedCounter, onRepeated: () => void): AsyncGenerator<Problem> {
    // Hashes, as the texts of millions would fill the memory.
    const seen = new HashSet();
    for await (const source of this.#rows.rows(skipped)) {
      const problem = problemOf(source);
      if (problem.text.trim() === '') {
        skipped.add(problem.row, { reason: 'the problem is empty' });
        continue;
      }
      if (!seen.add(contentHash(problem.text))) {
        onRepeated();
        continue;
      }
      yield problem;
      if (seen.size >= this.#limit) return;
    }
  }
}

function problemOf({ row, number, dataset, layout }: SourceRow): Problem {
  // GSM8K keeps the reference answer at the end of its worked solution.
  const worked = layout === 'gsm8k' ? row.traces[0]?.steps.at(-1)?.text : undefined;
  const answer = row.answer ?? (worked === undefined ? undefined : finalAnswer(worked));
  return { text: row.problem, answer, dataset, row: number };
}
