// A figure: what a chart shows in lines, in words and in numbers. Every chart of the page is one of these.
import { reaches } from '../../ui/plot/aligned.ts';
import type { PlotLine, PlotModel } from '../../ui/plot/model.ts';
import type { Cell } from '../files/csv.ts';

/** Group of the charts that follow a run. */
export const TRAINING = 'training';

/** A line that has a name: it stands in the legend, the read-out and the table. */
export interface NamedLine {
  name: string;
  plot: PlotLine;
  /** A value of it in words. */
  value: (y: number) => string;
}

export interface Figure {
  /** Unique on the page; also the beginning of its files' names. */
  key: string;
  title: string;
  /** Figures with the same one share a crosshair. */
  group: string;
  /** What a person learns who cannot see the picture. */
  summary: string;
  /** Stands in place of a picture when there is nothing to draw. */
  nothing?: string;
  /** Something to know about what is drawn. */
  note?: string;
  plot: PlotModel;
  named: readonly NamedLine[];
  /** A place on the x axis in words. */
  place: (x: number) => string;
  /** Heading and rows of the file; made when it is asked for. */
  csv: () => Cell[][];
}

export interface Reading {
  name: string;
  plot: PlotLine;
  /** Value in words; missing: the line has none there. */
  value: string | undefined;
}

/** What the lines say at a place: each at its own nearest point; at the newest ones without a place. */
export function readingsAt(figure: Figure, x: number | undefined): Reading[] {
  return figure.named.map(({ name, plot, value }) => {
    const index = x === undefined ? lastPoint(plot) : reaches(plot, x) ? nearestPoint(plot, x) : undefined;
    const y = index === undefined ? null : (plot.y[index] ?? null);
    if (index === undefined || y === null) return { name, plot, value: undefined };
    const low = plot.band?.low[index] ?? y;
    const high = plot.band?.high[index] ?? y;
    const band = low < high ? ` (${value(low)} to ${value(high)})` : '';
    return { name, plot, value: `${value(y)}${band}` };
  });
}

function lastPoint({ y }: PlotLine): number | undefined {
  const found = y.findLastIndex((value) => value !== null);
  return found < 0 ? undefined : found;
}

/** Index of the point with a value that is nearest to x. */
export function nearestPoint({ x: places, y }: PlotLine, x: number): number | undefined {
  let after = firstFrom(places, x);
  let before = after - 1;
  while (after < places.length && y[after] == null) after++;
  while (before >= 0 && y[before] == null) before--;
  if (before < 0) return after < places.length ? after : undefined;
  if (after >= places.length) return before;
  return x - (places[before] ?? 0) <= (places[after] ?? 0) - x ? before : after;
}

/** Index of the first place at or behind x. */
export function firstFrom(places: readonly number[], x: number): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle] ?? Infinity) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Rows that a table of a long line shows; its file has all. */
const MOST_ROWS = 40;

/** The figure as a table: places, and each line's value there. Lines with few points are there with all of them. */
export function tableOf(figure: Figure): { head: string[]; rows: string[][]; left: number } {
  const { named, plot, place } = figure;
  const all = new Set(named.flatMap(({ plot: line }) => line.x.filter((x) => isShown(x, plot))));
  const few = named
    .filter(({ plot: line }) => line.x.length <= MOST_ROWS)
    .flatMap(({ plot: line }) => line.x);
  const kept = new Set([
    ...sample(
      [...all].sort((a, b) => a - b),
      MOST_ROWS,
    ),
    ...few.filter((x) => all.has(x)),
  ]);
  const rows = [...kept]
    .sort((a, b) => a - b)
    .map((x) => [
      place(x),
      ...named.map(({ plot: line, value }) => {
        const index = firstFrom(line.x, x);
        const y = line.x[index] === x ? (line.y[index] ?? null) : null;
        return y === null ? '' : value(y);
      }),
    ]);
  return { head: [plot.x.label, ...named.map(({ name }) => name)], rows, left: all.size - kept.size };
}

function isShown(x: number, { x: { range } }: PlotModel): boolean {
  return range === undefined || (x >= range[0] && x <= range[1]);
}

function sample(values: readonly number[], most: number): number[] {
  if (values.length <= most) return [...values];
  return Array.from(
    { length: most },
    (_, index) => values[Math.round((index * (values.length - 1)) / (most - 1))] ?? 0,
  );
}
