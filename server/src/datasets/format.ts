// Formats a dataset to step examples: survey the file, plan the split and the balance, write. Two streamed passes.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PrmError, throwIfCancelled } from '../support/errors.ts';
import { balanceClasses, KEEP_ALL, type Balance } from './balance.ts';
import type { ReadingChoice } from './completionsReading.ts';
import { datasetInfo } from './datasetInfo.ts';
import { ExampleWriter } from './exampleWriter.ts';
import type { FormatReport, SideReport, SourceReport } from './formatReport.ts';
import { pathsOf, type EmptyStepPolicy, type Reading } from './layouts/trlStepwise.ts';
import { openSources } from './openSource.ts';
import {
  explainOutputError,
  INFO_FILE,
  prepareOutput,
  TRAIN_FILE,
  VALIDATION_FILE,
  type OutputFolder,
} from './outputFolder.ts';
import { resolveDataset, type ResolvedDataset } from './resolveDataset.ts';
import type { RowSource } from './rowSource.ts';
import { SIDES, splitProblems, type Side, type Split } from './split.ts';
import { stepwiseRows, type StepwiseRows } from './stepwiseRows.ts';
import { keyOfRuns, surveyRows, type Survey } from './survey.ts';

/** Defaults of `prm format`. */
export const FORMAT_DEFAULTS = {
  dataset: 'ebony59/gsm8k-gen-stepwise',
  outputDir: 'data/prm_formatted',
  valRatio: 0.1,
  seed: 42,
  emptySteps: 'keep',
} as const;

/** As for `prm train`: seeds are 32 bits wide. */
const MAX_SEED = 0xffffffff;

export interface FormatOptions {
  /** Path of a Parquet or JSONL file, or a dataset of the Hugging Face Hub as `owner/name[@revision]`. */
  dataset: string;
  outputDir: string;
  /** Source rows to read, from the first on; all where undefined. */
  maxExamples?: number | undefined;
  /** Down-sample the larger class to the size of the smaller one, on each side. */
  balance: boolean;
  /** Share of problems for validation, from 0 to below 1. */
  valRatio: number;
  /** Whole number from 0 to 2^32 - 1; the same seed, file and options give the same bytes. */
  seed: number;
  completions: 'auto' | Reading;
  /** What becomes of steps without text, in the reading `steps`. */
  emptySteps: EmptyStepPolicy;
  /** Write into a folder that another program made. */
  overwrite: boolean;
}

export interface FormatHooks {
  signal?: AbortSignal | undefined;
  /** Called often; `done` of `total`, in no unit. */
  onProgress?: ((progress: { done: number; total: number | undefined }) => void) | undefined;
  /** Bytes of the dataset that have come from the Hub. */
  onDownload?: ((done: number, total: number) => void) | undefined;
  /** For the HF_… variables; the process's own where undefined. */
  environment?: NodeJS.ProcessEnv;
}

/**
 * Writes `prm_train.jsonl`, `prm_val.jsonl` (one `Example` a line) and `dataset_info.json` into `outputDir`, once all three
 * are complete: a run that fails or is cancelled before leaves the folder as it was. What a run leaves that is killed while
 * it replaces earlier files, `OutputFolder.commit` says. Memory holds one batch of rows and 16 to 32 bytes a problem, whatever the file's size.
 * @throws PrmError where the input or the output folder cannot be used; CancelledError where the signal was aborted
 */
export async function formatDataset(options: FormatOptions, hooks: FormatHooks = {}): Promise<FormatReport> {
  const started = performance.now();
  checkOptions(options);
  const { signal, onProgress, onDownload, environment = process.env } = hooks;
  const resolved = await resolveDataset(options.dataset, { signal, environment, onBytes: onDownload });
  const source = await openSources(resolved.files);
  try {
    const output = await prepareOutput(options.outputDir, options.overwrite);
    try {
      const report = await formatInto(output, source, options, resolved.hub, { signal, onProgress });
      throwIfCancelled(signal);
      await output.commit();
      const inFolder = (name: string): string => path.join(options.outputDir, name);
      return {
        ...report,
        files: {
          folder: options.outputDir,
          train: inFolder(TRAIN_FILE),
          validation: inFolder(VALIDATION_FILE),
          info: inFolder(INFO_FILE),
        },
        seconds: (performance.now() - started) / 1000,
      };
    } catch (error) {
      await output.discard();
      throw explainOutputError(error, options.outputDir);
    }
  } finally {
    await source.close();
  }
}

