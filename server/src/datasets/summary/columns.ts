// Statistics of the columns of a file, taken row by row in bounded memory.
import type { ColumnStatistics } from '../../../../protocol/src/datasetSummary.ts';
import type { TableColumn } from '../../../../protocol/src/datasets.ts';
import type { Fields } from '../layouts/layout.ts';
import { bytesOf, itemsOf } from '../query/jsonText.ts';
import { contentHash } from './contentHash.ts';
import { DistinctCounter } from './distinct.ts';

/** Columns with statistics; a file with more lists the rest in its schema only. */
const MOST_COLUMNS = 1000;
/** Distinct values that all columns together count exactly: 16 to 32 bytes each. */
const EXACT_VALUES = 1_000_000;
const EXACT_VALUES_OF_ONE = 100_000;

export class ColumnCounters {
  private readonly counters = new Map<string, ColumnCounter>();
  private rows = 0;
  private readonly exactValues: number;

  constructor(columns: readonly TableColumn[]) {
    const count = Math.min(Math.max(columns.length, 10), MOST_COLUMNS);
    this.exactValues = Math.min(EXACT_VALUES_OF_ONE, Math.floor(EXACT_VALUES / count));
    for (const { name, type } of columns.slice(0, MOST_COLUMNS)) this.begin(name, type);
  }

  add(fields: Fields): void {
    this.rows++;
    // A field that a text file's first rows do not have is a column all the same.
    for (const name in fields) {
      const counter =
        this.counters.get(name) ?? (this.counters.size < MOST_COLUMNS ? this.begin(name, '') : undefined);
      counter?.add(fields[name]);
    }
  }

  statistics(): ColumnStatistics[] {
    return Array.from(this.counters.values(), (counter) => counter.statistics(this.rows));
  }

  private begin(name: string, type: string): ColumnCounter {
    const counter = new ColumnCounter(name, type, this.exactValues);
    this.counters.set(name, counter);
    return counter;
  }
}

/** Least, greatest and mean of what was added. */
class Range {
  count = 0;
  min = Infinity;
  max = -Infinity;
  private sum = 0;

  add(value: number): void {
    this.count++;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  get mean(): number {
    return this.sum / this.count;
  }
}

class ColumnCounter {
  /** Rows with another value than null. */
  private given = 0;
  private empty = 0;
  private readonly distinct: DistinctCounter;
  private readonly numbers = new Range();
  private readonly lengths = new Range();
  /** Kinds of the values seen, where the file does not say. */
  private readonly kinds = new Set<string>();

  constructor(
    private readonly name: string,
    private readonly type: string,
    exactValues: number,
  ) {
    this.distinct = new DistinctCounter(exactValues);
  }

  add(value: unknown): void {
    if (value === null || value === undefined) return;
    this.given++;
    this.distinct.add(contentHash(value));
    if (this.type === '') this.kinds.add(kindOf(value));
    if (typeof value === 'number') {
      if (!Number.isNaN(value)) this.numbers.add(value);
    } else if (typeof value === 'bigint') {
      this.numbers.add(Number(value));
    } else {
      const length = lengthOf(value);
      if (length === undefined) return;
      this.lengths.add(length);
      if (length === 0) this.empty++;
    }
  }

  statistics(rows: number): ColumnStatistics {
    const { numbers, lengths, distinct } = this;
    return {
      name: this.name,
      type: this.type === '' ? typeOf(this.kinds) : this.type,
      nulls: rows - this.given,
      empty: this.empty,
      distinct: distinct.count,
      distinctExact: distinct.exact,
      min: numbers.count === 0 ? null : numbers.min,
      max: numbers.count === 0 ? null : numbers.max,
      mean: numbers.count === 0 ? null : numbers.mean,
      length: lengths.count === 0 ? null : { min: lengths.min, mean: lengths.mean, max: lengths.max },
    };
  }
}

/** Characters of a text, items of a list, bytes of a binary value. */
function lengthOf(value: unknown): number | undefined {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return undefined;
  return (bytesOf(value) ?? itemsOf(value))?.length;
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value;
}

function typeOf(kinds: ReadonlySet<string>): string {
  const [only = 'null', ...others] = kinds;
  return others.length === 0 ? only : 'mixed';
}
