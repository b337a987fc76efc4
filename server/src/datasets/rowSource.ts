// Rows of a dataset file, whatever it is written in: one small interface that the layouts read from.

import type { RowFault, TableKind } from '../../../protocol/src/datasets.ts';

export type { RowFault };

export interface SourceRow {
  /** As people count it: the line of a JSONL file, the row of any other; the first is 1. */
  number: number;
  /** The row's fields; nothing is known about their types yet. Undefined where `fault` says why. */
  fields: Record<string, unknown> | undefined;
  fault?: RowFault;
  /** The beginning of a line that is no JSON object, for people to look at. */
  text?: string;
}

/** Rows that were read in one go, and how far the reader has come. */
export interface RowBatch {
  rows: SourceRow[];
  /** In the source's own unit (rows or bytes), out of `RowSource.extent`. */
  position: number;
}

/** A file, or the files of one dataset, that can be read more than once. */
export interface RowSource {
  readonly files: readonly SourceFile[];
  /** What `RowBatch.position` ends at. */
  readonly extent: number;
  /**
   * Streams the rows in order; memory holds one batch at a time.
   * @param columns the fields that the reader asks for, all where undefined; a row may come with more
   * @throws PrmError where the file is damaged beyond a single row, or a Parquet file has none of the columns
   */
  batches(columns: readonly string[] | undefined, signal?: AbortSignal): AsyncIterable<RowBatch>;
  close(): Promise<void>;
}

interface SourceFile {
  /** As the user gave it, or inside the Hub's cache. */
  path: string;
  kind: TableKind;
  bytes: number;
}
