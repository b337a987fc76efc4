// A row of `corrupted.jsonl`: TRL's stepwise supervision, with columns that say what was done.
import type { NamedCorruption } from './corruption/corruptSolution.ts';

/** What becomes of the steps behind the wrong one: nothing is said of them, or they count as wrong too. */
export const AFTER_ERROR_LABELS = ['unlabelled', 'incorrect'] as const;
export type AfterErrorLabel = (typeof AFTER_ERROR_LABELS)[number];

interface SolutionNote {
  dataset: string;
  /** As people count: a line, or a row of Parquet. */
  row: number;
  /** Reference answer. */
  answer?: string | null | undefined;
}

/**
 * Writes the rows of one solution: `prompt`, `completions`, `labels` (null: unlabelled), and
 * - `strategy`, `error_step` (0-based index of the first wrong step), `consistent` (whether the error is carried on): null where
 *   all steps are right;
 * - `before`, `after`: the step that was changed or dropped, and what stands in its place or was added; null where none;
 * - `answer`, `source`, `source_row`: the reference answer, and where the solution is from.
 *
 * Each text is encoded once: the paths of a solution share most of their steps.
 */
export class RowWriter {
  private readonly encoded = new Map<string, string>();
  private readonly start: string;
  private readonly end: string;

  constructor(problem: string, { answer = null, dataset, row }: SolutionNote) {
    this.start = `{"prompt":${JSON.stringify(problem)},"completions":[`;
    const end = `"answer":${JSON.stringify(answer)},"source":${JSON.stringify(dataset)},"source_row":${row}`;
    this.end = `${end}}\n`;
  }

  /** A line: the solution as it is, all steps labelled correct. */
  correct(steps: readonly string[]): string {
    return this.line(
      steps,
      steps.map(() => 'true'),
      '"strategy":null,"error_step":null,"consistent":null,"before":null,"after":null',
    );
  }

  /** A line: steps before the error are right, the error is wrong, and those behind it are what was chosen. */
  corrupted(
    { steps, at, strategy, consistent, before, after }: NamedCorruption,
    afterError: AfterErrorLabel,
  ): string {
    const behind = afterError === 'incorrect' ? 'false' : 'null';
    return this.line(
      steps,
      steps.map((_, step) => (step < at ? 'true' : step === at ? 'false' : behind)),
      `"strategy":"${strategy}","error_step":${at},"consistent":${consistent},` +
        `"before":${this.json(before)},"after":${this.json(after)}`,
    );
  }

  private line(steps: readonly string[], labels: readonly string[], facts: string): string {
    const completions = steps.map((step) => this.json(step)).join(',');
    return `${this.start}${completions}],"labels":[${labels.join(',')}],${facts},${this.end}`;
  }

  private json(text: string | null): string {
    if (text === null) return 'null';
    let encoded = this.encoded.get(text);
    if (encoded === undefined) {
      encoded = JSON.stringify(text);
      this.encoded.set(text, encoded);
    }
    return encoded;
  }
}
