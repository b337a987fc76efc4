// What `prm format` did: printed on the screen, shown in the editor, and (for the most part) kept in dataset_info.json.
import type { ReadingChoice, ReadingEvidence } from './completionsReading.ts';
import type { EmptyStepPolicy } from './layouts/trlStepwise.ts';
import type { Side } from './split.ts';

/** Counts of labelled steps. */
export interface ClassCounts {
  correct: number;
  incorrect: number;
}

export interface SideReport {
  problems: number;
  /** Before balancing. */
  before: ClassCounts;
  /** After balancing: the examples that were written. */
  after: ClassCounts;
  /** False where balancing was switched off or would have left nothing. */
  balanced: boolean;
}

/** Rows that were left out for one reason. */
export interface SkippedRows {
  reason: string;
  count: number;
  /** The first few, as people count (the first row or line is 1). */
  firstRows: number[];
  /** What was found in the first of them. */
  firstDetail?: string;
}

export interface SourceReport {
  /** As the user gave it. */
  dataset: string;
  /** Set for a dataset of the Hugging Face Hub. */
  hub?: { id: string; revision: string };
  files: { path: string; bytes: number; sha256: string }[];
}

export interface FormatReport {
  source: SourceReport;
  reading: ReadingChoice & { evidence: ReadingEvidence };
  /** Source rows read, the skipped ones included. */
  rows: number;
  problems: number;
  /** Reasoning paths that gave at least one step. */
  paths: number;
  /** Steps of these paths, labelled or not. */
  steps: number;
  skipped: SkippedRows[];
  /** Steps without text: counted in `steps` where they were kept, beside it where they were dropped. */
  emptySteps: number;
  emptyStepPolicy: EmptyStepPolicy;
  /** Steps that stay in their path but make no example, since their label is neutral or missing. */
  stepsWithoutLabel: number;
  /** Rows by the chat template that was taken off their prompt. */
  wrappers: Record<string, number>;
  sides: Record<Side, SideReport>;
  /** One sentence each, about what a person should know before training. */
  warnings: string[];
  files: { folder: string; train: string; validation: string; info: string };
  seconds: number;
}
