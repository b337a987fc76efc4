// Views written to files: the rows as they are, in the view's order.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportView } from '../../../../server/src/datasets/query/exportView.ts';
import { openTable } from '../../../../server/src/datasets/table/openTable.ts';
import { CancelledError } from '../../../../server/src/support/errors.ts';
import { memoryTable } from '../../../support/memoryTable.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'view-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const columns = [
  { name: 'id', type: 'int64' },
  { name: 'text', type: 'string' },
];
const rows = Array.from({ length: 1000 }, (_, id) => ({ id, text: `row, "${id}"` }));

function idsIn(file: string): number[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => (JSON.parse(line) as { id: number }).id);
}

describe('exportView', () => {
  it('writes the whole file where there is no view', async () => {
    const file = path.join(folder, 'all.jsonl');
    const shares: number[] = [];
    const table = memoryTable(rows, { columns, batchRows: 250 });
    const exported = await exportView(table, undefined, 'jsonl', file, {
      onProgress: (share) => shares.push(share),
    });
    expect(exported).toEqual({ file, rows: 1000, bytes: readFileSync(file).length, notes: [] });
    expect(idsIn(file)).toEqual(rows.map(({ id }) => id));
    expect(shares).toEqual([0.25, 0.5, 0.75, 1]);
  });

  it.each(['jsonl', 'csv', 'parquet'] as const)(
    'leaves rows out that are too deep for %s',
    async (format) => {
      const source = path.join(folder, 'deep.jsonl');
      const deep = 1_000_000;
      writeFileSync(source, `{"id":1,"x":${'['.repeat(deep)}${']'.repeat(deep)}}\n{"id":2,"x":[[3]]}\n`);
      const table = await openTable(source);
      const { rows: written, notes } = await exportView(
        table,
        undefined,
        format,
        path.join(folder, 'deep.out'),
      );
      expect(written).toBe(1);
      expect(notes[0]).toBe(
        '1 row cannot be written (lists or objects in more than 1,000 levels) and was left out: 1.',
      );
      await table.close();
    },
  );

  it.each([
    [
      'many rows in file order, in one pass',
      Uint32Array.from([0, 3, 4, ...rows.slice(500).map(({ id }) => id)]),
      1,
    ],
    ['few rows in file order, by jumping', Uint32Array.from([7, 900]), 0],
    ['sorted rows, by jumping', Uint32Array.from(rows.map(({ id }) => 999 - id)), 0],
    ['no rows', new Uint32Array(0), 0],
  ])('writes %s', async (name, positions, passes) => {
    const file = path.join(folder, `${name}.jsonl`);
    const table = memoryTable(rows, { columns, batchRows: 128 });
    const exported = await exportView(table, positions, 'jsonl', file);
    expect(exported.rows).toBe(positions.length);
    expect(readFileSync(file, 'utf8') === '' ? [] : idsIn(file)).toEqual(Array.from(positions));
    expect(table.passes).toHaveLength(passes);
  });

  it.each(['csv', 'parquet'] as const)('writes %s', async (format) => {
    const file = path.join(folder, `rows.${format}`);
    await exportView(memoryTable(rows, { columns }), Uint32Array.from([2, 1]), format, file);
    if (format === 'csv') {
      expect(readFileSync(file, 'utf8').split(/\r?\n/)).toEqual([
        'id,text',
        '2,"row, ""2"""',
        '1,"row, ""1"""',
        '',
      ]);
      return;
    }
    const table = await openTable(file);
    const read = await table.rows(0, 10);
    await table.close();
    expect(read.map(({ fields }) => fields?.text)).toEqual(['row, "2"', 'row, "1"']);
  });

  it('leaves out rows that cannot be read, and says which', async () => {
    const table = memoryTable([{ id: 0 }, 'not JSON', { id: 2 }, 'not JSON'], { columns });
    const exported = await exportView(table, undefined, 'jsonl', path.join(folder, 'broken.jsonl'));
    expect(exported.rows).toBe(2);
    expect(exported.notes).toEqual(['2 rows cannot be read and were left out: 2, 4.']);
  });

  it('leaves nothing behind when it is stopped; an earlier file stays', async () => {
    const file = path.join(folder, 'stopped', 'rows.jsonl');
    await exportView(memoryTable([{ id: 5 }], { columns }), undefined, 'jsonl', file);
    const stop = new AbortController();
    const work = exportView(memoryTable(rows, { columns }), undefined, 'jsonl', file, {
      signal: stop.signal,
      onProgress: () => {
        stop.abort();
      },
    });
    await expect(work).rejects.toThrow(CancelledError);
    expect(idsIn(file)).toEqual([5]);
    expect(readdirSync(path.dirname(file))).toEqual(['rows.jsonl']);
  });

  it('writes a text file back to the letter', async () => {
    const source = path.join(folder, 'source.jsonl');
    const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    writeFileSync(source, text);
    const table = await openTable(source);
    const file = path.join(folder, 'copy.jsonl');
    await exportView(table, undefined, 'jsonl', file);
    await table.close();
    expect(existsSync(file) && readFileSync(file, 'utf8')).toBe(text);
  });
});
