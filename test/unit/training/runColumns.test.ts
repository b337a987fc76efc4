// Columns of a run's figures: what is done again replaces what was there, and reducing loses no extreme and no mean.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunColumns, type StepRange } from '../../../server/src/training/runColumns.ts';

type Row = [step: number, value: number | null];

function columnsOf(rows: readonly Row[]): RunColumns<'loss'> {
  const columns = new RunColumns(['loss']);
  for (const [step, loss] of rows) columns.add({ step, examples: null, seconds: step / 2, values: { loss } });
  return columns;
}

/** What the columns must hold, the slow and plain way. */
function kept(rows: readonly Row[]): Row[] {
  const held: Row[] = [];
  for (const row of rows) {
    while ((held.at(-1)?.[0] ?? -1) >= row[0]) held.pop();
    held.push(row);
  }
  return held;
}

/** Single precision, as the columns have it: sums of these are the same wherever they are made. */
const value = fc.option(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 }), {
  freq: 8,
});
const ascending = fc.uniqueArray(fc.nat(5000), { minLength: 1, maxLength: 400 }).chain((steps) => {
  const sorted = steps.toSorted((a, b) => a - b);
  return fc
    .array(value, { minLength: sorted.length, maxLength: sorted.length })
    .map((values) => sorted.map((step, index): Row => [step, values[index] ?? null]));
});

describe('columns of a run', () => {
  it('hold what the newest attempt at each step had, and nothing behind a step that was done again', () => {
    const rows = fc.array(fc.tuple(fc.nat(60), value), { maxLength: 300 });
    fc.assert(
      fc.property(rows, (given) => {
        const { step, values } = columnsOf(given).reduce(1000);
        const expected = kept(given);
        expect(step).toEqual(expected.map(([number]) => number));
        values.loss.mean.forEach((mean, index) => near(mean, expected[index]?.[1] ?? null));
      }),
    );
  });

  it('are reduced without losing an extreme, a mean, or the last step', () => {
    const range = fc.option(fc.tuple(fc.nat(5000), fc.nat(5000)), { nil: undefined });
    fc.assert(
      fc.property(ascending, fc.integer({ min: 2, max: 50 }), range, (rows, points, between) => {
        const within = between && { from: Math.min(...between), to: Math.max(...between) };
        const inside = rows.filter(([step]) => isIn(step, within));
        const columns = columnsOf(rows);
        const { step, seconds, values } = columns.reduce(points, within);
        expect(columns.count(within)).toBe(inside.length);
        expect(step.length).toBeLessThanOrEqual(points);
        expect(step.at(-1)).toBe(inside.at(-1)?.[0]);
        // Each point holds the rows behind the point before it, up to its own step.
        step.forEach((last, point) => {
          const first = point === 0 ? -1 : (step[point - 1] ?? -1);
          const of = inside.filter(([number]) => number > first && number <= last);
          const known = of.flatMap(([, loss]) => (loss === null ? [] : [loss]));
          expect(seconds[point]).toBe(last / 2);
          const mean = known.reduce((sum, loss) => sum + loss, 0) / known.length;
          near(values.loss.mean[point] ?? null, known.length === 0 ? null : mean);
          near(values.loss.min[point] ?? null, known.length === 0 ? null : Math.min(...known));
          near(values.loss.max[point] ?? null, known.length === 0 ? null : Math.max(...known));
        });
      }),
    );
  });

  it('have points for equal ranges of steps, however unevenly the steps lie', () => {
    const rows = Array.from({ length: 1000 }, (_, index): Row => [index < 990 ? index : index * 10, 1]);
    const { step } = columnsOf(rows).reduce(10);
    // 990 of the steps lie in the first of the ten ranges of 1000 steps; the others in the last.
    expect(step).toEqual([989, 9990]);
  });

  it('give the values back as they were written, to seven digits', () => {
    const { values } = columnsOf([
      [1, 0.0005],
      [2, 0.6931472],
      [3, 1e-30],
      [4, -123.4567],
      [5, 0],
    ]).reduce(10);
    expect(values.loss.mean).toEqual([0.0005, 0.6931472, 1e-30, -123.4567, 0]);
  });

  it('say null for what is not known', () => {
    const columns = new RunColumns(['loss']);
    columns.add({ step: 1, examples: null, seconds: 1, values: { loss: null } });
    columns.add({ step: 2, examples: 32, seconds: 2, values: { loss: 1 } });
    const { examples, values } = columns.reduce(10);
    expect(examples).toEqual([null, 32]);
    expect(values.loss).toEqual({ mean: [null, 1], min: [null, 1], max: [null, 1] });
  });

  it('are empty at first, and outside of what they hold', () => {
    const columns = columnsOf([]);
    expect(columns.reduce(10).step).toEqual([]);
    expect(columnsOf([[5, 1]]).reduce(10, { from: 6, to: 9 }).step).toEqual([]);
    expect(columnsOf([[5, 1]]).reduce(10, { from: 9, to: 2 }).step).toEqual([]);
    expect(columns.at(3)).toBeUndefined();
  });

  it('take a fixed number of bytes for each row', () => {
    const rows = Array.from({ length: 100_000 }, (_, index): Row => [index, index]);
    expect(columnsOf(rows).bytes).toBeLessThan(100_000 * 20 * 1.6);
  });
});

function isIn(step: number, range: StepRange | undefined): boolean {
  return range === undefined || (step >= range.from && step <= range.to);
}

/** Equal to seven digits, or both null. */
function near(found: number | null, expected: number | null): void {
  if (found === null || expected === null) expect(found).toBe(expected);
  else expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-6 * Math.abs(expected) + 1e-9);
}
