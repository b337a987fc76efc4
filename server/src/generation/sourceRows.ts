// The rows of several datasets of any layout, one after the other: what problems and solutions are taken from.
import type { LayoutName } from '../../../protocol/src/datasets.ts';
import { InputRows, openInput, type OpenInput } from '../datasets/format/formatInput.ts';
import type { SkippedCounter } from '../datasets/format/skippedCounter.ts';
import type { LayoutRow } from '../datasets/layouts/layout.ts';

export interface SourceChoice {
  /** Files, or names on the Hub. */
  datasets: readonly string[];
  /** Found out for each dataset where missing. */
  layout?: LayoutName | undefined;
}

export interface SourceHooks {
  signal?: AbortSignal | undefined;
  environment?: NodeJS.ProcessEnv | undefined;
  onDownload?: ((done: number, total: number) => void) | undefined;
}

/** A row that can be used, and where it is from. */
export interface SourceRow {
  row: LayoutRow;
  /** As people count. */
  number: number;
  dataset: string;
  layout: LayoutName;
}

export class SourceRows {
  readonly #inputs: readonly { input: OpenInput; reader: InputRows }[];
  readonly #signal: AbortSignal | undefined;

  private constructor(inputs: readonly OpenInput[], signal: AbortSignal | undefined) {
    // An empty line is no step: nothing in it is right or wrong.
    const options = { completions: 'auto', emptySteps: 'drop' } as const;
    this.#inputs = inputs.map((input) => ({ input, reader: new InputRows(input, options) }));
    this.#signal = signal;
  }

  /** @throws PrmError where a dataset cannot be had or read, or no layout fits */
  static async open({ datasets, layout }: SourceChoice, hooks: SourceHooks): Promise<SourceRows> {
    const { signal, environment = process.env, onDownload } = hooks;
    const inputs: OpenInput[] = [];
    try {
      for (const dataset of datasets) {
        inputs.push(await openInput({ dataset, layout }, { signal, environment, onDownload }));
      }
    } catch (error) {
      for (const { source } of inputs) await source.close();
      throw error;
    }
    return new SourceRows(inputs, signal);
  }

  /**
   * One pass; memory holds a batch at a time.
   * @param skipped counts the rows that cannot be used
   */
  async *rows(skipped: SkippedCounter): AsyncGenerator<SourceRow> {
    for (const { input, reader } of this.#inputs) {
      const { choice, layout } = input;
      const rows = reader.rows({ signal: this.#signal }, () => undefined);
      for await (const batch of rows.batches()) {
        for (const { row, number, fault } of batch) {
          if (fault !== undefined) skipped.add(number, fault);
          if (row !== undefined) yield { row, number, dataset: choice.dataset, layout: layout.name };
        }
      }
    }
  }

  /**
   * Decides after the first pass whether `completions` are steps or attempts; later passes read them so.
   * @returns whether the first pass read them otherwise, so that it has to be made again
   */
  settleReading(): boolean {
    return this.#inputs.map(({ reader }) => reader.settleReading()).includes(true);
  }

  async close(): Promise<void> {
    for (const { input } of this.#inputs) await input.source.close();
  }
}
