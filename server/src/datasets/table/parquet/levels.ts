// The levels of a page, which say where its rows, lists and nulls are, left as they are written (hybrid.ts): a page may hold
// millions, of which a few hundred are wanted. The others are only counted, eight at a time where they are packed.

import { bitWidth } from './hybrid.ts';
import { UnsupportedError } from './unsupported.ts';

const TOO_FEW = 'too few levels or indices';
/** Entries between two places from which counting goes on. */
const SPACING = 8192;

export class Levels {
  readonly entries: number;
  /** Rows that begin here, where these are repetition levels. */
  readonly zeros: number;
  /** Values that are neither null nor an empty list, where these are definition levels. */
  readonly full: number;
  private readonly data: Uint8Array;
  private readonly largest: number;
  private readonly width: number;
  private readonly tables: { zeros: Uint8Array; full: Uint8Array } | undefined;
  /** Of some runs: the first entry, where the run stands, and what was counted before. */
  private readonly places: { entry: number; at: number; zeros: number; full: number }[] = [];
  /** The run that was read last: where its packed entries stand, or the one value that it repeats. */
  private packed: number | undefined;
  private repeated = 0;
  private length = 0;
  private next = 0;

  /**
   * @param data from the first run on, to the end of the last; it is kept
   * @param largest level that the schema has, 1 to 255
   * @throws Error where there are too few
   */
  constructor(data: Uint8Array, largest: number, entries: number) {
    if (largest > 255) throw new UnsupportedError(`lists and groups ${largest} deep`);
    this.data = data;
    this.largest = largest;
    this.width = bitWidth(largest);
    this.tables = tablesOf(this.width, largest);
    this.entries = entries;
    let zeros = 0;
    let full = 0;
    let nextPlace = 0;
    for (let entry = 0, at = 0; entry < entries; entry += this.length, at = this.next) {
      if (entry >= nextPlace) {
        this.places.push({ entry, at, zeros, full });
        nextPlace = entry + SPACING;
      }
      this.readRun(at, entries - entry);
      zeros += this.countInRun('zeros', this.length);
      full += this.countInRun('full', this.length);
    }
    this.zeros = zeros;
    this.full = full;
  }

  /** Memory that they hold, roughly. */
  get bytes(): number {
    return this.data.length + 60 * this.places.length;
  }

  /** Values before an entry. */
  fullBefore(entry: number): number {
    const place = this.placeBefore((one) => one.entry <= entry);
    let count = place.full;
    for (let from = place.entry, at = place.at; from < entry; from += this.length, at = this.next) {
      this.readRun(at, this.entries - from);
      count += this.countInRun('full', Math.min(this.length, entry - from));
    }
    return count;
  }

  /** The entry at which a row begins, counted from 0; `entries` where there are not so many. */
  entryOfRow(row: number): number {
    if (row >= this.zeros) return this.entries;
    const place = this.placeBefore((one) => one.zeros <= row);
    let missing = row - place.zeros;
    for (let from = place.entry, at = place.at; from < this.entries; from += this.length, at = this.next) {
      this.readRun(at, this.entries - from);
      const inRun = this.countInRun('zeros', this.length);
      if (missing < inRun) return from + this.zeroInRun(missing);
      missing -= inRun;
    }
    return this.entries;
  }

  /**
   * The levels from `start` up to `end`.
   * @throws Error where one is larger than the schema says
   */
  slice(start: number, end: number): Uint8Array {
    const levels = new Uint8Array(Math.max(0, end - start));
    const place = this.placeBefore((one) => one.entry <= start);
    for (let from = place.entry, at = place.at; from < end; from += this.length, at = this.next) {
      this.readRun(at, this.entries - from);
      const last = Math.min(this.length, end - from);
      for (let index = Math.max(0, start - from); index < last; index++) {
        const level = this.inRun(index);
        if (level > this.largest) throw new Error('a level that the schema does not have');
        levels[from + index - start] = level;
      }
    }
    return levels;
  }

  /** The last place for which the question is answered with yes, as for all before it. */
  private placeBefore(isBefore: (place: Levels['places'][number]) => boolean): Levels['places'][number] {
    let low = 0;
    for (let high = this.places.length; high - low > 1;) {
      const middle = (low + high) >>> 1;
      const place = this.places[middle];
      if (place !== undefined && isBefore(place)) low = middle;
      else high = middle;
    }
    return this.places[low] ?? { entry: 0, at: 0, zeros: 0, full: 0 };
  }

  private readRun(start: number, most: number): void {
    const { data, width } = this;
    let at = start;
    let head = 0;
    for (let shift = 0; ; shift += 7) {
      const next = data[at++];
      if (next === undefined || shift > 28) throw new Error(TOO_FEW);
      head += (next & 0x7f) * 2 ** shift;
      if (next < 0x80) break;
    }
    const count = Math.floor(head / 2);
    if (head % 2 === 0) {
      if (at >= data.length) throw new Error(TOO_FEW);
      this.packed = undefined;
      this.repeated = data[at] ?? 0;
      this.length = Math.min(most, count);
      this.next = at + 1;
    } else {
      this.packed = at;
      this.length = Math.min(most, count * 8);
      this.next = at + count * width;
      if (at + Math.ceil((this.length * width) / 8) > data.length) throw new Error(TOO_FEW);
    }
  }

  private inRun(index: number): number {
    if (this.packed === undefined) return this.repeated;
    const bit = index * this.width;
    const at = this.packed + (bit >> 3);
    const pair = (this.data[at] ?? 0) | ((this.data[at + 1] ?? 0) << 8);
    return (pair >> (bit & 7)) & ((1 << this.width) - 1);
  }

  /** Of the run's first entries. */
  private countInRun(what: 'zeros' | 'full', entries: number): number {
    const wanted = what === 'zeros' ? 0 : this.largest;
    if (this.packed === undefined) return this.repeated === wanted ? entries : 0;
    let count = 0;
    let index = 0;
    if (this.tables !== undefined) {
      const table = this.tables[what];
      const perByte = 8 / this.width;
      const end = this.packed + Math.floor(entries / perByte);
      for (let at = this.packed; at < end; at++) count += table[this.data[at] ?? 0] ?? 0;
      index = (end - this.packed) * perByte;
    }
    for (; index < entries; index++) if (this.inRun(index) === wanted) count++;
    return count;
  }

  /** Place of a zero in the run, which holds more than `number`. */
  private zeroInRun(number: number): number {
    if (this.packed === undefined) return number;
    let missing = number;
    let index = 0;
    if (this.tables !== undefined) {
      const { zeros } = this.tables;
      for (let at = this.packed; ; at++) {
        const inByte = zeros[this.data[at] ?? 0] ?? 0;
        if (missing < inByte) break;
        missing -= inByte;
        index += 8 / this.width;
      }
    }
    for (; ; index++) if (this.inRun(index) === 0 && missing-- === 0) return index;
  }
}

/** How many entries of a byte are 0, and how many the largest; undefined where entries lie over the borders of bytes. */
function tablesOf(width: number, largest: number): { zeros: Uint8Array; full: Uint8Array } | undefined {
  if (8 % width !== 0) return undefined;
  const count = (wanted: number): Uint8Array =>
    Uint8Array.from({ length: 256 }, (_, byte) => {
      let found = 0;
      for (let bit = 0; bit < 8; bit += width) if (((byte >> bit) & ((1 << width) - 1)) === wanted) found++;
      return found;
    });
  return { zeros: count(0), full: count(largest) };
}
