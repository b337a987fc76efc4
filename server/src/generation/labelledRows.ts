// The rows of `labelled.jsonl`, TRL's stepwise layout, and what they hold.
import type { Label } from '../datasets/trace.ts';
import type { Labelling, Without } from './labelling/labelMethod.ts';
import type { CompleteLabelOptions } from './labelOptions.ts';
import type { SourceSolution } from './labelSource.ts';

/** Solutions that got no labels. */
export interface SolutionsWithout {
  /** `over-budget`: an answer was not asked for. `failed`: one was not to be had. `left-out`: the answers give no labels. */
  kind: 'over-budget' | 'failed' | 'left-out';
  reason: string;
  solutions: number;
  /** The first of them: its row, and what is only of this one. */
  firstRow: number;
  firstDetail?: string;
}

export class LabelledRows {
  /** Solutions that got labels. */
  labelled = 0;
  /** Of their steps. */
  readonly labels: Record<Label, number> = { correct: 0, incorrect: 0, neutral: 0, unlabelled: 0 };
  readonly #without = new Map<string, SolutionsWithout>();
  readonly #options: Pick<CompleteLabelOptions, 'by' | 'soft'>;

  constructor(options: Pick<CompleteLabelOptions, 'by' | 'soft'>) {
    this.#options = options;
  }

  get without(): SolutionsWithout[] {
    return [...this.#without.values()];
  }

  /**
   * - `prompt`, `completions`, `labels`: verdicts (null: unlabelled), or shares of right continuations where these are wanted;
   * - `estimates`: the shares (null where none was tried), of methods that estimate;
   * - `first_error`: 0-based index of the first wrong step, or null; `labelled_by`: the method;
   * - `answer`, `source`, `source_row`, `trace`: the reference answer, and where the solution is from (`trace`: which path of its row).
   * @returns undefined where the solution got no labels
   */
  lineOf(solution: SourceSolution, labelling: Labelling): string | undefined {
    const { problem, steps, answer = null, dataset, row, trace, shared } = solution;
    if ('without' in labelling) {
      this.#leaveOut(row, labelling);
      return undefined;
    }
    // Labelled twice, the steps that paths share would weigh twice.
    const labels = labelling.labels.map((label, step) => (step < shared ? 'unlabelled' : label));
    const wrong = labelling.labels.indexOf('incorrect');
    if (labels.every((label) => label === 'unlabelled')) {
      this.#leaveOut(row, { without: 'a branch behind a wrong step' });
      return undefined;
    }
    this.labelled++;
    for (const label of labels) this.labels[label]++;
    const { estimates } = labelling;
    const line = {
      prompt: problem,
      completions: steps,
      labels: labels.map((label, step) => this.#written(label, estimates?.[step])),
      ...(estimates === undefined ? {} : { estimates: steps.map((_, step) => estimates[step] ?? null) }),
      first_error: wrong === -1 ? null : wrong,
      labelled_by: this.#options.by,
      answer,
      source: dataset,
      source_row: row,
      trace,
    };
    return `${JSON.stringify(line)}\n`;
  }

  #leaveOut(row: number, { without: reason, missing, detail }: Without): void {
    const found = this.#without.get(reason);
    if (found !== undefined) {
      found.solutions++;
      return;
    }
    const firstDetail = detail === undefined ? {} : { firstDetail: detail };
    this.#without.set(reason, {
      kind: missing ?? 'left-out',
      reason,
      solutions: 1,
      firstRow: row,
      ...firstDetail,
    });
  }

  /** Shares are estimates only: a step that nothing was tried from has none. */
  #written(label: Label, estimate: number | undefined): boolean | number | null {
    if (label === 'unlabelled') return null;
    if (this.#options.soft) return estimate ?? null;
    return label === 'correct';
  }
}
