// Keys of the rows that a sorted query finds: 13 bytes a row, and for texts a common store of fixed size.
import { itemsOf, jsonText } from './jsonText.ts';

/** Numbers come before texts, and what has no key comes last whatever the direction. */
const RANK = { number: 0, text: 1, none: 2 } as const;

/** Characters of a text that count, as long as all fit. */
const TEXT_CHARACTERS = 256;
/** UTF-16 units of all texts together: 100 MB. Where more come, fewer characters of each count. */
const STORE_UNITS = 50_000_000;
interface SortKeysOptions {
  /** Rows that are expected; it may become more. */
  capacity?: number;
  storeUnits?: number;
}

export class SortKeys {
  private positions: Uint32Array;
  private ranks: Uint8Array;
  /** The number, or where in the store the text is. */
  private values: Float64Array;
  private count = 0;
  private readonly texts: TextStore;

  constructor({ capacity = 1 << 14, storeUnits = STORE_UNITS }: SortKeysOptions = {}) {
    this.positions = new Uint32Array(capacity);
    this.ranks = new Uint8Array(capacity);
    this.values = new Float64Array(capacity);
    this.texts = new TextStore(storeUnits);
  }

  /**
   * @param value numbers, true and false (1 and 0), times and the length of lists are numbers; texts, and objects as
   * JSON, are texts, ordered by UTF-16 units; null and NaN are no key
   */
  add(position: number, value: unknown): void {
    if (this.count === this.positions.length) this.grow();
    const index = this.count++;
    this.positions[index] = position;
    const number = numberOf(value);
    if (number !== undefined) {
      this.values[index] = number;
      return;
    }
    const text = textOf(value);
    this.ranks[index] = text === undefined ? RANK.none : RANK.text;
    if (text === undefined) return;
    while (!this.texts.hasRoomFor(text)) this.shortenTexts();
    this.values[index] = this.texts.add(text);
  }

  /** The positions in order; equal keys stay in the order in which they came. Merge sort, bottom up. */
  sorted(descending: boolean, throwIfCancelled: () => void = () => undefined): Uint32Array {
    const { count } = this;
    let from = new Uint32Array(count);
    let to = new Uint32Array(count);
    for (let index = 0; index < count; index++) from[index] = index;
    for (let width = 1; width < count; width *= 2) {
      throwIfCancelled();
      for (let start = 0; start < count; start += 2 * width) {
        this.merge(
          from,
          to,
          start,
          Math.min(start + width, count),
          Math.min(start + 2 * width, count),
          descending,
        );
      }
      [from, to] = [to, from];
    }
    for (let index = 0; index < count; index++) to[index] = this.positions[from[index] ?? 0] ?? 0;
    return to;
  }

  private merge(
    from: Uint32Array,
    to: Uint32Array,
    start: number,
    middle: number,
    end: number,
    descending: boolean,
  ): void {
    if (middle >= end || !this.isBefore(from[middle] ?? 0, from[middle - 1] ?? 0, descending)) {
      for (let place = start; place < end; place++) to[place] = from[place] ?? 0;
      return;
    }
    let left = start;
    let right = middle;
    for (let place = start; place < end; place++) {
      const takeLeft =
        left < middle && (right >= end || !this.isBefore(from[right] ?? 0, from[left] ?? 0, descending));
      to[place] = from[takeLeft ? left++ : right++] ?? 0;
    }
  }

  private isBefore(one: number, two: number, descending: boolean): boolean {
    const rankOne = this.ranks[one] ?? 0;
    const rankTwo = this.ranks[two] ?? 0;
    if (rankOne !== rankTwo) {
      const isLast = rankOne === RANK.none || rankTwo === RANK.none;
      return rankOne < rankTwo !== (descending && !isLast);
    }
    const valueOne = this.values[one] ?? 0;
    const valueTwo = this.values[two] ?? 0;
    const order = rankOne === RANK.text ? this.texts.compare(valueOne, valueTwo) : valueOne - valueTwo;
    return descending ? order > 0 : order < 0;
  }

  /** The texts stand in the store in the order of the rows, so each moves towards its front. */
  private shortenTexts(): void {
    this.texts.shorten();
    for (let index = 0; index < this.count - 1; index++) {
      if (this.ranks[index] === RANK.text) this.values[index] = this.texts.move(this.values[index] ?? 0);
    }
  }

  private grow(): void {
    const capacity = Math.ceil(this.count * 1.5) + 1;
    const { positions, ranks, values } = this;
    this.positions = new Uint32Array(capacity);
    this.positions.set(positions);
    this.ranks = new Uint8Array(capacity);
    this.ranks.set(ranks);
    this.values = new Float64Array(capacity);
    this.values.set(values);
  }
}

/** The beginnings of texts in one block of memory: each behind its length. */
class TextStore {
  private units = new Uint16Array(1 << 12);
  private used = 0;
  private longest = TEXT_CHARACTERS;

  constructor(private readonly capacity: number) {}

  hasRoomFor(text: string): boolean {
    return this.longest === 0 || this.used + 1 + Math.min(text.length, this.longest) <= this.capacity;
  }

  /** @returns its place */
  add(text: string): number {
    const place = this.used;
    const length = Math.min(text.length, this.longest);
    if (place + 1 + length > this.units.length) this.grow();
    this.units[this.used++] = length;
    for (let index = 0; index < length; index++) this.units[this.used++] = text.charCodeAt(index);
    return place;
  }

  private grow(): void {
    const units = new Uint16Array(Math.min(2 * this.units.length, this.capacity));
    units.set(this.units.subarray(0, this.used));
    this.units = units;
  }

  /** Fewer characters of each text count from now on; every text must be moved then, in order. */
  shorten(): void {
    this.longest >>= 1;
    this.used = 0;
  }

  /** @returns the new place */
  move(place: number): number {
    const moved = this.used;
    const length = Math.min(this.units[place] ?? 0, this.longest);
    this.units.copyWithin(moved + 1, place + 1, place + 1 + length);
    this.units[moved] = length;
    this.used = moved + 1 + length;
    return moved;
  }

  compare(one: number, two: number): number {
    const { units } = this;
    const [lengthOne, lengthTwo] = [units[one] ?? 0, units[two] ?? 0];
    const shared = Math.min(lengthOne, lengthTwo);
    for (let index = 1; index <= shared; index++) {
      const order = (units[one + index] ?? 0) - (units[two + index] ?? 0);
      if (order !== 0) return order;
    }
    return lengthOne - lengthTwo;
  }
}

function numberOf(value: unknown): number | undefined {
  switch (typeof value) {
    case 'number':
      return Number.isNaN(value) ? undefined : value;
    case 'bigint':
    case 'boolean':
      return Number(value);
    case 'object':
      return value === null ? undefined : lengthOrTime(value);
    case 'string':
    case 'undefined':
    case 'function':
    case 'symbol':
      return undefined;
  }
}

function lengthOrTime(value: object): number | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.getTime();
  return itemsOf(value)?.length;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || value instanceof Date) return undefined;
  return jsonText(value, { limit: TEXT_CHARACTERS, indent: 0 }).text;
}
