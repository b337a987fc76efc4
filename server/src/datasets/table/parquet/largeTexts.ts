// Texts of a large Snappy page (DuckDB writes pages of 100 MB), unpacked only around the rows that are wanted. Snappy's
// compressors work on fragments of 64 KB that do not refer to each other, so that any fragment can be unpacked alone once it
// is known where it begins; and where the first text in it begins, because only each text's length leads to the next.
import { snappyStart, unpackFragment } from './blockCodecs.ts';
import type { Meaning } from './logical.ts';
import type { Values } from './values.ts';

const FRAGMENT_BYTES = 64 << 10;

/** Pages that unpack to less are unpacked as a whole. */
export const LARGE_PAGE_BYTES = 2 << 20;

/** What is known about a page's fragments; small, and worth keeping when the page itself is not. */
export class FragmentIndex {
  /** Of fragment i: where it begins in the compressed bytes, … */
  readonly packed: number[] = [];
  /** … the first text that begins in it or behind it, … */
  readonly text: number[] = [];
  /** … and where that text's length stands in the unpacked page. */
  readonly offset: number[] = [];

  add(packed: number, text: number, offset: number): void {
    this.packed.push(packed);
    this.text.push(text);
    this.offset.push(offset);
  }

  /** The last known fragment whose first text is not behind the wanted one. */
  before(text: number): number {
    let low = 0;
    for (let high = this.text.length; high - low > 1;) {
      const middle = (low + high) >>> 1;
      if ((this.text[middle] ?? 0) <= text) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** A little more than any fragment takes when it is compressed, and what is read in one go. */
const PACKED_FRAGMENT_BYTES = 96 << 10;
const WINDOW_BYTES = 512 << 10;

/** A page, compressed, and what its header and levels say. */
export interface TextPage {
  /** Reads compressed bytes, counted from the first of the texts' part. */
  read: (start: number, end: number) => Buffer;
  packedBytes: number;
  /** Bytes that it unpacks to. */
  size: number;
  /** Where the texts begin among these. */
  start: number;
  count: number;
}

export class LargeTexts implements Values {
  readonly length: number;
  readonly bytes: number;
  private readonly page: TextPage;
  private readonly meaning: Meaning;
  private readonly index: FragmentIndex;
  private readonly unpackWhole: () => Values;
  /** Where the page turned out to be compressed in another way. */
  private whole: Values | undefined;
  /** Unpacked fragments, one behind the other; `base` is where they begin in the page. */
  private region = Buffer.allocUnsafeSlow(4 * FRAGMENT_BYTES);
  private base = 0;
  /** Compressed bytes, and where they begin. */
  private window: Buffer = Buffer.alloc(0);
  private windowStart = 0;
  private filled = 0;

  /** @param index of this page, perhaps from an earlier visit */
  constructor(page: TextPage, meaning: Meaning, index: FragmentIndex, unpackWhole: () => Values) {
    this.length = page.count;
    this.bytes = WINDOW_BYTES + this.region.length;
    this.page = page;
    this.meaning = meaning;
    this.index = index;
    this.unpackWhole = unpackWhole;
    if (index.packed.length === 0)
      index.add(snappyStart(page.read(0, Math.min(16, page.packedBytes))), 0, page.start);
  }

  /**
   * Finds places of fragments behind the last known one, without making any text.
   * @param until on the clock of `performance.now()`: no more is begun then
   * @returns whether there is nothing more to find
   */
  extendIndex(until: number): boolean {
    const never = Number.POSITIVE_INFINITY;
    // It begins at the last known fragment, which another visit may have found since the last time.
    const inFragments = this.walk(never, never, [], until) !== undefined;
    return !inFragments || this.base + this.filled >= this.page.size;
  }

  push(start: number, end: number, target: unknown[]): number {
    if (this.whole === undefined) {
      const before = target.length;
      const bytes = this.walk(start, end, target);
      if (bytes !== undefined) return bytes;
      target.length = before;
      this.whole = this.unpackWhole();
    }
    return this.whole.push(start, end, target);
  }

  /**
   * @param end behind the last wanted text; infinite where only the places of fragments are wanted
   * @returns undefined where the fragments cannot be unpacked one by one
   */
  private walk(
    start: number,
    end: number,
    target: unknown[],
    until = Number.POSITIVE_INFINITY,
  ): number | undefined {
    const { index } = this;
    const { size } = this.page;
    const known = index.packed.length;
    let fragment = index.before(start);
    let text = index.text[fragment] ?? 0;
    let offset = index.offset[fragment] ?? 0;
    let packed = index.packed[fragment] ?? 0;
    /** Begin of a fragment whose first text is not known yet: a length lies on the border. */
    let unplaced: number | undefined;
    let bytes = 0;
    this.base = fragment * FRAGMENT_BYTES;
    this.filled = 0;
    while (text < end) {
      if (this.base + this.filled >= size) {
        if (end === Number.POSITIVE_INFINITY) break;
        throw new Error('a page holds too few values');
      }
      // Never before there is something new, or it would begin at the same place for ever.
      if (index.packed.length > known && performance.now() >= until) break;
      this.forgetBefore(offset);
      const next = this.unpackFragment(packed);
      if (next === undefined) return undefined;
      packed = next;
      fragment++;
      const reached = this.base + this.filled;
      while (text < end && offset + 4 <= reached) {
        const after = offset + 4 + this.region.readUInt32LE(offset - this.base);
        if (after > size) throw new Error('a value reaches over the end of its page');
        if (unplaced !== undefined) {
          index.add(unplaced, text + 1, after);
          unplaced = undefined;
        }
        if (text >= start) {
          if (after > reached) break;
          target.push(this.meaning.ofBytes(this.region, offset + 4 - this.base, after - this.base));
          bytes += after - offset - 4;
        }
        text++;
        offset = after;
      }
      if (fragment !== index.packed.length || text >= end) continue;
      if (reached >= size) continue;
      // The first text that begins in the next fragment, or behind it.
      if (offset >= reached) index.add(packed, text, offset);
      else if (offset + 4 > reached) unplaced = packed;
      else index.add(packed, text + 1, offset + 4 + this.region.readUInt32LE(offset - this.base));
    }
    return bytes;
  }

  /** Compressed bytes from `packed` on, enough for a fragment. */
  private reach(packed: number): void {
    const { packedBytes } = this.page;
    const end = Math.min(packed + PACKED_FRAGMENT_BYTES, packedBytes);
    if (packed >= this.windowStart && end <= this.windowStart + this.window.length) return;
    this.window = this.page.read(packed, Math.min(packed + WINDOW_BYTES, packedBytes));
    this.windowStart = packed;
  }

  private forgetBefore(offset: number): void {
    const useless = Math.min(this.filled, Math.max(0, offset - this.base));
    if (useless === 0) return;
    this.region.copyWithin(0, useless, this.filled);
    this.base += useless;
    this.filled -= useless;
  }

  /** @returns where the next one begins; undefined where this is no fragment of its own */
  private unpackFragment(packed: number): number | undefined {
    const { size } = this.page;
    const length = Math.min(FRAGMENT_BYTES, size - this.base - this.filled);
    if (this.filled + length > this.region.length) {
      const larger = Buffer.allocUnsafeSlow(2 * this.region.length);
      this.region.copy(larger, 0, 0, this.filled);
      this.region = larger;
    }
    this.reach(packed);
    const output = this.region.subarray(this.filled, this.filled + length);
    const end = unpackFragment(this.window, packed - this.windowStart, output);
    this.filled += length;
    return end === undefined ? undefined : end + this.windowStart;
  }
}
