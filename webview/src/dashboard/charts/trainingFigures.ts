// The lines of the compared runs as figures: one for each chart of the table, all over the same x axis.
import type { RunChart, TrainSeries } from '../../../../protocol/src/dashboard.ts';
import type { LineStyle, PlotLine, PlotMark } from '../../ui/plot/model.ts';
import type { Kept } from '../state.ts';
import type { Cell } from '../files/csv.ts';
import { AXIS_WORDS, placeOfStep, placesOn } from './axis.ts';
import { CHARTS, type ChartDefinition } from './definitions.ts';
import { TRAINING, type Figure, type NamedLine } from './figure.ts';
import { smoothed } from './smoothing.ts';
import { BASELINE_STYLE, lineStyle } from './styles.ts';
import { stagesWords, summaryOf } from './words.ts';

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
  const marks = stageMarks(runs, all, settings);
  return CHARTS.map((definition) => {
    const figure = figureOf(definition, runs, all, settings);
    return marks.length === 0 ? figure : { ...figure, plot: { ...figure.plot, marks } };
  });
}

/** Where the stages of staged runs lie on the axis. */
function stageMarks(runs: readonly ChartedRun[], all: number, { axis }: ChartSettings): PlotMark[] {
  return runs.flatMap(({ name, index, chart }) => {
    const stages = chart?.stages ?? [];
    const places = stages.map(({ from }) => chart && placeOfStep(axis, chart.train, from));
    return stages.flatMap((stage, at): PlotMark[] => {
      const [from, to] = [places[at], places[at + 1]];
      if (from === undefined) return [];
      const label = all === 1 ? stage.name : `${name}: ${stage.name}`;
      const { colour } = lineStyle('training', index, all);
      return [{ from, ...(to === undefined ? {} : { to }), label, colour }];
    });
  });
}

function figureOf(
  definition: ChartDefinition,
  runs: readonly ChartedRun[],
  all: number,
  settings: ChartSettings,
): Figure {
  const drawn = runs.flatMap((run) => linesOf(definition, run, all, settings));
  const parts = definition.baseline === true ? [...drawn, ...baselines(runs, all, settings)] : drawn;
  const named = parts.flatMap(({ line, name }) =>
    name === undefined ? [] : [{ name, plot: line, value: definition.value }],
  );
  const words = AXIS_WORDS[settings.axis];
  const log = settings.log && definition.log === true;
  const range = shownRange(settings);
  const figure: Figure = {
    key: definition.key,
    title: definition.title,
    group: TRAINING,
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
  figure.summary = [summaryOf(figure), ...stagesWords(runs)].join(' ');
  const nothing = nothingWords(definition, runs, settings, named);
  if (nothing !== undefined) figure.nothing = nothing;
  return figure;
}

function shownRange({ zoom, axis }: ChartSettings): [number, number] | undefined {
  if (zoom === null) return undefined;
  return zoom.x ?? (axis === 'step' ? [zoom.steps.from, zoom.steps.to] : undefined);
}

/** A line; without a name it only accompanies another. */
interface Part {
  line: PlotLine;
  name?: string;
}

/** A run's lines in drawing order. */
function linesOf(
  definition: ChartDefinition,
  { name, index, chart }: ChartedRun,
  all: number,
  settings: ChartSettings,
): Part[] {
  if (chart === undefined) return [];
  const { train: trainSeries, validation: validationSeries } = definition;
  const both = trainSeries !== undefined && validationSeries !== undefined;
  const called = (split: string) => (all === 1 ? split : both ? `${name}, ${split}` : name);
  const parts: Part[] = [];
  if (trainSeries !== undefined) {
    parts.push(
      ...trainingLines(chart.train, trainSeries, lineStyle('training', index, all), all, settings, called),
    );
  }
  if (validationSeries !== undefined) {
    const { x, of } = placesOn(settings.axis, chart.validation);
    const y = of(chart.validation.values[validationSeries]);
    const style = lineStyle('validation', index, all);
    if (x.length > 0)
      parts.push({ line: { x, y, style, points: x.length <= MOST_MARKS }, name: called('validation') });
  }
  return parts;
}

function trainingLines(
  group: RunChart['train'],
  series: TrainSeries,
  style: LineStyle,
  all: number,
  { axis, smoothing }: ChartSettings,
  called: (split: string) => string,
): Part[] {
  const { x, of } = placesOn(axis, group);
  if (x.length === 0) return [];
  const values = group.values[series];
  const mean = of(values.mean);
  const band = all <= MOST_BANDS ? bandOf(mean, of(values.min), of(values.max)) : {};
  const points = x.length === 1;
  if (smoothing === 0) return [{ line: { x, y: mean, style, points, ...band }, name: called('training') }];
  return [
    { line: { x, y: mean, style: { ...style, dash: [], width: 1 }, faint: true, ...band } },
    {
      line: { x, y: smoothed(mean, smoothing), style: { ...style, width: 2 }, points },
      name: `${called('training')}, smoothed`,
    },
  ];
}

/** Of always answering the more frequent class; drawn once where the runs were evaluated on the same data. */
function baselines(runs: readonly ChartedRun[], all: number, { axis }: ChartSettings): Part[] {
  const each = runs.flatMap(({ name, index, chart }) => {
    if (chart === undefined) return [];
    const { x, of } = placesOn(axis, chart.validation);
    const y = of(chart.validation.values.majorityAccuracy);
    return x.length === 0 ? [] : [{ name, index, x, y, values: [...new Set(y)].join() }];
  });
  const [longest] = [...each].sort((a, b) => (b.x.at(-1) ?? 0) - (a.x.at(-1) ?? 0));
  if (longest === undefined) return [];
  const line = ({ x, y }: typeof longest, colour: string): PlotLine => {
    return { x, y, style: { ...BASELINE_STYLE, colour }, points: x.length === 1 };
  };
  if (each.every(({ values }) => values === longest.values)) {
    return [{ line: line(longest, BASELINE_STYLE.colour), name: 'majority baseline' }];
  }
  return each.map((run) => ({
    line: line(run, lineStyle('validation', run.index, all).colour),
    name: `${run.name}, majority baseline`,
  }));
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
