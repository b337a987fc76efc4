// The x axis of the training charts: its values, its words, and the steps that a part of it stands for.
import type { RunChart } from '../../../../protocol/src/dashboard.ts';
import { count, duration } from '../../ui/format.ts';
import type { XAxis } from '../state.ts';

type Group = Pick<RunChart['train'], 'step' | 'examples' | 'seconds'>;

interface AxisWords {
  /** Of the axis, and of the choice. */
  label: string;
  /** At a tick. */
  tick: (value: number) => string;
  /** In a sentence. */
  place: (value: number) => string;
  /** Distances that ticks may have. */
  steps?: readonly number[];
}

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 });
const whole = (value: number) => (Math.abs(value) < 100_000 ? count(value) : COMPACT.format(value));
const WHOLE_STEPS = Array.from({ length: 10 }, (_, power) =>
  [1, 2, 5].map((digit) => digit * 10 ** power),
).flat();

export const AXIS_WORDS: Readonly<Record<XAxis, AxisWords>> = {
  step: {
    label: 'Step',
    tick: whole,
    place: (value) => `step ${count(Math.round(value))}`,
    steps: WHOLE_STEPS,
  },
  examples: {
    label: 'Examples',
    tick: whole,
    place: (value) => `${count(Math.round(value))} examples`,
    steps: WHOLE_STEPS,
  },
  seconds: {
    label: 'Time of training',
    tick: clock,
    place: (value) => duration(value),
    steps: [
      ...[1, 2, 5, 10, 15, 30],
      ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60),
      ...[1, 2, 3, 6, 12, 24, 48, 96, 240, 480].map((hours) => hours * 3600),
    ],
  },
};

/** 75 -> "1:15"; 5400 -> "1:30 h". */
function clock(seconds: number): string {
  const all = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  if (all < 3600) return `${Math.floor(all / 60)}:${two(all % 60)}`;
  return `${Math.floor(all / 3600)}:${two(Math.floor((all % 3600) / 60))} h`;
}

/**
 * Points with a place on the axis: runs of earlier versions do not say how many examples they had seen.
 * @returns x ascending, and a function that takes the same points out of the group's values
 */
export function placesOn(axis: XAxis, group: Group): { x: number[]; of: <T>(values: readonly T[]) => T[] } {
  const places: readonly (number | null)[] = group[axis];
  const x: number[] = [];
  const indices: number[] = [];
  places.forEach((place, index) => {
    if (place === null || place <= (x.at(-1) ?? -Infinity)) return;
    x.push(place);
    indices.push(index);
  });
  return { x, of: <T>(values: readonly T[]) => indices.map((index) => values[index]) };
}

/** Where an optimiser step lies on the axis, as nearly as the points say; undefined: behind all of them. */
export function placeOfStep(axis: XAxis, group: Group, step: number): number | undefined {
  if (axis === 'step') return step;
  const { x, of } = placesOn(axis, group);
  const steps = of(group.step);
  const after = steps.findIndex((value) => value !== undefined && value >= step);
  const [x1, s1] = [x[after], steps[after]];
  if (x1 === undefined || s1 === undefined) return undefined;
  // Before the first point lies the run's beginning, or a part that is not shown.
  const [x0, s0] = [x[after - 1] ?? 0, steps[after - 1] ?? 0];
  return after === 0 && s1 > step ? 0 : x0 + ((step - s0) / (s1 - s0)) * (x1 - x0);
}

/**
 * The optimiser steps that a part of the axis stands for, over all runs: between two points by interpolation, outside
 * by the run's mean pace.
 */
export function stepsBetween(
  axis: XAxis,
  charts: readonly RunChart[],
  from: number,
  to: number,
): { from: number; to: number } {
  if (axis === 'step') return wholeSteps(from, to);
  const at = (x: number) => charts.flatMap(({ train }) => stepAt(axis, train, x) ?? []);
  const starts = at(from);
  const ends = at(to);
  return starts.length === 0 ? wholeSteps(from, to) : wholeSteps(Math.min(...starts), Math.max(...ends));
}

function wholeSteps(from: number, to: number): { from: number; to: number } {
  const first = Math.max(0, Math.floor(from));
  return { from: first, to: Math.max(first + 1, Math.ceil(to)) };
}

function stepAt(axis: XAxis, group: Group, place: number): number | undefined {
  const { x, of } = placesOn(axis, group);
  const steps = of(group.step);
  const found = x.findIndex((value) => value >= place);
  const after = found < 0 ? x.length - 1 : Math.max(1, found);
  const [x0, x1, s0, s1] = [x[after - 1], x[after], steps[after - 1], steps[after]];
  if (x0 === undefined || x1 === undefined || s0 === undefined || s1 === undefined) return steps[0];
  return s0 + ((place - x0) / (x1 - x0)) * (s1 - s0);
}
