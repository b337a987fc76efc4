// The problems of datasets of any layout, each once, with their reference answers.
import type { LayoutName } from '../../../protocol/src/datasets.ts';
import { InputRows, openInput } from '../datasets/format/formatInput.ts';
import { SkippedCounter } from '../datasets/format/skippedCounter.ts';
import type { SkippedRows } from '../datasets/format/formatReport.ts';
import { PrmError } from '../support/errors.ts';
import { finalAnswer } from './answers.ts';

export interface Problem {
  text: string;
  /** Reference answer; undefined where the dataset has none. */
  answer: string | undefined;
  dataset: string;
  /** As people count. */
  row: number;
}

export interface ProblemHooks {
  signal?: AbortSignal | undefined;
  environment?: NodeJS.ProcessEnv | undefined;
  onDownload?: ((done: number, total: number) => void) | undefined;
}

/** @throws PrmError where a dataset cannot be used or holds no problem */
export async function readProblems(
  {
    datasets,
    layout,
    limit = Infinity,
  }: { datasets: readonly string[]; layout?: LayoutName | undefined; limit?: number | undefined },
  { signal, environment = process.env, onDownload }: ProblemHooks,
): Promise<{ problems: Problem[]; skipped: SkippedRows[] }> {
  const problems = new Map<string, Problem>();
  const skipped = new SkippedCounter();
  for (const dataset of datasets) {
    const input = await openInput({ dataset, layout }, { signal, environment, onDownload });
    try {
      const rows = new InputRows(input, { completions: 'auto' }).rows({ signal }, () => undefined);
      for await (const batch of rows.batches()) {
        for (const { row, number, fault } of batch) {
          if (fault !== undefined) skipped.add(number, fault);
          if (row === undefined || problems.has(row.problem)) continue;
          const worked = row.traces[0]?.steps.at(-1)?.text;
          const answer =
            row.answer ??
            (input.layout.name === 'gsm8k' && worked !== undefined ? finalAnswer(worked) : undefined);
          problems.set(row.problem, { text: row.problem, answer, dataset, row: number });
          if (problems.size >= limit) break;
        }
        if (problems.size >= limit) break;
      }
    } finally {
      await input.source.close();
    }
    if (problems.size >= limit) break;
  }
  if (problems.size === 0) {
    throw new PrmError({
      where: datasets.join(', '),
      what: 'there is no problem to solve',
      remedy: 'Give a dataset with problems, such as GSM8K’s.',
    });
  }
  return { problems: [...problems.values()], skipped: skipped.counts };
}
