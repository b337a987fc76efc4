// From a run's numbers to lines, words, tables, and what the keys do with them.
import { describe, expect, it } from 'vitest';
import {
  nearestPoint,
  readingsAt,
  tableOf,
  type Figure,
} from '../../../../webview/src/dashboard/charts/figure.ts';
import { shownPlaces, wishOfPlotKey } from '../../../../webview/src/dashboard/charts/keys.ts';
import {
  trainingFigures,
  type ChartSettings,
} from '../../../../webview/src/dashboard/charts/trainingFigures.ts';
import { calibrationError, reportFigures } from '../../../../webview/src/dashboard/report/figures.ts';
import { alignedData, jointX } from '../../../../webview/src/ui/plot/aligned.ts';
import { madeChart, REPORT } from '../../../support/dashboardRuns.ts';

const PLAIN: ChartSettings = { axis: 'step', smoothing: 0, log: false, zoom: null };
const STYLE = { colour: 'red', dash: [], width: 1 };

function figures(settings: Partial<ChartSettings> = {}, runs = 1, chart = madeChart()): Map<string, Figure> {
  const charted = Array.from({ length: runs }, (_, index) => ({ name: `run-${index}`, index, chart }));
  return new Map(
    trainingFigures(charted, runs, { ...PLAIN, ...settings }).map((figure) => [figure.key, figure]),
  );
}

function figure(key: string, ...given: Parameters<typeof figures>): Figure {
  const found = figures(...given).get(key);
  if (found === undefined) throw new Error(`No figure ${key}.`);
  return found;
}

describe('lines on one axis', () => {
  it('have each x once; where a line has no point there is nothing, where it has no value null', () => {
    const lines = [
      { x: [1, 3], y: [10, null], style: STYLE },
      { x: [2, 3], y: [5, 6], style: STYLE, band: { low: [4, 4], high: [7, 7] } },
    ];
    expect(alignedData(lines, false)).toEqual({
      x: [1, 2, 3],
      columns: [
        [10, undefined, null],
        [undefined, 5, 6],
        [undefined, 7, 7],
        [undefined, 4, 4],
      ],
    });
  });

  it('lose what has no logarithm', () => {
    expect(alignedData([{ x: [1, 2, 3], y: [0, -1, 2], style: STYLE }], true).columns).toEqual([
      [null, null, 2],
    ]);
  });

  it('share the array where they share the x', () => {
    const x = [1, 2];
    expect(
      jointX([
        { x, y: [1, 1], style: STYLE },
        { x, y: [2, 2], style: STYLE },
      ]),
    ).toEqual(x);
    expect(jointX([])).toEqual([]);
  });
});

