// A dataset file as a table: any rows of it at any time, and all of them in order, whatever it is written in.
import type { FileSchema } from '../../../../protocol/src/datasetSummary.ts';
import type { KnownRows, TableColumn, TableKind } from '../../../../protocol/src/datasets.ts';
import type { RowBatch, SourceRow } from '../rowSource.ts';

export interface RowsOptions {
  /** Fields that are wanted; all where undefined. A row may come with more. */
  columns?: readonly string[] | undefined;
  signal?: AbortSignal | undefined;
}

/** What happened to the file since it was opened or looked at last. */
export type FileChange = 'same' | 'grown' | 'replaced' | 'gone';

/** Positions are 0-based; rows carry their number as people count it. */
export interface Table {
  /** Absolute. */
  readonly path: string;
  readonly kind: TableKind;
  readonly bytes: number;
  /** Of a text file: the fields of the rows at its beginning, in the order of their first appearance. */
  readonly columns: readonly TableColumn[];
  readonly known: KnownRows;
  /** The rows from `start` up to `end` (not included), as far as they are known. */
  rows(start: number, end: number, options?: RowsOptions): Promise<SourceRow[]>;
  /** Rows in the order asked for; each position must be below `known.rows`. */
  rowsAt(positions: ArrayLike<number>, options?: RowsOptions): Promise<SourceRow[]>;
  /** Every row in order, from the disk, without the index; memory holds one batch. */
  batches(columns: readonly string[] | undefined, signal?: AbortSignal): AsyncIterable<RowBatch>;
  /** What the `position` of the last batch is. */
  readonly extent: number;
  /**
   * Finds the places of all rows. `known` grows meanwhile, and other calls are answered. The rows of a Parquet file are
   * known at once: there it finds what makes those quick to read that lie in the middle of a large page.
   * @throws CancelledError where the signal was aborted
   */
  index(options?: {
    signal?: AbortSignal | undefined;
    onProgress?: (known: KnownRows) => void;
  }): Promise<void>;
  schema(): FileSchema;
  /** Looks at the file on disk; after `grown`, call `index` again for the new rows. */
  look(): Promise<FileChange>;
  close(): Promise<void>;
}
