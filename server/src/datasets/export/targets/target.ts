// What a format for export is: how one kind of dataset writes traces, and what it cannot hold. One file each.
import type { LayoutName, TableColumn } from '../../../../../protocol/src/datasets.ts';
import type { Fields } from '../../layouts/layout.ts';
import type { Label, Trace } from '../../trace.ts';

export const EXPORT_TARGETS = ['trl', 'math-shepherd', 'prm800k', 'processbench', 'formatted'] as const;
export type TargetName = (typeof EXPORT_TARGETS)[number];

/** Something in a trace that the format cannot hold. */
export interface Loss {
  /** In the plural: `neutral labels`. */
  what: string;
  /** What `--lossy` makes of it; such traces are left out in any case where there is no rule. */
  rule?: string;
  /** An option that settles the question before, if there is one. */
  remedy?: string;
}

/** What is known of the traces before the first is written. */
export interface LabelsSeen {
  labels: Readonly<Record<Label, number>>;
  soft: number;
}

/** Of the row that a trace came from. */
export interface About {
  /** Unique in the file. */
  id: string;
  answer: string | undefined;
  /** Other rated completions, where the format takes them: each leaves the trace at `alternativeAt` with its last step. */
  alternatives: readonly Trace[];
}

export interface ExportTarget {
  readonly name: TargetName;
  /** The layout that reads it back. */
  readonly layout: LayoutName;
  /** Whether rated alternatives to a single step go into the row of their main path. */
  readonly holdsAlternatives: boolean;
  columns(seen: LabelsSeen): readonly TableColumn[];
  /** What the format cannot hold of a trace by its labels; texts that would be read otherwise are found by reading back. */
  losses(trace: Trace): Loss[];
  /**
   * Makes rows of a trace; what cannot be held is converted by the losses' rules.
   * @returns no rows where nothing is left
   */
  writer(seen: LabelsSeen): (trace: Trace, about: About) => Fields[];
}
