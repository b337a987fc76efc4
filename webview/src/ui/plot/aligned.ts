// Lines with x values of their own, brought onto one ascending x axis as uPlot wants them.
import type { PlotLine } from './model.ts';

type Values = (number | null | undefined)[];

/** Every x of any of the lines once, ascending. */
export function jointX(lines: readonly PlotLine[]): number[] {
  const [only] = lines;
  if (only === undefined) return [];
  if (lines.every(({ x }) => x === only.x)) return [...only.x];
  return [...new Set(lines.flatMap(({ x }) => x))].sort((a, b) => a - b);
}

/**
 * Columns over the joint x: for each line its values, then the upper and lower edge of its band where it has one.
 * A place without a point of the line is undefined, which uPlot passes over; null is a value that is missing.
 * @param log values of 0 and below become null
 */
export function alignedData(lines: readonly PlotLine[], log: boolean): { x: number[]; columns: Values[] } {
  const x = jointX(lines);
  const at = new Map(x.map((value, index) => [value, index]));
  const column = (own: readonly number[], values: readonly (number | null)[]): Values => {
    const placed = new Array<number | null | undefined>(x.length).fill(undefined);
    own.forEach((place, index) => {
      const value = values[index] ?? null;
      const row = at.get(place);
      if (row !== undefined) placed[row] = value !== null && log && value <= 0 ? null : value;
    });
    return placed;
  };
  const columns = lines.flatMap((line) => [
    column(line.x, line.y),
    ...(line.band === undefined ? [] : [column(line.x, line.band.high), column(line.x, line.band.low)]),
  ]);
  return { x, columns };
}
