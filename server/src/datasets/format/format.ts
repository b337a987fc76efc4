// Formats datasets to step examples: survey the files, plan the split and the mix, write. Two streamed passes.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { throwIfCancelled } from '../../support/errors.ts';
import { datasetInfo } from './datasetInfo.ts';
import { FORMAT_DEFAULTS } from './formatDefaults.ts';
import { LONGEST_EXAMPLE_PATH, openInput, type OpenInput } from './formatInput.ts';
import { checkOptions, type FormatOptions } from './formatOptions.ts';
import type { FormatReport, InputReport, SideReport } from './formatReport.ts';
import { describeFiles } from './describeFiles.ts';
import { planMix, type Mix } from './mixing.ts';
import {
  explainOutputError,
  INFO_FILE,
  prepareOutput,
  TRAIN_FILE,
  VALIDATION_FILE,
  type OutputFolder,
} from './outputFolder.ts';
import { Passes } from './passes.ts';
import { mergedProblems } from '../problemTable.ts';
import { SIDES, splitProblems, type Side } from './split.ts';
import { surveyInput, type SurveyedInput } from './surveyInput.ts';
import { checkSurveys } from './surveyChecks.ts';
import { writeExamples } from './writeExamples.ts';

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
 * it replaces earlier files, `OutputFolder.commit` says. Problems are split over all inputs together. Memory holds one batch
 * of rows, 16 to 32 bytes a problem of each input, and about 80 MB for shuffling, whatever the files' size; only examples that were
 * formatted before have to be joined in memory.
 * @throws PrmError where an input or the output folder cannot be used; CancelledError where the signal was aborted
 */
export async function formatDataset(options: FormatOptions, hooks: FormatHooks = {}): Promise<FormatReport> {
  const started = performance.now();
  checkOptions(options);
  const { signal, onProgress, onDownload, environment = process.env } = hooks;
  const inputs: OpenInput[] = [];
  try {
    for (const choice of options.inputs) {
      inputs.push(await openInput(choice, { signal, environment, onDownload }));
    }
    const output = await prepareOutput(options.outputDir, options.overwrite);
    try {
      const report = await formatInto(output, inputs, options, { signal, onProgress });
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
    for (const { source } of inputs) await source.close();
  }
}

async function formatInto(
  output: OutputFolder,
  inputs: readonly OpenInput[],
  options: FormatOptions,
  { signal, onProgress }: Pick<FormatHooks, 'signal' | 'onProgress'>,
): Promise<Omit<FormatReport, 'files' | 'seconds'>> {
  const { seed, valRatio, provenance = false, shuffle = inputs.length > 1 } = options;
  const passes = new Passes(
    inputs.map(({ source }) => source),
    (share) => onProgress?.({ done: 100 * share, total: 100 }),
  );
  const surveyed: SurveyedInput[] = [];
  for (const [index, input] of inputs.entries()) {
    const bounded = { ...options, longestPath: LONGEST_EXAMPLE_PATH };
    surveyed.push(await surveyInput(input, index, bounded, passes, signal));
  }
  checkSurveys(surveyed);

  const problems = mergedProblems(surveyed.map(({ survey }) => survey.problems));
  const split = splitProblems(problems, valRatio);
  const mixed = surveyed.map(({ input: { choice }, survey }) => ({ ...choice, problems: survey.problems }));
  const mix = planMix(mixed, split, options);
  const warnings = [...surveyed.flatMap(({ warnings: own }) => own), ...mix.warnings];
  if (valRatio > 0 && split.counts.validation.problems === 0) {
    warnings.push('The validation file is empty: with a single problem there is nothing to hold out.');
  }

  const writing = surveyed.map(({ input: { choice, layout, source }, rows }) => {
    return { dataset: choice.dataset, layout: layout.name, rows, begin: () => passes.begin(source) };
  });
  const written = await writeExamples(output.temporary, writing, split, mix, {
    seed,
    shuffle,
    provenance,
    signal,
  });

  const reports: InputReport[] = [];
  for (const [index, one] of surveyed.entries()) {
    const files = await describeFiles(one.input.source, signal);
    reports.push(inputReport(one, files, sidesOf(mix, written, index)));
  }
  const side = (name: Side): SideReport => {
    const { problems: count, correct, incorrect } = split.counts[name];
    const after = { correct: 0, incorrect: 0 };
    for (const { sides } of reports) {
      after.correct += sides[name].after.correct;
      after.incorrect += sides[name].after.incorrect;
    }
    return { problems: count, before: { correct, incorrect }, after, balanced: mix.balanced[name] };
  };
  const report = {
    inputs: reports,
    rows: reports.reduce((sum, { rows }) => sum + rows, 0),
    problems: problems.size,
    emptyStepPolicy: options.emptySteps ?? FORMAT_DEFAULTS.emptySteps,
    shuffled: shuffle,
    provenance,
    sides: { train: side('train'), validation: side('validation') },
    warnings,
  };
  await writeFile(path.join(output.temporary, INFO_FILE), datasetInfo(report, options));
  return report;
}

function sidesOf(
  mix: Mix,
  written: readonly Record<Side, SideReport['after']>[],
  input: number,
): InputReport['sides'] {
  const none = { correct: 0, incorrect: 0 };
  const sides = {} as InputReport['sides'];
  for (const side of SIDES) {
    sides[side] = {
      before: mix.inputs[input]?.[side].before ?? none,
      after: written[input]?.[side] ?? none,
    };
  }
  return sides;
}

function inputReport(
  { input, survey, reader }: SurveyedInput,
  files: InputReport['source']['files'],
  sides: InputReport['sides'],
): InputReport {
  const { choice, hub, layout, report } = input;
  const { rows, usedRows, problems, paths, steps, skipped, emptySteps, labels, wrappers } = survey;
  const { reading, evidence } = reader;
  return {
    source: { dataset: choice.dataset, ...(hub && { hub }), files },
    layout: {
      name: layout.name,
      title: layout.title,
      by: choice.layout === undefined || choice.layout === 'auto' ? 'recognition' : 'option',
      evidence: report.evidence,
    },
    ...(evidence && { reading: { ...reading, evidence } }),
    ...(choice.weight !== undefined && { weight: choice.weight }),
    ...(choice.count !== undefined && { count: choice.count }),
    rows,
    usedRows,
    problems: problems.size,
    paths,
    steps,
    skipped,
    emptySteps,
    stepsWithoutLabel: labels.neutral + labels.unlabelled,
    wrappers,
    sides,
  };
}
