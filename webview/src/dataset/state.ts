// What the page remembers while it is hidden, so that it comes back as it was left.
import type { DatasetInfo, RowQuery } from '../../../protocol/src/datasets.ts';
import type { OpenRow } from './reading.ts';
import type { GridPlace } from './table/keys.ts';

export type Part = 'table' | 'summary';

export interface Kept {
  /** Pixels, by the column's key. */
  widths: Record<string, number>;
  query: RowQuery;
  /** First row in view and active cell, 0-based places in the view or file. */
  first: number;
  active: GridPlace;
  /** The row shown as a trace. */
  open: OpenRow | null;
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

/** Of a file with very many columns only the first ones are known here. */
export function mayHaveColumn({ columns, moreColumns = 0 }: DatasetInfo, name: string): boolean {
  return moreColumns > 0 || columns.some((column) => column.name === name);
}

/** What of a query a file with these columns can answer. */
export function stillPossible({ conditions, sort }: RowQuery, info: DatasetInfo): RowQuery {
  const has = (name: string) => mayHaveColumn(info, name);
  const kept = conditions.filter((condition) => condition.kind !== 'column' || has(condition.column));
  const keepSort = sort !== undefined && (sort.key.by !== 'column' || has(sort.key.column));
  return { conditions: kept, ...(keepSort ? { sort } : {}) };
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

interface Place {
  first: number;
  active: GridPlace;
}

/** Remembers where the table is to come back to until that row is known: a text file's rows are counted meanwhile. */
export class PlaceKeeper {
  #target: Place | undefined;
  /** Where the table stood first while it waited: when it stands elsewhere, the user has gone on. */
  #waitingAt: number | undefined;

  aim(first: number, active: GridPlace): void {
    this.#target = { first, active };
    this.#waitingAt = undefined;
  }

  forget(): void {
    this.#target = undefined;
  }

  /** @returns where to go now, once */
  next(rows: number, complete: boolean): Place | undefined {
    const target = this.#target;
    if (target === undefined || rows === 0) return undefined;
    if (!complete && Math.max(target.first, target.active.row) >= rows) return undefined;
    this.#target = undefined;
    return target;
  }

  /** The table stands at `first`. @returns whether that is a place to remember */
  settled(first: number): boolean {
    if (this.#target === undefined) return true;
    this.#waitingAt ??= first;
    if (first === this.#waitingAt) return false;
    this.#target = undefined;
    return true;
  }
}
