// Figures of a run by step, in columns of numbers: a million steps take some 40 MB and are reduced in milliseconds.

/** Points of one or more series against the axes of a run; all arrays have the same length. */
export interface ReducedColumns<Name extends string> {
  step: number[];
  examples: (number | null)[];
  seconds: number[];
  values: Record<Name, ReducedSeries>;
}

/** Of the values in each point's range of steps; null where it holds none. */
export interface ReducedSeries {
  mean: (number | null)[];
  min: (number | null)[];
  max: (number | null)[];
}

/** Optimiser steps, both included. */
export interface StepRange {
  from: number;
  to: number;
}

/** One row: null stands for a figure that is not known. */
export interface ColumnRow<Name extends string> {
  step: number;
  examples: number | null;
  /** Seconds of training. */
  seconds: number;
  values: Readonly<Record<Name, number | null>>;
}

const FIRST_CAPACITY = 256;
const GROWTH = 1.5;
/** Stands for null among whole numbers. */
const UNKNOWN = 0xffff_ffff;

/** Rows of ascending step. */
export class RunColumns<Name extends string> {
  readonly #names: readonly Name[];
  #length = 0;
  #steps = new Uint32Array(FIRST_CAPACITY);
  #examples = new Uint32Array(FIRST_CAPACITY);
  #seconds = new Float64Array(FIRST_CAPACITY);
  readonly #values: Float32Array[];

  constructor(names: readonly Name[]) {
    this.#names = names;
    this.#values = names.map(() => new Float32Array(FIRST_CAPACITY));
  }

  get length(): number {
    return this.#length;
  }

  /** Bytes that the columns hold, room for growth included. */
  get bytes(): number {
    const [steps, examples, seconds] = [this.#steps, this.#examples, this.#seconds];
    const values = this.#values.reduce((sum, column) => sum + column.byteLength, 0);
    return steps.byteLength + examples.byteLength + seconds.byteLength + values;
  }

  /** Adds a row. A step that is not behind the last one takes the place of all rows from it on: it was done again. */
  add({ step, examples, seconds, values }: ColumnRow<Name>): void {
    if (this.#length > 0 && step <= (this.#steps[this.#length - 1] ?? 0))
      this.#length = this.#rowsBefore(step);
    if (this.#length === this.#steps.length) this.#grow();
    const row = this.#length++;
    this.#steps[row] = step;
    this.#examples[row] = examples ?? UNKNOWN;
    this.#seconds[row] = seconds;
    for (let series = 0; series < this.#names.length; series++) {
      const [name, column] = [this.#names[series], this.#values[series]];
      if (name !== undefined && column !== undefined) column[row] = values[name] ?? Number.NaN;
    }
  }

  /** Removes all rows from a step on. */
  removeFrom(step: number): void {
    this.#length = this.#rowsBefore(step);
  }

  /** Of the last row up to a step; undefined where there is none. */
  at(step: number): { seconds: number; examples: number | null } | undefined {
    const row = this.#rowsBefore(step + 1) - 1;
    return row < 0 ? undefined : { seconds: this.#seconds[row] ?? 0, examples: known(this.#examples[row]) };
  }

  /** How many rows a range holds. */
  count(range?: StepRange): number {
    const [first, end] = this.#rows(range);
    return end - first;
  }

  /**
   * All rows of a range where they are no more than `points`; else one point for each of `points` equal ranges of steps
   * that holds any, placed at the last row in it.
   */
  reduce(points: number, range?: StepRange): ReducedColumns<Name> {
    const [first, end] = this.#rows(range);
    const ends = end - first <= points ? oneEach(first, end) : this.#rangeEnds(first, end, points);
    const last = [...ends].map((after) => after - 1);
    const values = {} as Record<Name, ReducedSeries>;
    for (const [series, name] of this.#names.entries()) {
      values[name] = reduceSeries(this.#values[series] ?? new Float32Array(0), first, ends);
    }
    return {
      step: last.map((row) => this.#steps[row] ?? 0),
      examples: last.map((row) => known(this.#examples[row])),
      seconds: last.map((row) => Math.round(1000 * (this.#seconds[row] ?? 0)) / 1000),
      values,
    };
  }

  /** First row of a range of steps, and the one behind its last. */
  #rows(range: StepRange | undefined): [first: number, end: number] {
    if (range === undefined) return [0, this.#length];
    const first = this.#rowsBefore(range.from);
    return [first, Math.max(first, this.#rowsBefore(range.to + 1))];
  }

  /** For each range of steps that holds rows, the row behind its last one. */
  #rangeEnds(first: number, end: number, points: number): Uint32Array {
    const from = this.#steps[first] ?? 0;
    const width = ((this.#steps[end - 1] ?? 0) + 1 - from) / points;
    const ends = new Uint32Array(points);
    let count = 0;
    let row = first;
    for (let point = 1; point <= points && row < end; point++) {
      // Rounding must not lose the last rows.
      const after = point === points ? end : this.#rowsBefore(from + width * point);
      if (after > row) ends[count++] = row = after;
    }
    return ends.subarray(0, count);
  }

  /** Rows whose step is below this one, by halving. */
  #rowsBefore(step: number): number {
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#steps[middle] ?? 0) < step) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #grow(): void {
    const capacity = Math.ceil(this.#steps.length * GROWTH);
    this.#steps = copied(this.#steps, new Uint32Array(capacity));
    this.#examples = copied(this.#examples, new Uint32Array(capacity));
    this.#seconds = copied(this.#seconds, new Float64Array(capacity));
    for (const [series, column] of this.#values.entries()) {
      this.#values[series] = copied(column, new Float32Array(capacity));
    }
  }
}

function copied<Column extends Uint32Array | Float32Array | Float64Array>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}

function oneEach(first: number, end: number): Uint32Array {
  return Uint32Array.from({ length: end - first }, (_, index) => first + index + 1);
}

/** @param ends for each point, the row behind its last one */
function reduceSeries(column: Float32Array, first: number, ends: Uint32Array): ReducedSeries {
  const reduced: ReducedSeries = { mean: [], min: [], max: [] };
  let row = first;
  // Plain counting and variables: this loop sees every value of a run, and is three times as fast for it.
  for (let point = 0; point < ends.length; point++) {
    const from = row;
    const end = ends[point] ?? from;
    let sum = 0;
    let min = Infinity;
    let max = -Infinity;
    for (; row < end; row++) {
      const value = column[row] ?? 0;
      sum += value;
      // What is not known (NaN) is neither less nor more, but spoils the sum.
      if (value < min) min = value;
      if (value > max) max = value;
    }
    const mean = Number.isNaN(sum) ? meanOfKnown(column.subarray(from, end)) : sum / (end - from);
    reduced.mean.push(mean === undefined ? null : short(mean));
    reduced.min.push(mean === undefined ? null : short(min));
    reduced.max.push(mean === undefined ? null : short(max));
  }
  return reduced;
}

function meanOfKnown(values: Float32Array): number | undefined {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function known(value: number | undefined): number | null {
  return value === undefined || value === UNKNOWN ? null : value;
}

/** Digits that a 32-bit float holds: 0.0005 comes back as itself, and a long run's chart is half the text. */
const DIGITS = 7;

function short(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const exponent = DIGITS - 1 - Math.floor(Math.log10(Math.abs(value)));
  // 10 ** 309 is too much; dividing by whole powers of ten keeps the result the nearest decimal.
  if (exponent > 300) return value;
  return exponent >= 0
    ? Math.round(value * 10 ** exponent) / 10 ** exponent
    : Math.round(value / 10 ** -exponent) * 10 ** -exponent;
}
