// Values that a page only points to: each distinct one of a column chunk is stored once, before its pages.
import { readHybrid } from './hybrid.ts';
import type { Values } from './values.ts';

/** @throws Error where the page is damaged */
export function dictionaryValues(
  page: Buffer,
  start: number,
  count: number,
  dictionary: Dictionary | undefined,
): Values {
  if (dictionary === undefined) throw new Error('a page points into a dictionary that is not there');
  const width = page[start];
  if (width === undefined) throw new Error('a page holds too few values');
  const indices = new Uint32Array(count);
  readHybrid(page, start + 1, page.length, width, indices);
  return new DictionaryValues(indices, dictionary);
}

class DictionaryValues implements Values {
  private readonly indices: Uint32Array;
  private readonly dictionary: Dictionary;

  constructor(indices: Uint32Array, dictionary: Dictionary) {
    this.indices = indices;
    this.dictionary = dictionary;
  }

  get length(): number {
    return this.indices.length;
  }

  get bytes(): number {
    return this.indices.byteLength;
  }

  push(start: number, end: number, target: unknown[]): number {
    const { indices, dictionary } = this;
    const before = dictionary.madeBytes;
    for (let at = start; at < end; at++) target.push(dictionary.get(indices[at] ?? 0));
    return dictionary.madeBytes - before + 8 * (end - start);
  }
}

/** What the pages of a column point into; a value is made when it is first asked for, and shared by all its rows. */
export class Dictionary {
  madeBytes = 0;
  private readonly values: Values;
  private readonly made: unknown[];
  private readonly one: unknown[] = [];

  constructor(values: Values) {
    this.values = values;
    this.made = new Array<unknown>(values.length).fill(undefined);
  }

  /** Memory when every value has been made. */
  get bytes(): number {
    return 2 * this.values.bytes + 16 * this.values.length;
  }

  get(index: number): unknown {
    const made = this.made[index];
    if (made !== undefined) return made;
    if (index >= this.made.length) throw new Error('a page points behind the end of its dictionary');
    this.one.length = 0;
    this.madeBytes += this.values.push(index, index + 1, this.one);
    return (this.made[index] = this.one[0]);
  }
}
