// The lines of the compared runs as figures: one for each chart of the table, all over the same x axis.
import type { RunChart } from '../../../../protocol/src/dashboard.ts';
import type { PlotLine } from '../../ui/plot/model.ts';
import type { Kept } from '../state.ts';
import type { Cell } from '../files/csv.ts';
import { AXIS_WORDS, placesOn } from './axis.ts';
import { CHARTS, type ChartDefinition } from './definitions.ts';
import type { Figure, NamedLine } from './figure.ts';
import { smoothed } from './smoothing.ts';
import { BASELINE_STYLE, lineStyle } from './styles.ts';
import { summaryOf } from './words.ts';

/** A compared run with its lines. */
export interface ChartedRun {
  name: string;
  /** Its place among the compared runs, which gives its colour. */
  index: number;
  /** Missing: not come yet. */
  chart: RunChart | undefined;
}

export type ChartSettings = Pick<Kept, 'axis' | 'smoothing' | 'log' | 'zoom'>;

/** With more runs than this, areas from least to most would hide each other. */
const MOST_BANDS = 3;
/** Lines with more points than this are drawn without marks at them. */
const MOST_MARKS = 80;

/** @param all how many runs are compared, those included whose lines have not come yet */
export function trainingFigures(runs: readonly ChartedRun[], all: number, settings: ChartSettings): Figure[] {
  return CHARTS.map((definition) => figureOf(definition, runs, all, settings));
}

function figureOf(
  definition: ChartDefinition,
  runs: readonly ChartedRun[],
  all: number,
  settings: ChartSettings,
): Figure {
  const parts = runs.flatMap((run) => linesOf(definition, run, all, settings));
  const named = parts.flatMap(({ line, name }) =>
    name === undefined ? [] : [{ name, plot: line, value: definition.value }],
  );
  const words = AXIS_WORDS[settings.axis];
  const log = settings.log && definition.log === true;
  const range = shownRange(settings);
  const figure: Figure = {
    key: definition.key,
    title: definition.title,
    group: 'training',
    summary: '',
    plot: {
      lines: parts.map(({ line }) => line),
      x: {
        ticks: words.tick,
        label: words.label,
        ...(words.steps === undefined ? {} : { steps: words.steps }),
        ...(range === undefined ? {} : { range }),
      },
      y: { ticks: definition.tick },
      log,
      zoomable: true,
    },
    named,
    place: words.place,
    csv: () => csvOf(definition, runs),
  };
  figure.summary = summaryOf(figure);
  const nothing = nothingWords(definition, runs, settings, named);
  if (nothing !== undefined) figure.nothing = nothing;
  return figure;
}

function shownRange({ zoom, axis }: ChartSettings): [number, number] | undefined {
  if (zoom === null) return undefined;
  return zoom.x ?? (axis === 'step' ? [zoom.steps.from, zoom.steps.to] : undefined);
}

/** Lines in drawing order; those without a name only accompany another. */
function linesOf(
  definition: ChartDefinition,
  { name, index, chart }: ChartedRun,
  all: number,
  settings: ChartSettings,
): { line: PlotLine; name?: string }[] {
  if (chart === undefined) return [];
  const lines: { line: PlotLine; name?: string }[] = [];
  const called = (split: string) => (all === 1 ? split : `${name}, ${split}`);
  const { train: trainSeries, validation: validationSeries } = definition;
  if (trainSeries !== undefined) {
    const { x, of } = placesOn(settings.axis, chart.train);
    const values = chart.train.values[trainSeries];
    const mean = of(values.mean);
    const style = lineStyle('training', index, all);
    const band = all <= MOST_BANDS ? bandOf(mean, of(values.min), of(values.max)) : {};
    const points = x.length === 1;
    if (x.length > 0 && settings.smoothing > 0) {
      lines.push({ line: { x, y: mean, style: { ...style, dash: [], width: 1 }, faint: true, ...band } });
      lines.push({
        line: { x, y: smoothed(mean, settings.smoothing), style: { ...style, width: 2 }, points },
        name: called('training, smoothed'),
      });
    } else if (x.length > 0)
      lines.push({ line: { x, y: mean, style, points, ...band }, name: called('training') });
  }
  if (validationSeries !== undefined) {
    const { x, of } = placesOn(settings.axis, chart.validation);
    const points = x.length <= MOST_MARKS;
    const y = of(chart.validation.values[validationSeries]);
    const style = lineStyle('validation', index, all);
    if (x.length > 0) lines.push({ line: { x, y, style, points }, name: called('validation') });
    if (x.length > 0 && definition.baseline === true) {
      const style =
        all === 1
          ? BASELINE_STYLE
          : { ...BASELINE_STYLE, colour: lineStyle('validation', index, all).colour };
      lines.push({
        line: { x, y: of(chart.validation.values.majorityAccuracy), style, points: x.length === 1 },
        name: called('majority baseline'),
      });
    }
  }
  return lines;
}

/** The area from least to most, where the points stand for ranges of steps. */
function bandOf(
  mean: (number | null)[],
  low: (number | null)[],
  high: (number | null)[],
): Pick<PlotLine, 'band'> {
  const reduced = mean.some((value, index) => value !== low[index] || value !== high[index]);
  return reduced ? { band: { low, high } } : {};
}

function nothingWords(
  { train, validation }: ChartDefinition,
  runs: readonly ChartedRun[],
  { axis, zoom }: ChartSettings,
  named: readonly NamedLine[],
): string | undefined {
  if (named.some(({ plot }) => plot.y.some((value) => value !== null))) return undefined;
  if (runs.length === 0) return 'Reading the run…';
  const groups = runs.flatMap(({ chart }) => (chart === undefined ? [] : [chart.train, chart.validation]));
  if (
    axis === 'examples' &&
    groups.some(({ step, examples }) => step.length > 0 && examples.every((n) => n === null))
  ) {
    return 'This run was written by an earlier version, which did not count examples. Choose another x axis.';
  }
  if (zoom !== null) return 'Nothing in the part that is shown.';
  if (train === undefined && validation !== undefined) return 'No evaluation yet.';
  return 'No step yet.';
}

/** One row for each point, as measured: smoothing and zoom change what is drawn, not what was written down. */
function csvOf({ train, validation }: ChartDefinition, runs: readonly ChartedRun[]): Cell[][] {
  const rows: Cell[][] = [['run', 'split', 'step', 'examples', 'seconds', 'value', 'min', 'max']];
  for (const { name, chart } of runs) {
    if (chart === undefined) continue;
    const add = (
      split: string,
      group: RunChart['train'] | RunChart['validation'],
      values: (at: number) => Cell[],
    ) => {
      group.step.forEach((step, at) => {
        rows.push([name, split, step, group.examples[at] ?? null, group.seconds[at] ?? null, ...values(at)]);
      });
    };
    if (train !== undefined) {
      const { mean, min, max } = chart.train.values[train];
      add('training', chart.train, (at) => [mean[at] ?? null, min[at] ?? null, max[at] ?? null]);
    }
    if (validation !== undefined) {
      const values = chart.validation.values[validation];
      add('validation', chart.validation, (at) => [values[at] ?? null, null, null]);
    }
  }
  return rows;
}
