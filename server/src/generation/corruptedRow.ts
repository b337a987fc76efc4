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
  /** The solution's own steps, and the same as JSON. */
  private readonly texts: readonly string[];
  private readonly encoded: readonly string[];
  private readonly start: string;
  private readonly end: string;

  constructor(problem: string, texts: readonly string[], { answer = null, dataset, row }: SolutionNote) {
    this.texts = texts;
    this.encoded = texts.map((text) => JSON.stringify(text));
    this.start = `{"prompt":${JSON.stringify(problem)},"completions":[`;
    const end = `"answer":${JSON.stringify(answer)},"source":${JSON.stringify(dataset)},"source_row":${row}`;
    this.end = `${end}}\n`;
  }

  /** A line: the solution as it is, all steps labelled correct. */
  correct(): string {
    const labels = this.texts.map(() => 'true').join(',');
    const facts = '"strategy":null,"error_step":null,"consistent":null,"before":null,"after":null';
    return `${this.start}${this.encoded.join(',')}],"labels":[${labels}],${facts},${this.end}`;
  }

  /** A line: steps before the error are right, the error is wrong, and those behind it are what was chosen. */
  corrupted(
    { steps, at, strategy, consistent, before, after }: NamedCorruption,
    afterError: AfterErrorLabel,
  ): string {
    const behind = afterError === 'incorrect' ? 'false' : 'null';
    let completions = '';
    let labels = '';
    let error = 'null';
    for (let step = 0; step < steps.length; step++) {
      const text = this.json(steps[step] ?? '', step);
      const comma = step === 0 ? '' : ',';
      completions += comma + text;
      labels += comma + (step < at ? 'true' : step === at ? 'false' : behind);
      if (step === at) error = text;
    }
    // What stands there now was encoded as a step.
    return (
      `${this.start}${completions}],"labels":[${labels}],"strategy":"${strategy}","error_step":${at},` +
      `"consistent":${consistent},"before":${before === null ? 'null' : this.json(before, at)},` +
      `"after":${after === null ? 'null' : error},${this.end}`
    );
  }

  /** @param near where the text stands in the solution, if it is one of its steps; one was left out or added at most */
  private json(text: string, near: number): string {
    const last = Math.min(near + 1, this.texts.length - 1);
    for (let step = Math.max(0, near - 1); step <= last; step++)
      if (this.texts[step] === text) return this.encoded[step] ?? '';
    return JSON.stringify(text);
  }
}