function checkOptions({ valRatio, seed, maxExamples }: FormatOptions): void {
  if (!(valRatio >= 0 && valRatio < 1)) {
    const remedy = 'Give the share of problems to hold out, such as 0.1.';
    throw new PrmError({ where: '--val_ratio', what: `${valRatio} is not from 0 to below 1`, remedy });
  }
  if (!(Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED)) {
    throw new PrmError({
      what: `--seed must be a whole number from 0 to ${MAX_SEED}, not ${seed}`,
      remedy: 'Give one, such as 42.',
    });
  }
  if (maxExamples !== undefined && !(Number.isInteger(maxExamples) && maxExamples > 0)) {
    const remedy = 'Give the number of source rows to read.';
    throw new PrmError({ where: '--max_examples', what: `${maxExamples} is no integer above 0`, remedy });
  }
}

async function formatInto(
  output: OutputFolder,
  source: RowSource,
  options: FormatOptions,
  hub: ResolvedDataset['hub'],
  { signal, onProgress }: Pick<FormatHooks, 'signal' | 'onProgress'>,
): Promise<Omit<FormatReport, 'files' | 'seconds'>> {
  let passes = 2;
  let pass = 0;
  const limits = { maxRows: options.maxExamples, signal };
  const rows = stepwiseRows(source, limits, (share) => {
    onProgress?.({ done: (100 * (pass + share)) / passes, total: 100 });
  });

  let reading: ReadingChoice = {
    reading: options.completions === 'auto' ? 'steps' : options.completions,
    by: 'option',
  };
  let survey = await surveyRows(rows, reading.reading, options.emptySteps, options.seed);
  if (options.completions === 'auto') {
    const guessed = reading.reading;
    reading = survey.vote;
    if (reading.reading !== guessed) {
      pass++;
      passes++;
      survey = await surveyRows(rows, reading.reading, options.emptySteps, options.seed);
    }
  }
  const { dataset } = options;
  checkSurvey(survey, dataset);
  const split = splitProblems(survey.problems, options.valRatio);
  const warnings: string[] = [];
  const balances = planBalance(split, options, dataset, warnings);
  if (options.valRatio > 0 && split.counts.validation.problems === 0) {
    warnings.push('The validation file is empty: with a single problem there is nothing to hold out.');
  }
  if (reading.by === 'fallback' && survey.evidence.elementsWithLines * 2 > survey.evidence.elements) {
    warnings.push(
      'Most completions have several lines. If each is a whole attempt, give --completions attempts.',
    );
  }

  pass++;
  const written = await writeExamples(output, rows, reading.reading, split, balances, options);
  const side = (name: Side): SideReport => ({
    problems: split.counts[name].problems,
    before: { correct: split.counts[name].correct, incorrect: split.counts[name].incorrect },
    after: written[name],
    balanced: balances[name] !== KEEP_ALL,
  });
  const report = {
    source: { dataset, ...(hub && { hub }), files: await describeFiles(source, signal) },
    reading: { ...reading, evidence: survey.evidence },
    rows: survey.rows,
    problems: survey.problems.size,
    paths: survey.paths,
    steps: survey.steps,
    skipped: survey.skipped,
    emptySteps: survey.emptySteps,
    emptyStepPolicy: options.emptySteps,
    stepsWithoutLabel: survey.stepsWithoutLabel,
    wrappers: survey.wrappers,
    sides: { train: side('train'), validation: side('validation') },
    warnings,
  };
  await writeFile(path.join(output.temporary, INFO_FILE), datasetInfo(report, options));
  return report;
}

