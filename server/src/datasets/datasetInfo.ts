// dataset_info.json: what was formatted, how, and what came out; enough to make the same bytes again.
import type { FormatOptions } from './format.ts';
import type { FormatReport, SideReport } from './formatReport.ts';
import { MADE_BY, TRAIN_FILE, VALIDATION_FILE } from './outputFolder.ts';

/** Keys in snake case, as in the files of the training pipelines that read it. No time: same input, same bytes. */
export function datasetInfo(report: Omit<FormatReport, 'seconds' | 'files'>, options: FormatOptions): string {
  const { source, reading, sides } = report;
  const info = {
    made_by: MADE_BY,
    format_version: 1,
    source: { dataset: source.dataset, hub: source.hub ?? null, files: source.files },
    options: {
      max_examples: options.maxExamples ?? null,
      balance: options.balance,
      val_ratio: options.valRatio,
      seed: options.seed,
      completions: options.completions,
      empty_steps: options.emptySteps,
    },
    reading: {
      completions: reading.reading,
      chosen_by: reading.by,
      evidence: {
        rows_with_two_or_more: reading.evidence.rows,
        rows_with_several_answers: reading.evidence.severalAnswers,
        rows_with_answer_only_at_end: reading.evidence.answerOnlyAtEnd,
        rows_with_labels_that_fall_once: reading.evidence.labelsFallOnce,
        completions: reading.evidence.elements,
        completions_with_several_lines: reading.evidence.elementsWithLines,
      },
    },
    counts: {
      rows: report.rows,
      problems: report.problems,
      paths: report.paths,
      steps: report.steps,
      empty_steps: report.emptySteps,
      steps_without_label: report.stepsWithoutLabel,
      prompt_wrappers: report.wrappers,
      skipped: report.skipped.map(({ reason, count, firstRows, firstDetail }) => ({
        reason,
        count,
        first_rows: firstRows,
        first_detail: firstDetail ?? null,
      })),
    },
    splits: {
      train: sideInfo(sides.train, TRAIN_FILE),
      validation: sideInfo(sides.validation, VALIDATION_FILE),
    },
    warnings: report.warnings,
  };
  return `${JSON.stringify(info, null, 2)}\n`;
}

function sideInfo({ problems, before, after, balanced }: SideReport, file: string): object {
  return { file, problems, before_balancing: before, examples: after, balanced };
}
