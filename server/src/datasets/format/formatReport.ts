// What `prm format` did: printed on the screen, shown in the editor, and (for the most part) kept in dataset_info.json.
import type { LayoutName } from '../../../../protocol/src/datasets.ts';
import type { ReadingChoice, ReadingEvidence } from '../completionsReading.ts';
import type { EmptyStepPolicy } from '../layouts/layout.ts';
import type { Side } from './split.ts';

/** Counts of labelled steps. */
export interface ClassCounts {
  correct: number;
  incorrect: number;
}

export interface SideReport {
  problems: number;
  /** Before balancing and weighing. */
  before: ClassCounts;
  /** The examples that were written. */
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

/** One of the datasets that were formatted together. */
export interface InputReport {
  source: SourceReport;
  layout: {
    name: LayoutName;
    title: string;
    /** `option`: the user named it. */
    by: 'recognition' | 'option';
    /** One sentence each. */
    evidence: string[];
  };
  /** Of TRL's layout: what its `completions` are. */
  reading?: ReadingChoice & { evidence: ReadingEvidence };
  weight?: number;
  /** Rows that were asked for. */
  count?: number;
  /** Source rows read, the skipped ones included. */
  rows: number;
  /** Rows (of formatted examples: paths) that were used. */
  usedRows: number;
  problems: number;
  /** Reasoning paths that gave at least one step. */
  paths: number;
  /** Steps of these paths, labelled or not. */
  steps: number;
  skipped: SkippedRows[];
  /** Steps without text: counted in `steps` where they were kept, beside it where they were dropped. */
  emptySteps: number;
  /** Steps that stay in their path but make no example, since their label is neutral or missing. */
  stepsWithoutLabel: number;
  /** Rows by the chat template that was taken off their prompt. */
  wrappers: Record<string, number>;
  sides: Record<Side, { before: ClassCounts; after: ClassCounts }>;
}

export interface FormatReport {
  inputs: InputReport[];
  /** Of all inputs together. */
  rows: number;
  /** Of all inputs together: one that occurs in several counts once. */
  problems: number;
  emptyStepPolicy: EmptyStepPolicy;
  /** Whether the examples are in random order. */
  shuffled: boolean;
  /** Whether each example says where it came from. */
  provenance: boolean;
  sides: Record<Side, SideReport>;
  /** One sentence each, about what a person should know before training. */
  warnings: string[];
  files: { folder: string; train: string; validation: string; info: string };
  seconds: number;
}
