// What a plot shows: lines or bars over one x axis, in styles that differ in colour and in shape.

/** How one line is drawn. */
export interface LineStyle {
  /** Any CSS colour; variables of the theme and system colours too. */
  colour: string;
  /** Lengths of strokes and gaps in pixels; empty: solid. */
  dash: readonly number[];
  /** Pixels. */
  width: number;
}

/** `bars-left` and `bars-right` stand side by side at the same x. */
export type PlotForm = 'line' | 'bars' | 'bars-left' | 'bars-right';

export interface PlotLine {
  /** Ascending, [points]. */
  x: readonly number[];
  /** [points]; null where there is no value, which the line bridges. */
  y: readonly (number | null)[];
  style: LineStyle;
  form?: PlotForm;
  /** Marks each point; for lines with few of them. */
  points?: boolean;
  /** Drawn behind the others: raw values under smoothed ones. */
  faint?: boolean;
  /** Filled area around the line, [points] each. */
  band?: { low: readonly (number | null)[]; high: readonly (number | null)[] };
  /** Measured on the right axis: counts beside rates. */
  right?: boolean;
}

/** A part of the x axis that has a name. */
export interface PlotMark {
  from: number;
  /** Where the next one begins; missing: it lasts to the end. */
  to?: number;
  label: string;
  /** Of the line where it begins. */
  colour: string;
}

type TickWords = (value: number) => string;

export interface PlotModel {
  lines: readonly PlotLine[];
  x: {
    ticks: TickWords;
    label: string;
    /** Shown part; missing: all there is. */
    range?: readonly [number, number];
    /** Distances that ticks may have, ascending; missing: powers of ten and their halves and fifths. */
    steps?: readonly number[];
  };
  y: { ticks: TickWords; range?: readonly [number, number] };
  right?: { ticks: TickWords };
  marks?: readonly PlotMark[];
  /** Logarithmic y axis: values of 0 and below are left out. */
  log?: boolean;
  /** A part of the x axis can be chosen by dragging. */
  zoomable?: boolean;
}

/** What a person does in a plot. */
export interface PlotEvents {
  /** The pointer is at this x; undefined: it has left. */
  cursor?: (x: number | undefined) => void;
  /** A part of the x axis was chosen. */
  zoom?: (from: number, to: number) => void;
  /** All of it is wanted again. */
  reset?: () => void;
}
