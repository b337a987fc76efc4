// dataset_info.json: what was formatted, how, and what came out; enough to make the same bytes again.
import { completePolicies } from './formatDefaults.ts';
import type { FormatOptions } from './formatOptions.ts';
import type { FormatReport, InputReport, SideReport } from './formatReport.ts';
import { MADE_BY, TRAIN_FILE, VALIDATION_FILE } from './outputFolder.ts';

/** Keys in snake case, as in the files of the training pipelines that read it. No time: same input, same bytes. */
export function datasetInfo(report: Omit<FormatReport, 'seconds' | 'files'>, options: FormatOptions): string {
  const { sides } = report;
  const policies = completePolicies(options);
  const info = {
    made_by: MADE_BY,
    format_version: 2,
    inputs: report.inputs.map(inputInfo),
    options: {
      max_examples: options.maxExamples ?? null,
      balance: options.balance,
      val_ratio: options.valRatio,
      seed: options.seed,
      completions: options.completions,
      empty_steps: policies.emptySteps,
      neutral: policies.neutral,
      after_error: policies.afterError,
      alternatives: policies.alternatives,
      quality_control: policies.qualityControl,
      shuffle: report.shuffled,
      provenance: report.provenance,
    },
    counts: { rows: report.rows, problems: report.problems },
    splits: {
      train: sideInfo(sides.train, TRAIN_FILE),
      validation: sideInfo(sides.validation, VALIDATION_FILE),
    },
    warnings: report.warnings,
  };
  return `${JSON.stringify(info, null, 2)}\n`;
}

function inputInfo(input: InputReport): object {
  const { source, layout, reading } = input;
  return {
    dataset: source.dataset,
    hub: source.hub ?? null,
    files: source.files,
    weight: input.weight ?? null,
    count: input.count ?? null,
    layout: { name: layout.name, chosen_by: layout.by, evidence: layout.evidence },
    reading: reading === undefined ? null : readingInfo(reading),
    counts: {
      rows: input.rows,
      used_rows: input.usedRows,
      problems: input.problems,
      paths: input.paths,
      steps: input.steps,
      empty_steps: input.emptySteps,
      steps_without_label: input.stepsWithoutLabel,
      prompt_wrappers: input.wrappers,
      skipped: input.skipped.map(({ reason, count, firstRows, firstDetail }) => ({
        reason,
        count,
        first_rows: firstRows,
        first_detail: firstDetail ?? null,
      })),
    },
    examples: { train: input.sides.train.after, validation: input.sides.validation.after },
  };
}

function readingInfo({ reading, by, evidence }: NonNullable<InputReport['reading']>): object {
  return {
    completions: reading,
    chosen_by: by,
    evidence: {
      rows_with_two_or_more: evidence.rows,
      rows_with_several_answers: evidence.severalAnswers,
      rows_with_answer_only_at_end: evidence.answerOnlyAtEnd,
      rows_with_labels_that_fall_once: evidence.labelsFallOnce,
      completions: evidence.elements,
      completions_with_several_lines: evidence.elementsWithLines,
      rows_made_as_steps: evidence.madeAsSteps,
    },
  };
}

function sideInfo({ problems, before, after, balanced }: SideReport, file: string): object {
  return { file, problems, before_balancing: before, examples: after, balanced };
}
