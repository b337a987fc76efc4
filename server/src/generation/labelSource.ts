// The solutions that `prm label` labels: read as a stream, twice, since what they cost is said before the first is labelled.
import { SkippedCounter } from '../datasets/format/skippedCounter.ts';
import type { SkippedRows } from '../datasets/format/formatReport.ts';
import { contentHash } from '../datasets/summary/contentHash.ts';
import { HashSet } from '../datasets/summary/hashSet.ts';
import { PrmError } from '../support/errors.ts';
import type { LabelMethod, UnlabelledSolution } from './labelling/labelMethod.ts';
import type { CompleteLabelOptions } from './labelOptions.ts';
import { SourceRows, type SourceHooks, type SourceRow } from './sourceRows.ts';

/** A solution, and where it is from. */
export interface SourceSolution extends UnlabelledSolution {
  dataset: string;
  /** As people count. */
  row: number;
  /** Which of its row's paths it is, from 0. */
  trace: number;
  /** Steps that an earlier path of the row has too: they are labelled there. */
  shared: number;
}

export interface SolutionSurvey {
  solutions: number;
  /** The most answers that labelling them costs. */
  answers: number;
  skipped: SkippedRows[];
}

export class LabelSource {
  readonly #rows: SourceRows;
  readonly #method: LabelMethod;
  readonly #options: CompleteLabelOptions;

  private constructor(rows: SourceRows, method: LabelMethod, options: CompleteLabelOptions) {
    this.#rows = rows;
    this.#method = method;
    this.#options = options;
  }

  /** @throws PrmError where a dataset cannot be used */
  static async open(
    method: LabelMethod,
    options: CompleteLabelOptions,
    hooks: SourceHooks,
  ): Promise<LabelSource> {
    return new LabelSource(await SourceRows.open(options, hooks), method, options);
  }

  /**
   * The first pass.
   * @throws PrmError where there is no solution
   */
  async survey(): Promise<SolutionSurvey> {
    const survey = await this.#count();
    // Attempts that were read as steps are other solutions.
    const settled = this.#rows.settleReading() ? await this.#count() : survey;
    if (settled.solutions > 0) return settled;
    const reasons = settled.skipped.map(({ reason, count }) => `${count} × ${reason}`).join('; ');
    throw new PrmError({
      where: this.#options.datasets.join(', '),
      what: `there is no solution to label${reasons === '' ? '' : `: ${reasons}`}`,
      remedy: this.#method.needsAnswer
        ? 'Give solutions with an `answer`, as prm generate sample writes them, or label by arithmetic or judge.'
        : 'Give a dataset of solutions in steps.',
    });
  }

  /** All paths of all rows, each once, up to as many as are wanted. */
  async *solutions(skipped = new SkippedCounter()): AsyncGenerator<SourceSolution> {
    const { maxExamples = Infinity } = this.#options;
    // Hashes, as the texts of millions would fill the memory.
    const seen = new HashSet();
    let left = maxExamples;
    for await (const source of this.#rows.rows(skipped)) {
      if (this.#method.needsAnswer && isBlank(source.row.answer)) {
        skipped.add(source.number, { reason: 'no reference answer' });
        continue;
      }
      for (const solution of solutionsOf(source)) {
        const { problem, answer, steps } = solution;
        if (seen.add(contentHash([problem, answer, steps]))) {
          yield solution;
          if (--left === 0) return;
        } else skipped.add(source.number, { reason: 'the same problem and solution again' });
      }
    }
  }

  async close(): Promise<void> {
    await this.#rows.close();
  }

  async #count(): Promise<SolutionSurvey> {
    const skipped = new SkippedCounter();
    let solutions = 0;
    let answers = 0;
    for await (const solution of this.solutions(skipped)) {
      solutions++;
      answers += this.#method.cost(solution, this.#options);
    }
    return { solutions, answers, skipped: skipped.counts };
  }
}

function* solutionsOf({ row, number, dataset }: SourceRow): Generator<SourceSolution> {
  for (const [trace, { problem, steps, alternativeAt }] of row.traces.entries()) {
    yield {
      problem,
      steps: steps.map(({ text }) => text),
      answer: row.answer,
      isBranch: alternativeAt !== undefined,
      isCut: row.isCut,
      dataset,
      row: number,
      trace,
      shared: alternativeAt ?? 0,
    };
  }
}

function isBlank(text = ''): boolean {
  return text.trim() === '';
}
