// What a layout is: how one kind of dataset writes its rows. One file each, listed in layouts/index.ts.
import type { LayoutName } from '../../../../protocol/src/datasets.ts';
import type { RowFault } from '../rowSource.ts';
import type { Trace } from '../trace.ts';

export type Fields = Record<string, unknown>;

/** What a row's `completions` are in TRL's layout: the steps of one solution, or whole attempts at the problem. */
export const READINGS = ['steps', 'attempts'] as const;
export type Reading = (typeof READINGS)[number];

/** A completion without text: a labelled step like any other, or left out with its label. */
export const EMPTY_STEP_POLICIES = ['keep', 'drop'] as const;
export type EmptyStepPolicy = (typeof EMPTY_STEP_POLICIES)[number];

/** What a neutral rating (PRM800K's 0) counts as. */
export const NEUTRAL_POLICIES = ['neutral', 'correct', 'incorrect'] as const;
export type NeutralPolicy = (typeof NEUTRAL_POLICIES)[number];

/** Steps behind the first incorrect one: as the dataset says, without a label, or incorrect. */
export const AFTER_ERROR_POLICIES = ['as-given', 'unlabelled', 'incorrect'] as const;
export type AfterErrorPolicy = (typeof AFTER_ERROR_POLICIES)[number];

export interface LayoutOptions {
  completions: Reading;
  emptySteps: EmptyStepPolicy;
  neutral: NeutralPolicy;
  afterError: AfterErrorPolicy;
  /** Other completions that were rated at a step (PRM800K), branches that are no main path: a path each, or left out. */
  alternatives: boolean;
  /** Rows that PRM800K marks as quality control or screening. */
  qualityControl: boolean;
}

export const LAYOUT_DEFAULTS: LayoutOptions = {
  completions: 'steps',
  emptySteps: 'keep',
  neutral: 'neutral',
  afterError: 'as-given',
  alternatives: true,
  qualityControl: true,
};

/** One row, read. The first trace is the main path. */
export interface LayoutRow {
  /** Clean text. */
  problem: string;
  /** Name of the chat template that was taken off. */
  wrapper?: string | undefined;
  /** Reference answer, where the row has one. */
  answer?: string | undefined;
  /** What the dataset itself calls the row, where it has a name for it. */
  id?: string | undefined;
  /** A model's text that was cut at a limit of tokens: a number that stands last in it is no answer. */
  isCut?: boolean | undefined;
  /** Steps without text, whether kept or left out. */
  emptySteps: number;
  traces: Trace[];
}

export interface Layout {
  readonly name: LayoutName;
  /** For people: `PRM800K raw`. */
  readonly title: string;
  /** Top-level fields that `reader` uses, for reading less of a Parquet file; those in `optional` may be missing. */
  readonly columns: readonly string[];
  readonly optional?: readonly string[];
  /** Whether the row is of this layout: the evidence in one short sentence, or undefined. Must be quick and never throw. */
  recognise(fields: Fields): string | undefined;
  /** A reader for the rows of one file (it may remember the row before); a row that does not fit gives a fault. */
  reader(options: LayoutOptions): (fields: Fields) => LayoutRow | RowFault;
}

/** Tells a fault from what was to be read: a row, or one value of it. */
export function isFault(read: unknown): read is RowFault {
  return typeof read === 'object' && read !== null && 'reason' in read;
}
