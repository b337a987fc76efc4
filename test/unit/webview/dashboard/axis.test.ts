import { describe, expect, it } from 'vitest';
import { AXIS_WORDS, placesOn, stepsBetween } from '../../../../webview/src/dashboard/charts/axis.ts';
import { madeChart } from '../../../support/dashboardRuns.ts';

const GROUP = { step: [1, 2, 3, 4], examples: [null, 32, 48, 64], seconds: [2, 4, 4, 9] };

describe('the x axis', () => {
  it('leaves out points that have no place, or the same one as the point before', () => {
    const examples = placesOn('examples', GROUP);
    expect(examples.x).toEqual([32, 48, 64]);
    expect(examples.of(['a', 'b', 'c', 'd'])).toEqual(['b', 'c', 'd']);
    expect(placesOn('seconds', GROUP).x).toEqual([2, 4, 9]);
    expect(placesOn('step', GROUP).x).toEqual([1, 2, 3, 4]);
  });

  it('says times and numbers as people read them', () => {
    const { seconds, step, examples } = AXIS_WORDS;
    expect([0, 5, 75, 3599, 5400, 90_000].map(seconds.tick)).toEqual([
      '0:00',
      '0:05',
      '1:15',
      '59:59',
      '1:30 h',
      '25:00 h',
    ]);
    expect(seconds.place(75)).toBe('1 min 15 s');
    expect([1200, 250_000, 1_000_000].map(step.tick)).toEqual(['1,200', '250K', '1M']);
    expect(examples.place(12_345.6)).toBe('12,346 examples');
  });
});

describe('the steps of a part', () => {
  it('are the part itself, in whole steps, where steps are counted', () => {
    expect(stepsBetween('step', [], 10.4, 20.2)).toEqual({ from: 10, to: 21 });
    expect(stepsBetween('step', [], -5, 0.2)).toEqual({ from: 0, to: 1 });
  });

  it('lie between the points of the runs, and beyond them by their pace', () => {
    const chart = madeChart({ steps: 100 });
    const second = Number(chart.train.seconds[0]);
    expect(stepsBetween('seconds', [chart], 10 * second, 20.5 * second)).toEqual({ from: 10, to: 21 });
    expect(stepsBetween('seconds', [chart], 50 * second, 150.5 * second)).toEqual({ from: 50, to: 151 });
    expect(stepsBetween('examples', [chart], 160, 320)).toEqual({ from: 10, to: 20 });
  });

  it('hold those of the fastest and of the slowest run', () => {
    const fast = { ...madeChart({ steps: 100 }) };
    const slow = { ...fast, train: { ...fast.train, seconds: fast.train.seconds.map((value) => value * 4) } };
    const second = Number(fast.train.seconds[0]);
    expect(stepsBetween('seconds', [fast, slow], 40 * second, 80 * second)).toEqual({ from: 10, to: 80 });
  });

  it('are those that are asked for where a run has no points', () => {
    expect(stepsBetween('seconds', [madeChart({ steps: 0 })], 10, 20)).toEqual({ from: 10, to: 20 });
  });
});
