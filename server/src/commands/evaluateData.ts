// The labelled traces that `prm evaluate` measures on: formatted examples, or a dataset in its own layout.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { openInput } from '../datasets/format/formatInput.ts';
import { Passes } from '../datasets/format/passes.ts';
import { surveyInput } from '../datasets/format/surveyInput.ts';
import { checkRows } from '../datasets/format/surveyChecks.ts';
import { readTraces } from '../datasets/formattedTraces.ts';
import type { Trace } from '../datasets/trace.ts';
import { PrmError } from '../support/errors.ts';
import type { CommandContext } from './command.ts';
import type { EvaluateOptions } from './evaluate.ts';
import { ProgressLine } from './progressLine.ts';

/** Files that `prm format` writes, the one to measure on first. */
const FORMATTED = ['prm_val.jsonl', 'prm_train.jsonl'];

export interface EvaluationData {
  /** The file or dataset. */
  name: string;
  traces: Trace[];
  /** Rows that could not be read. */
  skippedRows: number;
}

/** @throws PrmError where neither or both were given, or they cannot be read */
export async function evaluationData(
  options: EvaluateOptions,
  context: CommandContext,
): Promise<EvaluationData> {
  const { data, dataset } = options;
  if (dataset !== undefined) return fromDataset(dataset, options, context);
  if (data !== undefined) return fromExamples(data, context);
  throw new PrmError({
    what: 'There is nothing to measure on',
    remedy: 'Give --data with a folder that prm format wrote, or --dataset.',
  });
}

async function fromExamples(data: string, { signal }: CommandContext): Promise<EvaluationData> {
  const name = await examplesIn(data);
  const traces: Trace[] = [];
  for await (const trace of readTraces(name, { signal })) traces.push(trace);
  return { name, traces, skippedRows: 0 };
}

/** The file itself, or the first of a folder that has something in it. */
async function examplesIn(data: string): Promise<string> {
  const sizeOf = async (file: string) => (await stat(file).catch(() => undefined))?.size ?? 0;
  if ((await stat(data).catch(() => undefined))?.isFile() === true) return data;
  for (const name of FORMATTED) {
    const file = path.join(data, name);
    if ((await sizeOf(file)) > 0) return file;
  }
  throw new PrmError({
    where: data,
    what: `There are no formatted examples (${FORMATTED.join(', ')})`,
    remedy: 'Give --data a folder that prm format wrote, or the dataset itself as --dataset.',
  });
}

async function fromDataset(
  dataset: string,
  { layout, maxExamples, ...policies }: EvaluateOptions,
  context: CommandContext,
): Promise<EvaluationData> {
  const { signal, environment } = context;
  const progress = new ProgressLine(context, 'Reading');
  const { onDownload, onProgress } = progress.hooks;
  const input = await openInput({ dataset, layout: layout?.[0] }, { signal, environment, onDownload });
  try {
    const passes = new Passes([input.source], (share) => {
      onProgress({ done: share, total: 1 });
    });
    const { survey, rows } = await surveyInput(
      input,
      0,
      { ...policies, maxExamples, seed: 0 },
      passes,
      signal,
    );
    checkRows(survey, dataset, input.layout.title);
    const traces: Trace[] = [];
    passes.begin(input.source);
    for await (const batch of rows.batches())
      for (const { row } of batch) traces.push(...(row?.traces ?? []));
    const skippedRows = survey.skipped.reduce((sum, { count }) => sum + count, 0);
    return { name: dataset, traces, skippedRows };
  } finally {
    await input.source.close();
    progress.clear();
  }
}
