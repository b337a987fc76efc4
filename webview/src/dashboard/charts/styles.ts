// Colours and dash patterns of lines: each compared run has its own, told apart without colour too.
import type { LineStyle } from '../../ui/plot/model.ts';

const DASHES: readonly (readonly number[])[] = [
  [],
  [8, 4],
  [2, 3],
  [10, 3, 2, 3],
  [16, 5],
  [5, 5],
  [12, 3, 2, 3, 2, 3],
  [3, 7],
];

/** @param index the run's place among the compared ones */
function runStyle(index: number): Pick<LineStyle, 'colour' | 'dash'> {
  return { colour: `var(--chart-${(index % DASHES.length) + 1})`, dash: DASHES[index % DASHES.length] ?? [] };
}

/**
 * Training lines are thin; validation lines are thick and have points. A run alone has two colours, of several runs
 * each has its own.
 */
export function lineStyle(split: 'training' | 'validation', index: number, runs: number): LineStyle {
  const own = runStyle(runs === 1 && split === 'validation' ? 1 : index);
  return split === 'training' ? { ...own, width: 1.5 } : { ...own, width: 2.5 };
}

export const BASELINE_STYLE: LineStyle = { colour: 'var(--chart-quiet)', dash: [2, 4], width: 1.5 };
