// How counts and lengths are spread: least, median, mean, greatest and a histogram, in fixed memory.
import type { Histogram, Spread } from '../../../../protocol/src/datasetSummary.ts';

/** Values below are counted one by one: 512 kB, a median that is exact. */
const COUNTED_ONE_BY_ONE = 1 << 16;
/** Greater values share bins, 64 for each doubling: a median among them is right to 1.1 %. */
const BINS_A_DOUBLING = 64;

/** Bins of a histogram, but for the one that takes the long tail. */
const MOST_BINS = 20;
/** As many single values get a bin each. */
const SINGLE_VALUES = 25;
/** A tail that holds less than this share is one bin, so that it does not press all others into one. */
const TAIL_SHARE = 0.01;

/** Takes non-negative integers one after the other. */
export class SpreadCounter {
  private readonly low = new Float64Array(COUNTED_ONE_BY_ONE);
  private readonly high = new Float64Array(BINS_A_DOUBLING * (53 - Math.log2(COUNTED_ONE_BY_ONE)));
  private count = 0;
  private sum = 0;
  private min = Infinity;
  private max = -Infinity;

  add(value: number): void {
    this.count++;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    if (value < COUNTED_ONE_BY_ONE) this.low[value] = (this.low[value] ?? 0) + 1;
    else this.high[highBin(value)] = (this.high[highBin(value)] ?? 0) + 1;
  }

  /** null where no value was added. */
  spread(): Spread | null {
    if (this.count === 0) return null;
    const { min, max, count, sum } = this;
    const median = (this.at((count - 1) >> 1) + this.at(count >> 1)) / 2;
    const about = median >= COUNTED_ONE_BY_ONE ? { medianAbout: true as const } : {};
    return { min, median, ...about, mean: sum / count, max, histogram: this.histogram() };
  }

  /** The value at a place in the sorted order; of shared bins the middle. */
  private at(place: number): number {
    let seen = 0;
    for (const [value, count] of this.low.entries()) {
      seen += count;
      if (seen > place) return value;
    }
    for (const [bin, count] of this.high.entries()) {
      seen += count;
      if (seen > place) return Math.min(this.max, Math.round((binEdge(bin) + binEdge(bin + 1)) / 2));
    }
    return this.max;
  }

  private histogram(): Histogram {
    const edges = edgesOf(this.min, this.max, this.at(Math.ceil((1 - TAIL_SHARE) * this.count) - 1));
    const counts = new Array<number>(edges.length - 1).fill(0);
    let bin = 0;
    const put = (value: number, count: number): void => {
      while (bin < counts.length - 1 && value >= (edges[bin + 1] ?? Infinity)) bin++;
      counts[bin] = (counts[bin] ?? 0) + count;
    };
    for (const [value, count] of this.low.entries()) if (count > 0) put(value, count);
    for (const [shared, count] of this.high.entries()) if (count > 0) put(binEdge(shared), count);
    return { edges, counts };
  }
}

function highBin(value: number): number {
  return Math.floor(BINS_A_DOUBLING * Math.log2(value / COUNTED_ONE_BY_ONE));
}

function binEdge(bin: number): number {
  return Math.ceil(COUNTED_ONE_BY_ONE * 2 ** (bin / BINS_A_DOUBLING));
}

/**
 * Edges at round numbers, from the least value on; a last bin of its own where few values lie far above the others.
 * @param common nearly all values reach up to it
 */
function edgesOf(min: number, max: number, common: number): number[] {
  const single = max - min < SINGLE_VALUES;
  const top = single ? max : common;
  const width = single ? 1 : roundWidth((top - min + 1) / MOST_BINS);
  const first = Math.floor(min / width) * width;
  const edges = [first];
  for (let edge = first; edge <= top;) edges.push((edge += width));
  const last = edges.at(-1) ?? first;
  if (max < last) return edges;
  // A tail that reaches no further than two bins is no tail.
  for (let edge = last; max < last + 2 * width && edge <= max;) edges.push((edge += width));
  return edges.at(-1) === last ? [...edges, max + 1] : edges;
}

/** The least of 1, 2, 5, 10, 20, 50, … that is not below. */
function roundWidth(width: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(width, 1)));
  return power * ([1, 2, 5].find((factor) => factor * power >= width) ?? 10);
}