describe('training figures', () => {
  it('name lines by what they are, and by the run where there are several', () => {
    expect(figure('accuracy').named.map(({ name }) => name)).toEqual([
      'training',
      'validation',
      'majority baseline',
    ]);
    expect(figure('loss', {}, 2).named.map(({ name }) => name)).toEqual([
      'run-0, training',
      'run-0, validation',
      'run-1, training',
      'run-1, validation',
    ]);
    expect(figure('auroc', {}, 2).named.map(({ name }) => name)).toEqual(['run-0', 'run-1']);
  });

  it('draw the raw line faintly behind the smoothed one', () => {
    const { plot, named } = figure('gradient-norm', { smoothing: 0.9 });
    expect(plot.lines.map(({ faint }) => faint === true)).toEqual([true, false]);
    expect(named.map(({ name }) => name)).toEqual(['training, smoothed']);
  });

  it('show the area from least to most where points stand for many steps, of a few runs', () => {
    const chart = madeChart({ steps: 4000, every: 10 });
    expect(figure('loss', {}, 1, chart).plot.lines[0]?.band).toBeDefined();
    expect(figure('loss', {}, 4, chart).plot.lines[0]?.band).toBeUndefined();
    expect(figure('loss').plot.lines[0]?.band).toBeUndefined();
    expect(readingsAt(figure('loss', {}, 1, chart), 500)[0]?.value).toMatch(/^0\.\d+ \(0\.\d+ to 0\.\d+\)$/);
  });

  it('have each majority baseline where the runs were evaluated on other data', () => {
    const chart = madeChart();
    const other = structuredClone(chart);
    other.validation.values.majorityAccuracy.fill(0.7);
    const [, accuracy] = trainingFigures(
      [
        { name: 'a', index: 0, chart },
        { name: 'b', index: 1, chart: other },
      ],
      2,
      PLAIN,
    );
    expect(accuracy?.named.map(({ name }) => name).slice(-2)).toEqual([
      'a, majority baseline',
      'b, majority baseline',
    ]);
  });

  it('have the stages of a staged run, wherever they lie on the axis, in the picture and in words', () => {
    const chart = {
      ...madeChart({ steps: 105 }),
      stages: [
        { name: 'head', from: 1 },
        { name: 'lora', from: 43 },
      ],
    };
    const accuracy = figure('accuracy', {}, 1, chart);
    expect(accuracy.plot.marks).toMatchObject([
      { label: 'head', from: 1, to: 43 },
      { label: 'lora', from: 43 },
    ]);
    expect(accuracy.summary).toContain(' Stages: head from step 1, lora from step 43.');
    const overExamples = figure('loss', { axis: 'examples' }, 2, chart);
    expect(overExamples.plot.marks?.map(({ label, from }) => [label, from])).toEqual([
      ['run-0: head', 16],
      ['run-0: lora', 43 * 16],
      ['run-1: head', 16],
      ['run-1: lora', 43 * 16],
    ]);
    expect(overExamples.summary).toContain(' Stages of run-1: head from step 1, lora from step 43.');
    expect(figure('loss').plot).not.toHaveProperty('marks');
  });

  it('use the log scale for what spreads over powers of ten', () => {
    const logged = [...figures({ log: true }).values()].filter(({ plot }) => plot.log === true);
    expect(logged.map(({ key }) => key)).toEqual(['loss', 'learning-rate', 'gradient-norm']);
  });

  it('show the part that was zoomed to', () => {
    expect(figure('loss', { zoom: { steps: { from: 10, to: 20 } } }).plot.x.range).toEqual([10, 20]);
    const seconds = { axis: 'seconds' as const, zoom: { steps: { from: 10, to: 20 } } };
    expect(figure('loss', seconds).plot.x.range).toBeUndefined();
    expect(figure('loss', { ...seconds, zoom: { ...seconds.zoom, x: [3, 4] } }).plot.x.range).toEqual([3, 4]);
  });

  it('are said in a sentence with the first, newest, lowest and highest value', () => {
    const chart = madeChart({ steps: 150 });
    chart.validation.values.auroc = [0.8, 0.95, 0.9];
    expect(figure('auroc', {}, 1, chart).summary).toBe(
      'AUROC over step. validation (3 points): first 0.800, newest 0.900, lowest 0.800 at step 50, highest 0.950 at step 100.',
    );
  });

  it('become rows of a file with every value that was measured, smoothed or not', () => {
    const rows = figure('loss', { smoothing: 0.9 }, 2).csv();
    expect(rows).toHaveLength(1 + 2 * (480 + 9));
    expect(rows[1]?.slice(0, 4)).toEqual(['run-0', 'training', 1, 16]);
    expect(rows).toEqual(figure('loss', {}, 2).csv());
  });
});

describe('a figure read at a place', () => {
  it('takes the nearest point that has a value', () => {
    const line = { x: [1, 2, 3, 10], y: [1, null, 3, 10], style: STYLE };
    expect([0, 1.4, 2.1, 6, 7, 99].map((x) => nearestPoint(line, x))).toEqual([0, 0, 2, 2, 3, 3]);
    expect(nearestPoint({ x: [1], y: [null], style: STYLE }, 1)).toBeUndefined();
  });

  it('says nothing for a run that had ended by then', () => {
    const [, validation] = readingsAt(figure('loss'), 505);
    expect(readingsAt(figure('loss'), 481)[0]?.value).toBeDefined();
    expect(readingsAt(figure('loss'), 505)[0]?.value).toBeUndefined();
    expect(validation?.value).toBeUndefined();
    expect(readingsAt(figure('loss'), 495)[1]?.value).toBeDefined();
  });

  it('is a table of some places, with all points of short lines', () => {
    const { head, rows, left } = tableOf(figure('loss'));
    expect(head).toEqual(['Step', 'training', 'validation']);
    expect(rows.length + left).toBe(480);
    expect(rows.length).toBeLessThan(50);
    expect(rows.filter(([, , validation]) => validation !== '').map(([place]) => place)).toEqual(
      [50, 100, 150, 200, 250, 300, 350, 400, 450].map((step) => `step ${step}`),
    );
    expect(rows.at(-1)?.[0]).toBe('step 480');
  });
});

