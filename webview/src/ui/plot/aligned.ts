// Lines with x values of their own, brought onto one ascending x axis as uPlot wants them.
import type { PlotLine } from './model.ts';

type Values = (number | null | undefined)[];

/** Every x of any of the lines once, ascending. */
export function jointX(lines: readonly PlotLine[]): number[] {
  const [first] = lines;
  if (first === undefined) return [];
  const different = [...new Set(lines.map(({ x }) => x))];
  if (different.length === 1) return [...first.x];
  // Typed arrays sort numbers without asking a function: lines may have ten thousands of points.
  const all = new Float64Array(different.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const x of different) {
    all.set(x, at);
    at += x.length;
  }
  all.sort();
  const joint: number[] = [];
  let last = NaN;
  for (let index = 0; index < all.length; index++) {
    if (all[index] !== last) joint.push((last = all[index]));
  }
  return joint;
}

/** Whether a line says anything at x: not beyond its ends by more than its points lie apart. */
export function reaches({ x: places }: PlotLine, x: number): boolean {
  const first = places[0];
  const last = places.at(-1);
  if (first === undefined || last === undefined) return false;
  const apart = places.length === 1 ? Infinity : (last - first) / (places.length - 1);
  return x >= first - apart && x <= last + apart;
}

/**
 * Columns over the joint x: for each line its values, then the upper and lower edge of its band where it has one.
 * A place without a point of the line is undefined, which uPlot passes over; null is a value that is missing.
 * @param log values of 0 and below become null
 */
export function alignedData(lines: readonly PlotLine[], log: boolean): { x: number[]; columns: Values[] } {
  const x = jointX(lines);
  const column = (own: readonly number[], values: readonly (number | null)[]): Values => {
    const placed = new Array<number | null | undefined>(x.length).fill(undefined);
    let row = 0;
    // Both ascend, and every place of a line is in the joint x.
    for (let index = 0; index < own.length; index++) {
      while (x[row] !== own[index]) row++;
      const value = values[index] ?? null;
      placed[row] = value !== null && log && value <= 0 ? null : value;
    }
    return placed;
  };
  const columns = lines.flatMap((line) => [
    column(line.x, line.y),
    ...(line.band === undefined ? [] : [column(line.x, line.band.high), column(line.x, line.band.low)]),
  ]);
  return { x, columns };
}
