// Exports datasets of any layout to one file of another: survey the rows, then write them. Two streamed passes.
import path from 'node:path';
import { PrmError, throwIfCancelled } from '../../support/errors.ts';
import { LONGEST_EXAMPLE_PATH, openInput, type OpenInput } from '../format/formatInput.ts';
import type { FormatHooks } from '../format/format.ts';
import type { FormatOptions, InputChoice, PolicyChoice } from '../format/formatOptions.ts';
import { LAYOUT_TABLE } from '../layouts/index.ts';
import { Passes } from '../format/passes.ts';
import { checkRows } from '../format/surveyChecks.ts';
import { surveyInput, type SurveyedInput } from '../format/surveyInput.ts';
import type { ExportedInput, ExportReport, LossCount } from './exportReport.ts';
import { kindOf } from './outputFile.ts';
import { createRowFile, type RowFile } from './rowFile.ts';
import { TARGET_TABLE } from './targets/index.ts';
import type { ExportTarget, LabelsSeen, TargetName } from './targets/target.ts';
import { TraceExporter } from './traceExporter.ts';

export const EXPORT_FILE_FORMATS = ['jsonl', 'parquet'] as const;
export type ExportFileFormat = (typeof EXPORT_FILE_FORMATS)[number];

export interface ExportOptions extends PolicyChoice {
  inputs: readonly InputChoice[];
  target: TargetName;
  file: string;
  /** By the file's ending where missing. */
  fileFormat?: ExportFileFormat | undefined;
  completions: FormatOptions['completions'];
  /** Source rows to read of each input, from the first on; all where undefined. */
  maxExamples?: number | undefined;
  /** Write what the target cannot hold as well, converted by the rules that the report names. */
  lossy: boolean;
  /** Replace the file where it exists. */
  overwrite: boolean;
}

/**
 * Writes the traces of all inputs, in their order, to one file, which takes its place when it is whole. What the target
 * cannot hold is left out (or converted, with `lossy`) and counted: every row is read back before it is written.
 * @throws PrmError where an input or the file cannot be used, or nothing is left to write; CancelledError where the signal
 * was aborted
 */
export async function exportTraces(options: ExportOptions, hooks: FormatHooks = {}): Promise<ExportReport> {
  const started = performance.now();
  const { signal, onProgress, onDownload, environment = process.env } = hooks;
  const format = await checkFile(options);
  const target = TARGET_TABLE[options.target];
  const inputs: OpenInput[] = [];
  try {
    for (const choice of options.inputs) {
      inputs.push(await openInput(choice, { signal, environment, onDownload }));
    }
    const passes = new Passes(
      inputs.map(({ source }) => source),
      (share) => onProgress?.({ done: 100 * share, total: 100 }),
    );
    const surveyed: SurveyedInput[] = [];
    for (const [index, input] of inputs.entries()) {
      const longestPath = target.layout === 'formatted' ? LONGEST_EXAMPLE_PATH : undefined;
      const one = await surveyInput(input, index, { ...options, seed: 0, longestPath }, passes, signal);
      checkRows(one.survey, input.choice.dataset, input.layout.title);
      surveyed.push(one);
    }
    const seen = labelsSeen(surveyed, options.lossy);
    const exporter = new TraceExporter(target, seen, options.lossy);
    const file = await createRowFile(options.file, format, target.columns(seen));
    const { rows, bytes, notes } = await fill(file, surveyed, exporter, passes, signal, () => {
      if (exporter.paths === 0) throw nothingHeld(target, exporter.leftOut, options);
    });
    return {
      inputs: surveyed.map(inputReport),
      target: target.name,
      title: LAYOUT_TABLE[target.layout].title,
      file: options.file,
      bytes,
      rows,
      paths: exporter.paths,
      steps: exporter.steps,
      leftOut: exporter.leftOut,
      converted: exporter.converted,
      notes,
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    for (const { source } of inputs) await source.close();
  }
}

const ENDINGS: Readonly<Record<string, ExportFileFormat>> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.parquet': 'parquet',
};

async function checkFile({ file, fileFormat, overwrite }: ExportOptions): Promise<ExportFileFormat> {
  const format = fileFormat ?? ENDINGS[path.extname(file).toLowerCase()];
  if (format === undefined) {
    const remedy = 'Let the name end in .jsonl or .parquet, or give --file-format.';
    throw new PrmError({ where: file, what: 'the name does not say what kind of file to write', remedy });
  }
  if (!overwrite && (await kindOf(file)) === 'file') {
    const remedy = 'Give another --output, or --overwrite to replace it.';
    throw new PrmError({ where: file, what: 'the file exists', remedy });
  }
  return format;
}

/** With alternatives as paths of their own, the steps that they share come without a label. */
function labelsSeen(inputs: readonly SurveyedInput[], lossy: boolean): LabelsSeen {
  const labels = { correct: 0, incorrect: 0, neutral: 0, unlabelled: 0 };
  let soft = 0;
  for (const { survey } of inputs) {
    labels.correct += survey.labels.correct;
    labels.incorrect += survey.labels.incorrect;
    labels.neutral += survey.labels.neutral;
    labels.unlabelled += survey.labels.unlabelled + (lossy ? survey.sharedSteps : 0);
    soft += survey.softLabels;
  }
  return { labels, soft };
}

async function fill(
  file: RowFile,
  inputs: readonly SurveyedInput[],
  exporter: TraceExporter,
  passes: Passes,
  signal: AbortSignal | undefined,
  check: () => void,
): Promise<{ rows: number; bytes: number; notes: string[] }> {
  let rows = 0;
  try {
    for (const { input, rows: source } of inputs) {
      passes.begin(input.source);
      for await (const batch of source.batches()) {
        for (const { row, number } of batch) {
          if (row === undefined) continue;
          for (const fields of exporter.rowsOf(row, number)) {
            rows++;
            const diskBehind = file.write(fields);
            if (diskBehind !== undefined) await diskBehind;
          }
        }
      }
    }
    throwIfCancelled(signal);
    check();
  } catch (error) {
    await file.abandon();
    throw error;
  }
  return { rows, ...(await file.finish()) };
}

function nothingHeld(
  { layout }: ExportTarget,
  leftOut: readonly LossCount[],
  { lossy, inputs }: ExportOptions,
): PrmError {
  const reasons = leftOut.map(
    ({ what, paths }) => `${paths.toLocaleString('en')} ${paths === 1 ? 'has' : 'have'} ${what}`,
  );
  const remedies = leftOut.flatMap(({ rule, remedy }) => [
    ...(rule === undefined || lossy ? [] : ['give --lossy to write them converted']),
    ...(remedy === undefined ? [] : [remedy.replace(/^or /, '')]),
  ]);
  const remedy = remedies.length === 0 ? 'Choose another --to' : [...new Set(remedies)].join(', or ');
  return new PrmError({
    where: inputs.map(({ dataset }) => dataset).join(', '),
    what: `none of the paths can be held by ${LAYOUT_TABLE[layout].title}: ${reasons.join('; ')}`,
    remedy: `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}.`,
  });
}

function inputReport({ input, survey, reader }: SurveyedInput): ExportedInput {
  const { choice, layout, report } = input;
  const { rows, paths, steps, skipped, wrappers } = survey;
  return {
    dataset: choice.dataset,
    layout: {
      name: layout.name,
      title: layout.title,
      by: choice.layout === undefined || choice.layout === 'auto' ? 'recognition' : 'option',
      evidence: report.evidence,
    },
    ...(reader.evidence && { reading: { ...reader.reading, evidence: reader.evidence } }),
    rows,
    paths,
    steps,
    skipped,
    wrappers,
  };
}
