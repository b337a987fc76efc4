// Finding rows in bytes, wherever the chunks are cut.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ElementCutter } from '../../../../server/src/datasets/table/text/elementCutter.ts';
import { LineCutter } from '../../../../server/src/datasets/table/text/lineCutter.ts';
import type { RowCutter } from '../../../../server/src/datasets/table/text/rowCutter.ts';

/** Texts of the rows and their lines, with the input in chunks of the given sizes. */
function cut(cutter: RowCutter, bytes: Buffer, sizes: readonly number[]): { text: string; line: number }[] {
  const rows: { text: string; line: number }[] = [];
  const found = (start: number, end: number, line: number): void => {
    rows.push({ text: bytes.toString('utf8', start, end), line });
  };
  let at = 0;
  for (let index = 0; at < bytes.length; index++) {
    // The mark at the beginning is told from the first chunk, which is never shorter than it.
    const size = Math.max(at === 0 ? 3 : 1, sizes[index % sizes.length] ?? 1);
    cutter.add(bytes.subarray(at, at + size), found);
    at += size;
  }
  cutter.end(found);
  return rows;
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
const objects = fc.array(
  fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
  {
    maxLength: 6,
  },
);

describe('rows are found wherever the chunks are cut', () => {
  it('in JSONL, with blank lines, CRLF and a mark', () => {
    const ends = fc.constantFrom('\n', '\r\n', '\n\n', '\n \t\r\n');
    fc.assert(
      fc.property(objects, ends, fc.boolean(), fc.boolean(), sizes, (values, end, mark, last, chunks) => {
        const text = values.map((value) => JSON.stringify(value)).join(end) + (last ? end : '');
        const rows = cut(
          new LineCutter({ offset: 0, line: 1 }),
          Buffer.from(`${mark ? '\uFEFF' : ''}${text}`),
          chunks,
        );
        expect(rows.map((row) => JSON.parse(row.text) as unknown)).toEqual(
          JSON.parse(JSON.stringify(values)),
        );
        const perRow = end.split('\n').length - 1;
        expect(rows.map(({ line }) => line)).toEqual(values.map((_, index) => 1 + index * perRow));
      }),
    );
  });

  it('in a JSON array, whatever its spaces', () => {
    fc.assert(
      fc.property(objects, fc.constantFrom(0, 1, '\t', '\r\n'), sizes, (values, space, chunks) => {
        const text = ` \n${JSON.stringify(values, null, space)}\n`;
        const cutter = new ElementCutter(true, { offset: 0, line: 1 });
        const rows = cut(cutter, Buffer.from(text), chunks);
        expect(rows.map((row) => JSON.parse(row.text) as unknown)).toEqual(
          JSON.parse(JSON.stringify(values)),
        );
        expect(cutter.fault).toBeUndefined();
      }),
    );
  });

  it('in values that follow each other', () => {
    fc.assert(
      fc.property(objects, fc.constantFrom('\n', ' ', '\n\n'), sizes, (values, between, chunks) => {
        const text = values.map((value) => JSON.stringify(value, null, 2)).join(between);
        const cutter = new ElementCutter(false, { offset: 0, line: 1 });
        const rows = cut(cutter, Buffer.from(text), chunks);
        expect(rows.map((row) => JSON.parse(row.text) as unknown)).toEqual(
          JSON.parse(JSON.stringify(values)),
        );
        expect(cutter.fault).toBeUndefined();
      }),
    );
  });

  it('goes on from the place of any row', () => {
    const text = Buffer.from(
      JSON.stringify([{ a: '[{"\\' }, { b: [1, { c: null }] }, 7, 'x"]', { d: {} }], null, 1),
    );
    const places: { start: number; line: number; text: string }[] = [];
    const whole = new ElementCutter(true, { offset: 0, line: 1 });
    whole.add(text, (start, end, line) =>
      places.push({ start, line, text: text.toString('utf8', start, end) }),
    );
    expect(places).toHaveLength(5);
    places.forEach(({ start, line }, index) => {
      const cutter = new ElementCutter(true, { offset: start, line });
      const rows: string[] = [];
      cutter.add(text.subarray(start), (from, to) => rows.push(text.toString('utf8', from, to)));
      expect(rows).toEqual(places.slice(index).map((place) => place.text));
    });
  });
});

describe('a broken JSON array', () => {
  it.each([
    ['[{"a": 1}\n{"a": 2}]', 1, 'there is "{" where a row should begin (line 2, byte 10)'],
    ['[{"a": 1},\n,{"a": 2}]', 1, 'there is "," where a row should begin (line 2, byte 11)'],
    ['[{"a": 1},\n]', 1, 'there is "]" where a row should begin (line 2, byte 11)'],
    ['[{"a": 1}] {}', 1, 'something follows the array (line 1, byte 11)'],
    ['[{"a": 1}, {"a": [1, 2', 1, 'the file ends within a row (line 1, byte 22)'],
    ['[{"a": 1}', 1, 'the file ends before the array does (line 1, byte 9)'],
    ['[{"a": "x}]', 0, 'the file ends within a row (line 1, byte 11)'],
  ])('%s', (text, count, detail) => {
    const cutter = new ElementCutter(true, { offset: 0, line: 1 });
    expect(cut(cutter, Buffer.from(text), [1000])).toHaveLength(count);
    expect(cutter.fault).toEqual({ reason: 'the JSON is broken here', detail });
  });
});
