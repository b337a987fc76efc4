// Text files as tables: pages, the index, files that grow, are replaced or removed, odd contents.
import {
  appendFileSync,
  mkdtempSync,
  rmSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTable } from '../../../../server/src/datasets/table/openTable.ts';
import { paged, streamed } from '../../../support/tables.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'text-table-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function inFolder(name: string, contents: string | Buffer): string {
  const file = path.join(folder, name);
  writeFileSync(file, contents);
  return file;
}

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `{"n":${from + index}}\n`).join('');

describe('pages of a JSONL file', () => {
  it('are the same rows as the stream, whatever lies between them', async () => {
    // Blank lines, broken lines, and rows of all sizes, some larger than any buffer of the reader.
    const parts = Array.from({ length: 3000 }, (_, row) => {
      if (row % 97 === 0) return '\n  \r\n';
      if (row % 101 === 0) return '{broken\n';
      return `{"n":${row},"text":"${'é'.repeat(row % 500 === 7 ? 400_000 : row % 300)}"}\n`;
    });
    const table = await openTable(inFolder('pages.jsonl', parts.join('')));
    try {
      const stream = await streamed(table);
      expect(await paged(table, 100)).toEqual(stream);
      expect(table.known).toEqual({ rows: stream.length, complete: true, share: 1 });
      const scattered = [2500, 7, 7, 0, stream.length - 1, 1234];
      expect(await table.rowsAt(scattered)).toEqual(scattered.map((position) => stream[position]));
      expect(await table.rows(stream.length - 2, stream.length + 50)).toEqual(stream.slice(-2));
      await expect(table.rowsAt([stream.length])).rejects.toThrow();
    } finally {
      await table.close();
    }
  });

  it('are there before the index, and while it is made', async () => {
    const table = await openTable(inFolder('large.jsonl', lines(0, 2_000_000)));
    try {
      expect(table.known.complete).toBe(false);
      expect((await table.rows(0, 3)).map(({ fields }) => fields)).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
      const seen: number[] = [];
      const work = table.index({ onProgress: ({ rows }) => seen.push(rows) });
      const during = await table.rows(10, 11);
      expect(during[0]?.fields).toEqual({ n: 10 });
      await work;
      expect(seen.at(-1)).toBe(2_000_000);
      expect(await table.rows(1_999_999, 2_000_000)).toEqual([
        { number: 2_000_000, fields: { n: 1_999_999 } },
      ]);
    } finally {
      await table.close();
    }
  });

  it('stop being indexed when that is cancelled, and go on later', async () => {
    const table = await openTable(inFolder('cancel.jsonl', lines(0, 1_000_000)));
    try {
      await expect(table.index({ signal: AbortSignal.abort() })).rejects.toThrow('Cancelled.');
      expect(table.known.complete).toBe(false);
      await table.index();
      expect(table.known.rows).toBe(1_000_000);
    } finally {
      await table.close();
    }
  });
});

describe('columns of a text file', () => {
  it('are the fields of the first rows, with their types', async () => {
    const rows = [
      { id: 1, prompt: 'a', labels: [true, null], meta: { a: 1, b: 'x' }, odd: 1, nothing: null },
      { id: 2.5, prompt: 'b', labels: [], meta: null, odd: 'x', steps: [{ text: 'a', rating: -1 }] },
      '{broken',
    ];
    const text = rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n');
    const table = await openTable(inFolder('columns.jsonl', text));
    expect(Object.fromEntries(table.columns.map(({ name, type }) => [name, type]))).toEqual({
      id: 'number',
      prompt: 'string',
      labels: 'list<boolean>',
      meta: 'struct<a: number, b: string>',
      odd: 'mixed',
      nothing: 'null',
      steps: 'list<struct<text: string, rating: number>>',
    });
    expect(table.schema()).toEqual({ kind: 'jsonl', columns: table.columns });
    await table.close();
  });
});