describe('keys in a plot', () => {
  const key = (name: string, shiftKey = false) => ({
    key: name,
    shiftKey,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
  });
  const loss = figure('loss');

  it('move from point to point, and not beyond the ends', () => {
    expect(wishOfPlotKey(key('ArrowRight'), loss, 10)).toEqual({ type: 'cursor', x: 11 });
    expect(wishOfPlotKey(key('ArrowRight'), loss, 480)).toEqual({ type: 'cursor', x: 480 });
    expect(wishOfPlotKey(key('ArrowLeft'), loss, undefined)).toEqual({ type: 'cursor', x: 479 });
    expect(wishOfPlotKey(key('PageDown'), loss, 100)).toEqual({ type: 'cursor', x: 52 });
    expect(wishOfPlotKey(key('Tab'), loss, 100)).toBeUndefined();
    expect(wishOfPlotKey({ ...key('ArrowLeft'), ctrlKey: true }, loss, 100)).toBeUndefined();
  });

  it('zoom around the crosshair where it can be seen', () => {
    const zoomed = figure('loss', { zoom: { steps: { from: 100, to: 200 } } });
    expect(wishOfPlotKey(key('+'), zoomed, 120)).toEqual({ type: 'zoom', from: 110, to: 160 });
    expect(wishOfPlotKey(key('-'), zoomed, 50)).toEqual({ type: 'zoom', from: 50, to: 250 });
    expect(wishOfPlotKey(key('ArrowLeft', true), zoomed, 120)).toEqual({ type: 'zoom', from: 75, to: 175 });
    expect(wishOfPlotKey(key('0'), zoomed, 120)).toEqual({ type: 'reset' });
    expect(shownPlaces(zoomed)).toHaveLength(101);
  });

  it('do not zoom an evaluation, and do nothing where there is nothing', () => {
    const [calibration] = reportFigures(REPORT);
    if (calibration === undefined) throw new Error('No figure.');
    expect(wishOfPlotKey(key('+'), calibration, 0.5)).toBeUndefined();
    expect(
      wishOfPlotKey(key('Home'), figure('auroc', {}, 1, madeChart({ steps: 0 })), undefined),
    ).toBeUndefined();
  });
});

describe('the figures of an evaluation', () => {
  it('say the expected calibration error', () => {
    const bin = (steps: number, meanScore: number | null, correctShare: number | null) => ({
      steps,
      meanScore,
      correctShare,
    });
    expect(
      calibrationError({
        ...REPORT,
        calibration: [bin(10, 0.1, 0.2), bin(0, null, null), bin(30, 0.9, 0.8)],
      }),
    ).toBeCloseTo(0.1, 12);
    expect(calibrationError({ ...REPORT, calibration: [bin(0, null, null)] })).toBeNull();
  });

  it('say so where nothing was labelled', () => {
    const empty = {
      ...REPORT,
      calibration: Array.from({ length: 10 }, () => ({ steps: 0, meanScore: null, correctShare: null })),
      histogram: { correct: Array<number>(20).fill(0), incorrect: Array<number>(20).fill(0) },
      positions: [],
      worst: [],
    };
    for (const one of reportFigures(empty)) {
      expect(one.nothing, one.key).toBe('No labelled step was scored.');
      expect(one.summary).not.toMatch(/NaN|undefined/);
    }
  });

  it('count what lies in each bin', () => {
    const [, scores, positions] = reportFigures(REPORT);
    expect(scores?.csv()[1]).toEqual([0, 0.05, 3, 180]);
    expect(scores?.summary).toContain('labelled correct, 868 of them with a score of 0.5 or more');
    expect(positions?.place(9)).toBe('step 9 and later');
    expect(positions?.csv()).toHaveLength(10);
  });
});
