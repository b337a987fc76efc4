// Levels that are counted where they lie, beside the same levels unpacked one by one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHybrid } from '../../../../../server/src/datasets/table/parquet/hybrid.ts';
import { Levels } from '../../../../../server/src/datasets/table/parquet/levels.ts';

type Run = { value: number; count: number } | { packed: number[] };

/** Runs of one value, and packed groups of eight, as writers mix them. */
function encode(runs: readonly Run[], width: number): Uint8Array {
  const bytes: number[] = [];
  const head = (value: number): void => {
    for (let rest = value; ; rest = Math.floor(rest / 128)) {
      bytes.push((rest % 128) | (rest >= 128 ? 128 : 0));
      if (rest < 128) return;
    }
  };
  for (const run of runs) {
    if ('value' in run) {
      head(run.count * 2);
      bytes.push(run.value);
      continue;
    }
    const groups = Math.ceil(run.packed.length / 8);
    head(groups * 2 + 1);
    const packed = new Array<number>(groups * width).fill(0);
    run.packed.forEach((value, index) => {
      for (let bit = 0; bit < width; bit++) {
        const at = index * width + bit;
        packed[at >> 3] = (packed[at >> 3] ?? 0) | (((value >> bit) & 1) << (at & 7));
      }
    });
    bytes.push(...packed);
  }
  return Uint8Array.from(bytes);
}

const written = fc.integer({ min: 1, max: 9 }).chain((largest) => {
  const level = fc.integer({ min: 0, max: largest });
  const group = fc.array(level, { minLength: 8, maxLength: 8 });
  const run: fc.Arbitrary<Run> = fc.oneof(
    fc.record({ value: level, count: fc.integer({ min: 0, max: 9000 }) }),
    fc.record({ packed: fc.array(group, { maxLength: 40 }).map((groups) => groups.flat()) }),
  );
  return fc.record({ largest: fc.constant(largest), runs: fc.array(run, { minLength: 1, maxLength: 12 }) });
});

describe('Levels', () => {
  it('counts and unpacks what reading one by one gives', () => {
    fc.assert(
      fc.property(written, fc.double({ min: 0, max: 1, noNaN: true }), ({ largest, runs }, share) => {
        const width = 32 - Math.clz32(largest);
        const bytes = encode(runs, width);
        const all = runs.reduce((sum, run) => sum + ('value' in run ? run.count : run.packed.length), 0);
        const entries = Math.ceil(all * (0.5 + share / 2));
        const expected = new Uint8Array(entries);
        readHybrid(bytes, 0, bytes.length, width, expected);
        const levels = new Levels(bytes, largest, entries);
        const rows = [...expected.keys()].filter((entry) => expected[entry] === 0);
        const full = expected.filter((level) => level === largest);
        expect([levels.zeros, levels.full]).toEqual([rows.length, full.length]);
        const place = Math.floor(share * entries);
        expect(levels.fullBefore(place)).toBe(
          expected.subarray(0, place).filter((level) => level === largest).length,
        );
        const row = Math.floor(share * rows.length);
        expect(levels.entryOfRow(row)).toBe(rows[row] ?? entries);
        expect(levels.entryOfRow(rows.length)).toBe(entries);
        const end = Math.min(entries, place + 700);
        expect(levels.slice(place, end)).toEqual(expected.slice(place, end));
      }),
    );
  });

  it('refuses too few, and a level that the schema does not have where it is asked for', () => {
    const bytes = encode([{ value: 1, count: 10 }, { packed: [3, 0, 1, 2, 0, 0, 0, 0] }], 2);
    expect(() => new Levels(bytes, 2, 19)).toThrow('too few levels');
    expect(() => new Levels(bytes.subarray(0, 3), 2, 18)).toThrow('too few levels');
    expect(() => new Levels(new Uint8Array(0), 2, 1)).toThrow('too few levels');
    const levels = new Levels(bytes, 2, 18);
    expect([...levels.slice(9, 10)]).toEqual([1]);
    expect(() => levels.slice(9, 12)).toThrow('a level that the schema does not have');
  });
});
