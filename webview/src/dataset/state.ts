// What the page remembers while it is hidden, so that it comes back as it was left.
import type { RowQuery } from '../../../protocol/src/datasets.ts';
import type { GridPlace } from './table/keys.ts';

export type Part = 'table' | 'summary';

export interface Kept {
  /** Pixels, by the column's key. */
  widths: Record<string, number>;
  query: RowQuery;
  /** First row in view and active cell, 0-based places in the view or file. */
  first: number;
  active: GridPlace;
  /** The row shown as a trace: its place, its position in the file, which of its paths. */
  open: { place: number; position: number; path: number } | null;
  part: Part;
}

export function nothingKept(): Kept {
  return {
    widths: {},
    query: { conditions: [] },
    first: 0,
    active: { row: 0, column: 0 },
    open: null,
    part: 'table',
  };
}

/** Calls `keep` soon, and once for many changes. */
export function keepSoon(keep: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      keep();
    }, 200);
  };
}
