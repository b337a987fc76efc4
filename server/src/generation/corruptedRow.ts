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
  /** By step, the JSON of those before it, each with a comma behind it. */
  private readonly before: readonly string[];
  private readonly start: string;
  private readonly end: string;

  constructor(problem: string, texts: readonly string[], { answer = null, dataset, row }: SolutionNote) {
    this.texts = texts;
    const encoded: string[] = [];
    const before: string[] = [];
    let all = '';
    for (const text of texts) {
      const json = quoted(text);
      encoded.push(json);
      before.push(all);
      all += `${json},`;
    }
    this.encoded = encoded;
    this.before = before;
    this.start = `{"prompt":${quoted(problem)},"completions":[`;
    const end = `"answer":${JSON.stringify(answer)},"source":${JSON.stringify(dataset)},"source_row":${row}`;
    this.end = `${end}}\n`;
  }

  /** A line: the solution as it is, all steps labelled correct. */
  correct(): string {
    const labels = 'true,'.repeat(this.texts.length).slice(0, -1);
    const facts = '"strategy":null,"error_step":null,"consistent":null,"before":null,"after":null';
    return `${this.start}${this.encoded.join(',')}],"labels":[${labels}],${facts},${this.end}`;
  }

  /** A line: steps before the error are right, the error is wrong, and those behind it are what was chosen. */
  corrupted(
    { steps, at, strategy, consistent, before, after }: NamedCorruption,
    afterError: AfterErrorLabel,
  ): string {
    let same = 0;
    while (same < at && steps[same] === this.texts[same]) same++;
    let completions = this.before[same] ?? '';
    let error = 'null';
    for (let step = same; step < steps.length; step++) {
      const text = this.json(steps[step] ?? '', step);
      completions += step < steps.length - 1 ? `${text},` : text;
      if (step === at) error = text;
    }
    const behind = afterError === 'incorrect' ? ',false' : ',null';
    const labels = `${'true,'.repeat(at)}false${behind.repeat(steps.length - at - 1)}`;
    // What stands there now was encoded as a step.
    return (
      `${this.start}${completions}],"labels":[${labels}],"strategy":"${strategy}","error_step":${at},` +
      `"consistent":${consistent},"before":${before === null ? 'null' : this.json(before, at)},` +
      `"after":${after === null ? 'null' : error},${this.end}`
    );
  }

  /** @param near where the text stands in the solution, if it is one of its steps; one was left out or added at most */
  private json(text: string, near: number): string {
    const { texts, encoded } = this;
    if (near < texts.length && texts[near] === text) return encoded[near] ?? '';
    if (near > 0 && texts[near - 1] === text) return encoded[near - 1] ?? '';
    if (near + 1 < texts.length && texts[near + 1] === text) return encoded[near + 1] ?? '';
    return quoted(text);
  }
}

/** Nothing in it is written otherwise in JSON. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** A text as JSON; `JSON.stringify` takes twice as long for what is plain, as most texts are. */
function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