describe('a file that changes', () => {
  it('grows: half a line is no row until its end comes', async () => {
    const file = inFolder('grows.jsonl', lines(0, 5));
    const table = await openTable(file);
    const numbers = async (): Promise<unknown[]> => (await table.rows(0, 100)).map(({ fields }) => fields?.n);
    expect(await table.look()).toBe('same');
    appendFileSync(file, '{"n":5}\n{"n":');
    expect(await table.look()).toBe('grown');
    await table.index();
    expect(await numbers()).toEqual([0, 1, 2, 3, 4, 5]);
    expect((await streamed(table)).map(({ fields }) => fields?.n)).toEqual([0, 1, 2, 3, 4, 5]);
    appendFileSync(file, '6}\n{"n":7}\n');
    expect(await table.look()).toBe('grown');
    await table.index();
    expect(await numbers()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(await streamed(table)).toEqual(await table.rows(0, 100));
    await table.close();
  });

  it('ends in a line that has no end, far behind what is read at first', async () => {
    const file = inFolder('no-end.jsonl', lines(0, 200_000).trimEnd());
    const table = await openTable(file);
    expect(table.known.complete).toBe(false);
    await table.index();
    expect(table.known).toEqual({ rows: 200_000, complete: true, share: 1 });
    expect((await table.rows(199_999, 200_000))[0]?.fields).toEqual({ n: 199_999 });
    appendFileSync(file, '\n{"n":200000}\n{"n":');
    expect(await table.look()).toBe('grown');
    await table.index();
    expect((await table.rows(199_999, 200_010)).map(({ fields }) => fields)).toEqual([
      { n: 199_999 },
      { n: 200_000 },
    ]);
    await table.close();
  });

  it('grows behind a last line that had no end: the line is a row before and after', async () => {
    const file = inFolder('tail.jsonl', '{"n":0}\n{"n":1}');
    const table = await openTable(file);
    expect(table.known).toEqual({ rows: 2, complete: true, share: 1 });
    appendFileSync(file, '\n{"n":2}\n');
    expect(await table.look()).toBe('grown');
    await table.index();
    expect((await table.rows(0, 9)).map(({ fields }) => fields?.n)).toEqual([0, 1, 2]);
    await table.close();
  });

  it('is replaced, cut or removed', async () => {
    const replaced = inFolder('replaced.jsonl', lines(0, 5));
    const cut = inFolder('cut.jsonl', lines(0, 5));
    const gone = inFolder('gone.jsonl', lines(0, 5));
    const touched = inFolder('rewritten.jsonl', lines(0, 5));
    const tables = await Promise.all([replaced, cut, gone, touched].map(openTable));
    writeFileSync(replaced, `{"other":1}\n${lines(0, 50)}`);
    truncateSync(cut, 10);
    unlinkSync(gone);
    writeFileSync(touched, lines(0, 5).replace('3', '4'));
    utimesSync(touched, new Date(), new Date(Date.now() + 5000));
    const changes = await Promise.all(tables.map((table) => table.look()));
    expect(changes).toEqual(['replaced', 'replaced', 'gone', 'replaced']);
    // What was read stays, as far as it is there.
    expect(await tables[2]?.rows(4, 5)).toEqual([{ number: 5, fields: { n: 4 } }]);
    await expect(tables[1]?.rows(4, 5)).rejects.toThrow(
      'row 5 is not there any more: the file became shorter',
    );
    await Promise.all(tables.map((table) => table.close()));
  });
});

describe('JSON that is not JSONL', () => {
  it('is one array of objects; an element that is none is a faulty row', async () => {
    const table = await openTable(
      inFolder('array.json', '[\n {"a": 1},\n 7,\n {"a": tru},\n {"a": "]"}\n]\n'),
    );
    expect(table.kind).toBe('json');
    const rows = await paged(table, 2);
    expect(rows.map(({ number, fields, fault }) => [number, fields ?? fault?.reason])).toEqual([
      [1, { a: 1 }],
      [2, 'the row is no JSON object'],
      [3, 'the row is not JSON'],
      [4, { a: ']' }],
    ]);
    expect(await streamed(table)).toEqual(rows);
    expect(table.columns).toEqual(
      [{ name: 'a', type: 'mixed' }].map((column) => ({ ...column, type: 'mixed' })),
    );
    await table.close();
  });

  it('is one object over several lines', async () => {
    const table = await openTable(inFolder('object.json', JSON.stringify({ a: { b: [1] } }, null, 2)));
    expect(table.kind).toBe('json');
    expect(await paged(table)).toEqual([{ number: 1, fields: { a: { b: [1] } } }]);
    await table.close();
  });

  it('is told by its contents, whatever its name', async () => {
    const array = await openTable(inFolder('array.jsonl', '[{"a": 1}, {"a": 2}]'));
    const single = await openTable(inFolder('lines.json', '{"a": 1}\n{"a": 2}\n'));
    const text = await openTable(inFolder('lines.txt', '{"a": 1}\n'));
    expect([array.kind, single.kind, text.kind]).toEqual(['json', 'jsonl', 'jsonl']);
    expect(await streamed(array)).toHaveLength(2);
    for (const table of [array, single, text]) await table.close();
  });

  it('gives the rows before a broken place, and one more that names it', async () => {
    const table = await openTable(inFolder('broken.json', `[${'{"a":1},\n'.repeat(1000)}{"a":2} {"a":3}]`));
    const rows = await paged(table);
    expect(rows).toHaveLength(1002);
    expect(rows.at(-1)).toEqual({
      number: 1002,
      fields: undefined,
      fault: {
        reason: 'the JSON is broken here',
        detail: 'there is "{" where a row should begin (line 1001, byte 9009)',
      },
    });
    expect(await streamed(table)).toEqual(rows);
    await table.close();
  });

  it('holds no row of 17 MB', async () => {
    const long = Buffer.concat([
      Buffer.from('[{"a":"'),
      Buffer.alloc(17 << 20, 0x78),
      Buffer.from('"},{"a":1}]'),
    ]);
    const table = await openTable(inFolder('long.json', long));
    expect((await streamed(table)).map(({ fields, fault }) => fields ?? fault?.reason)).toEqual([
      'the row is longer than 16 MB',
      { a: 1 },
    ]);
    await table.close();
  });
});

describe('odd rows', () => {
  it('10,000 columns', async () => {
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`column ${index}`, index]));
    const table = await openTable(inFolder('wide.jsonl', `${JSON.stringify(wide)}\n`.repeat(120)));
    expect(table.columns).toHaveLength(10_000);
    await table.index();
    expect((await table.rows(119, 120))[0]?.fields).toEqual(wide);
    await table.close();
  });

  it('100,000 steps', async () => {
    const row = { problem: 'p', steps: Array.from({ length: 100_000 }, (_, index) => `step ${index}`) };
    const table = await openTable(inFolder('steps.jsonl', `${JSON.stringify(row)}\n`.repeat(3)));
    await table.index();
    expect((await table.rows(2, 3))[0]?.fields).toEqual(row);
    await table.close();
  });

  it('names that mean something to JavaScript', async () => {
    const table = await openTable(inFolder('names.jsonl', '{"__proto__":1,"constructor":2,"toString":3}\n'));
    expect(table.columns.map(({ name }) => name)).toEqual(['__proto__', 'constructor', 'toString']);
    await table.close();
  });

  it('NUL bytes and other kinds of rows are faults of their rows', async () => {
    const table = await openTable(inFolder('odd.jsonl', '{"a":1}\n\0\0\n[1]\n{"b":{"c":[]}}\n'));
    const rows = await streamed(table);
    expect(rows.map(({ fields, fault }) => fields ?? fault?.reason)).toEqual([
      { a: 1 },
      'the line is not JSON',
      'the line is no JSON object',
      { b: { c: [] } },
    ]);
    await table.close();
  });
});
