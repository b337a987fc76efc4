// One value as the table shows it, and one row.
import { describe, expect, it } from 'vitest';
import { cellOf, marksOf, rowView } from '../../../../server/src/datasets/query/cells.ts';
import type { LayoutRow } from '../../../../server/src/datasets/layouts/layout.ts';

describe('cellOf', () => {
  it.each([
    ['a missing field', undefined, false, { kind: 'missing', text: '' }],
    ['null', null, true, { kind: 'null', text: 'null' }],
    ['undefined', undefined, true, { kind: 'null', text: 'null' }],
    ['an empty text', '', true, { kind: 'empty', text: '', length: 0 }],
    ['an empty list', [], true, { kind: 'empty', text: '[]', length: 0 }],
    ['text', 'a\nb\tc', true, { kind: 'text', text: 'a b c', length: 5 }],
    ['a number', 0.5, true, { kind: 'number', text: '0.5' }],
    ['negative zero', -0, true, { kind: 'number', text: '-0' }],
    ['NaN', Number.NaN, true, { kind: 'number', text: 'NaN' }],
    ['infinity', -Infinity, true, { kind: 'number', text: '-Infinity' }],
    ['a 64-bit integer', 9007199254740993n, true, { kind: 'number', text: '9007199254740993' }],
    ['false', false, true, { kind: 'boolean', text: 'false' }],
    ['a time', new Date(0), true, { kind: 'time', text: '1970-01-01T00:00:00.000Z' }],
    ['a time that is none', new Date(Number.NaN), true, { kind: 'time', text: 'Invalid Date' }],
    ['bytes', new Uint8Array([0, 255]), true, { kind: 'binary', text: '00 ff', length: 2 }],
    ['bytes in a buffer', new Uint8Array([7]).buffer, true, { kind: 'binary', text: '07', length: 1 }],
    ['a typed list', new Float32Array([0.5, 2]), true, { kind: 'list', text: '[0.5, 2]', length: 2 }],
    ['a list', ['x', null, 1n], true, { kind: 'list', text: '["x", null, 1]', length: 3 }],
    ['an empty object', {}, true, { kind: 'object', text: '{}' }],
    ['an object', { a: [true], b: {} }, true, { kind: 'object', text: '{"a": [true], "b": {}}' }],
  ])('shows %s', (_, value, present, cell) => {
    expect(cellOf(value, present)).toEqual(cell);
  });

  it('writes out what hides, reorders or steers', () => {
    expect(cellOf('a\u001b[31m\u0000\u007f\u009b', true).text).toBe('a␛[31m␀␡⟨U+009B⟩');
    expect(cellOf('abc\u202exe.txt', true).text).toBe('abc⟨U+202E⟩xe.txt');
    expect(cellOf('x\ud800y', true).text).toBe('x\ufffdy');
    expect(cellOf(['\u2066a\u001b'], true).text).toBe('["⟨U+2066⟩a\\u001b"]');
    expect(cellOf('👩‍👩‍👧 é 一', true).text).toBe('👩‍👩‍👧 é 一');
  });

  it('cuts at 300 characters and says so, never inside a character', () => {
    expect(cellOf('x'.repeat(300), true)).toEqual({ kind: 'text', text: 'x'.repeat(300), length: 300 });
    expect(cellOf('x'.repeat(301), true)).toMatchObject({ text: 'x'.repeat(300), cut: true, length: 301 });
    expect(cellOf(`${'x'.repeat(299)}😀😀`, true)).toMatchObject({ text: 'x'.repeat(299), cut: true });
    expect(cellOf('\u0080'.repeat(100), true).text).toHaveLength(300);
    expect(cellOf(new Uint8Array(1000), true)).toMatchObject({ cut: true, length: 1000 });
    expect(cellOf(['y'.repeat(1000)], true)).toMatchObject({ cut: true, length: 1 });
  });

  it('takes no longer for a huge value', () => {
    const list = Array.from({ length: 100_000 }, (_, index) => `item ${index}`);
    const text = 'z'.repeat(50_000_000);
    const nested: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    // A text made by repeating is put together when it is first looked at.
    cellOf(text, true);
    const started = process.cpuUsage();
    for (let round = 0; round < 100; round++) {
      expect(cellOf(list, true).length).toBe(100_000);
      cellOf(text, true);
      cellOf([text, text], true);
      cellOf({ text }, true);
      cellOf(nested, true);
    }
    // 500 cells, most of the time for those nested 300 deep.
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1000).toBeLessThan(500);
  });
});

const row: LayoutRow = {
  problem: 'p',
  emptySteps: 0,
  traces: [
    {
      problem: 'p',
      steps: [
        { text: 'a', label: 'correct' },
        { text: 'b', label: 'incorrect' },
        { text: 'c', label: 'incorrect' },
      ],
    },
    { problem: 'p', steps: [{ text: 'd', label: 'incorrect' }] },
  ],
};

describe('marksOf', () => {
  it('says what the first path holds', () => {
    expect(marksOf(row)).toEqual({
      traces: 2,
      steps: 3,
      labels: ['correct', 'incorrect', 'incorrect'],
      firstError: 2,
    });
    expect(marksOf({ ...row, traces: [] })).toEqual({ traces: 0, steps: 0, labels: [], firstError: null });
  });

  it('keeps to 64 labels', () => {
    const steps = Array.from({ length: 100_000 }, () => ({ text: 'a', label: 'neutral' as const }));
    const marks = marksOf({ ...row, traces: [{ problem: 'p', steps }] });
    expect(marks.steps).toBe(100_000);
    expect(marks.labels).toHaveLength(64);
  });
});

describe('rowView', () => {
  const columns = [
    { name: 'a', type: 'string' },
    { name: 'toString', type: 'string' },
  ];

  it('shows a cell for each column, and the marks', () => {
    expect(rowView({ number: 8, fields: { a: 'x', b: 1 } }, 6, columns, () => row)).toEqual({
      position: 6,
      number: 8,
      cells: [
        { kind: 'text', text: 'x', length: 1 },
        { kind: 'missing', text: '' },
      ],
      marks: marksOf(row),
    });
  });

  it('keeps the cells of a row that does not fit the layout, with its fault', () => {
    const view = rowView({ number: 1, fields: { a: null } }, 0, columns, () => ({ reason: 'no steps' }));
    expect(view.cells[0]).toEqual({ kind: 'null', text: 'null' });
    expect(view.fault).toEqual({ reason: 'no steps' });
    expect(view).not.toHaveProperty('marks');
  });

  it('has no cells for a row that cannot be read', () => {
    const broken = { number: 3, fields: undefined, fault: { reason: 'the line is not JSON' } };
    expect(rowView(broken, 2, columns, undefined)).toEqual({
      position: 2,
      number: 3,
      cells: [],
      fault: { reason: 'the line is not JSON' },
    });
  });
});