/** Stops where there is nothing to write. */
function checkSurvey({ rows, problems, skipped, stepsWithoutLabel }: Survey, dataset: string): void {
  if (rows === 0) {
    throw new PrmError({ where: dataset, what: 'the dataset has no rows', remedy: 'Give one with rows.' });
  }
  if (problems.size === 0) {
    const reasons = skipped
      .toSorted((a, b) => b.count - a.count)
      .map(({ reason, count, firstRows, firstDetail }) => {
        const detail = firstDetail === undefined ? '' : ` (${firstDetail})`;
        return `${count} × ${reason}, first in row ${firstRows[0] ?? 0}${detail}`;
      });
    throw new PrmError({
      where: dataset,
      what: `none of the ${rows} rows can be used: ${reasons.join('; ')}`,
      remedy:
        'Give a dataset in the stepwise layout: prompt, completions (list of texts), labels (one for each).',
    });
  }
  if ([...problems].every(({ correct, incorrect }) => correct + incorrect === 0)) {
    throw new PrmError({
      where: dataset,
      what: `no step has a label that says correct or incorrect (${stepsWithoutLabel} have none)`,
      remedy: 'Give a labelled dataset.',
    });
  }
}

function planBalance(
  { counts }: Split,
  { balance, seed }: FormatOptions,
  dataset: string,
  warnings: string[],
): Record<Side, Balance> {
  if (!balance) return { train: KEEP_ALL, validation: KEEP_ALL };
  const { train, validation } = counts;
  if (Math.min(train.correct, train.incorrect) === 0) {
    throw new PrmError({
      where: dataset,
      what:
        `every labelled step of the training side is ${train.correct > 0 ? 'correct' : 'incorrect'} ` +
        `(${train.correct + train.incorrect} steps), so balancing would leave nothing`,
      remedy: 'Give --no_balance to keep them, or a dataset with both kinds.',
    });
  }
  const oneClass = Math.min(validation.correct, validation.incorrect) === 0;
  if (oneClass && validation.problems > 0) {
    warnings.push(
      `Every labelled step of the validation side is ${validation.correct > 0 ? 'correct' : 'incorrect'}, ` +
        'so it was left unbalanced. A larger --val_ratio or another --seed may give both kinds.',
    );
  }
  return {
    train: balanceClasses(train, seed),
    // Another stream of random numbers than the training side's.
    validation: oneClass ? KEEP_ALL : balanceClasses(validation, ~seed),
  };
}

async function writeExamples(
  { temporary }: OutputFolder,
  rows: StepwiseRows,
  reading: Reading,
  split: Split,
  balances: Record<Side, Balance>,
  { seed, emptySteps }: FormatOptions,
): Promise<Record<Side, { correct: number; incorrect: number }>> {
  const written = { train: { correct: 0, incorrect: 0 }, validation: { correct: 0, incorrect: 0 } };
  const writers = {
    train: await ExampleWriter.create(path.join(temporary, TRAIN_FILE)),
    validation: await ExampleWriter.create(path.join(temporary, VALIDATION_FILE)),
  };
  const keyOf = keyOfRuns(seed);
  try {
    for await (const batch of rows.batches()) {
      for (const { row } of batch) {
        if (row === undefined) continue;
        const side = split.sideOf(keyOf(row.problem));
        const writer = writers[side];
        for (const trace of pathsOf(row, reading, emptySteps).traces) {
          writer.begin(trace);
          for (let index = 0; index < trace.steps.length; index++) {
            const label = trace.steps[index]?.label;
            if (label !== 'correct' && label !== 'incorrect') continue;
            if (!balances[side].keep(label === 'correct')) continue;
            written[side][label]++;
            const diskBehind = writer.write(index, label === 'correct');
            if (diskBehind !== undefined) await diskBehind;
          }
        }
      }
    }
    for (const side of SIDES) await writers[side].finish();
    return written;
  } catch (error) {
    for (const side of SIDES) await writers[side].abandon();
    throw error;
  }
}

async function describeFiles(
  { files }: RowSource,
  signal: AbortSignal | undefined,
): Promise<SourceReport['files']> {
  const described: SourceReport['files'] = [];
  for (const { path: file, bytes } of files) {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20, signal })) {
      hash.update(chunk as Buffer);
    }
    described.push({ path: file, bytes, sha256: hash.digest('hex') });
  }
  return described;
}
