// A plot's model as options of uPlot: series with bands, axes in the theme's colours, scales that follow the model.
import uPlot from 'uplot';
import { reaches } from './aligned.ts';
import { faded } from './colours.ts';
import { drawMarks } from './marks.ts';
import type { LineStyle, PlotForm, PlotLine, PlotModel } from './model.ts';

type Resolve = (colour: string) => string;

const FOREGROUND = 'var(--chart-text)';
/** How much of a colour is left of what stands behind. */
const FAINT = 0.35;
const BAND = 0.18;

export interface PlotSurroundings {
  width: number;
  height: number;
  resolve: Resolve;
  font: string;
  /** The model as it is when a scale asks; data come and go without a new plot. */
  model: () => PlotModel;
  hooks: uPlot.Hooks.Arrays;
  /** A double click. */
  reset: () => void;
}

/** What makes a new plot necessary when it differs; values and ranges do not. */
export function shapeOf(model: PlotModel): string {
  return JSON.stringify([
    model.log === true,
    model.zoomable === true,
    model.right !== undefined,
    model.x.label,
    model.x.steps,
    model.lines.map(({ style, form, points, faint, band, right }) => [
      style,
      form,
      points,
      faint,
      band !== undefined,
      right,
    ]),
  ]);
}

export function plotOptions(around: PlotSurroundings): uPlot.Options {
  const { width, height, hooks, reset } = around;
  const model = around.model();
  const zoomable = model.zoomable === true;
  return {
    width,
    height,
    legend: { show: false },
    padding: [10, model.right === undefined ? 14 : 0, 0, 0],
    cursor: {
      y: false,
      drag: { x: zoomable, y: false, setScale: false },
      // A line without a point at this x shows its nearest one.
      hover: {
        skip: [undefined, null],
        prox: (_plot, series, _index, x) => (lineAt(around.model(), series, x) ? Infinity : 0),
      },
      points: { size: 7 },
      bind: {
        dblclick: () => () => {
          if (zoomable) reset();
          return null;
        },
      },
    },
    scales: {
      x: { time: false, range: (_plot, min, max) => rangeOfX(around.model(), min, max) },
      y: {
        distr: model.log === true ? 3 : 1,
        range: (_plot, min, max) => rangeOfY(around.model(), min, max),
      },
      ...(model.right === undefined
        ? {}
        : { right: { range: (_plot: uPlot, _min: number, max: number) => [0, Math.max(1, max * 1.05)] } }),
    },
    axes: axesOf(around),
    ...seriesOf(model, around.resolve),
    hooks: {
      ...hooks,
      draw: [
        (plot) => {
          drawMarks(plot, around.model(), around);
        },
      ],
    },
  };
}

/** Whether the line of a uPlot series says anything at x. */
function lineAt({ lines }: PlotModel, series: number, x: number): boolean {
  // Series 0 is x itself; a band has two more behind its line.
  let first = 1;
  for (const line of lines) {
    const behind = first + (line.band === undefined ? 1 : 3);
    if (series < behind) return series === 0 || reaches(line, x);
    first = behind;
  }
  return false;
}

function rangeOfX({ x, lines }: PlotModel, min: number | null, max: number | null): uPlot.Range.MinMax {
  if (x.range !== undefined) return [...x.range];
  if (min === null || max === null) return [0, 1];
  // Bars need room at both ends; a single point a little around it.
  const bars = lines.some(({ form }) => form !== undefined && form !== 'line');
  const room = bars || min === max ? Math.max((max - min) * 0.02, 0.5) : 0;
  return [min - room, max + room];
}

function rangeOfY({ y, log }: PlotModel, min: number | null, max: number | null): uPlot.Range.MinMax {
  if (y.range !== undefined) return [...y.range];
  if (min === null || max === null) return log === true ? [0.1, 1] : [0, 1];
  return log === true ? uPlot.rangeLog(min, max, 10, false) : uPlot.rangeNum(min, max, 0.1, true);
}

function axesOf({ model: current, resolve, font }: PlotSurroundings): uPlot.Axis[] {
  const model = current();
  const line = { stroke: resolve(faded(FOREGROUND, 0.16)), width: 1 };
  const common: uPlot.Axis = {
    stroke: resolve(FOREGROUND),
    font,
    labelFont: font,
    grid: line,
    ticks: { ...line, size: 4 },
    gap: 3,
  };
  const wide: uPlot.Axis.Size = (plot, values, axis, cycle) => {
    // uPlot asks again once it knows the width; that must not go to and fro.
    if (cycle > 1) return sizeOf(plot.axes[axis]);
    const longest = Math.max(0, ...(values ?? []).map((words) => String(words ?? '').length));
    return 14 + longest * 6.6;
  };
  const x: uPlot.Axis = {
    ...common,
    size: 26,
    label: model.x.label,
    labelSize: 18,
    labelGap: 2,
    values: (_plot, splits) => splits.map((value) => current().x.ticks(value)),
    ...(model.x.steps === undefined ? {} : { incrs: [...model.x.steps] }),
    space: 55,
  };
  const y: uPlot.Axis = {
    ...common,
    size: wide,
    space: 34,
    values: (_plot, splits) => splits.map((value) => (value == null ? '' : current().y.ticks(value))),
  };
  if (model.right === undefined) return [x, y];
  const right: uPlot.Axis = {
    ...common,
    scale: 'right',
    side: 1,
    size: wide,
    space: 34,
    grid: { show: false },
    values: (_plot, splits) => splits.map((value) => current().right?.ticks(value) ?? ''),
  };
  return [x, y, right];
}

/** The width that an axis has now; uPlot keeps it beside the option. */
function sizeOf(axis: uPlot.Axis | undefined): number {
  const size: unknown = (axis as { _size?: unknown } | undefined)?._size;
  return typeof size === 'number' ? size : 50;
}

function seriesOf(model: PlotModel, resolve: Resolve): { series: uPlot.Series[]; bands: uPlot.Band[] } {
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  for (const line of model.lines) {
    series.push(seriesOfLine(line, resolve));
    if (line.band === undefined) continue;
    const edge: uPlot.Series = { width: 0, spanGaps: true, points: { show: false }, class: 'band-edge' };
    bands.push({
      series: [series.length, series.length + 1],
      fill: resolve(faded(line.style.colour, BAND)),
    });
    series.push(edge, edge);
  }
  return { series, bands };
}

function seriesOfLine(
  { style, form = 'line', points, faint, right }: PlotLine,
  resolve: Resolve,
): uPlot.Series {
  const strong = resolve(style.colour);
  const colour = faint === true ? resolve(faded(style.colour, FAINT)) : strong;
  return {
    scale: right === true ? 'right' : 'y',
    stroke: colour,
    width: style.width,
    dash: [...style.dash],
    spanGaps: true,
    points: { show: points === true, size: 6, fill: colour },
    ...(form === 'line' ? {} : barsOf(form, style, resolve)),
  };
}

/** Bars with dashes are outlined and let the background through: another shape, not only another colour. */
function barsOf(form: Exclude<PlotForm, 'line'>, style: LineStyle, resolve: Resolve): Partial<uPlot.Series> {
  const paths = uPlot.paths.bars?.(
    form === 'bars' ? { size: [0.7, 60] } : { size: [0.42, 60], align: form === 'bars-left' ? -1 : 1 },
  );
  return {
    ...(paths === undefined ? {} : { paths }),
    fill: resolve(faded(style.colour, style.dash.length === 0 ? 0.75 : 0.2)),
    points: { show: false },
  };
}
