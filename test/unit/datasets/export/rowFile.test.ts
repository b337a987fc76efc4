// Rows as they are in JSONL, CSV and Parquet: what is kept, what is told, and what a failure leaves behind.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ViewFormat } from '../../../../protocol/src/datasets.ts';
import { createRowFile } from '../../../../server/src/datasets/export/rowFile.ts';
import type { Fields } from '../../../../server/src/datasets/layouts/layout.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'row-file-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const at = (name: string): string => path.join(folder, name);

async function write(
  name: string,
  format: ViewFormat,
  rows: readonly Fields[],
  types: Record<string, string> = {},
): Promise<string[]> {
  const names = Object.keys({ ...rows[0], ...types });
  const columns = names.map((column) => ({ name: column, type: types[column] ?? 'mixed' }));
  const file = await createRowFile(at(name), format, columns);
  for (const row of rows) await file.write(row);
  const { bytes, notes } = await file.finish();
  expect(bytes).toBe(readFileSync(at(name)).length);
  return notes;
}

async function readParquet(name: string): Promise<Fields[]> {
  const file = await asyncBufferFromFile(at(name));
  return parquetReadObjects({ file, compressors, utf8: false });
}

/** `name: type` of each column; a list shows its items' type. */
async function schemaOf(name: string): Promise<string[]> {
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(at(name)));
  return parquetSchema(metadata).children.map(({ element, children }) => {
    const leaf = children[0]?.children[0]?.element ?? element;
    const type = leaf.converted_type ?? leaf.type;
    return `${element.name}: ${children.length > 0 ? `list<${type}>` : type}`;
  });
}

const numbered = (count: number, row: (index: number) => Fields): Fields[] =>
  Array.from({ length: count }, (_, index) => row(index));

describe('JSONL', () => {
  it("keeps each row's own fields, null, missing and empty apart", async () => {
    const rows = [
      { a: null, b: '' },
      { b: [], c: { d: 'ключ\n"' } },
      { __proto__: null, a: -0.5 },
    ];
    expect(await write('a.jsonl', 'jsonl', rows)).toEqual([]);
    expect(readFileSync(at('a.jsonl'), 'utf8')).toBe(
      '{"a":null,"b":""}\n{"b":[],"c":{"d":"ключ\\n\\""}}\n{"a":-0.5}\n',
    );
  });

  it('writes what JSON has no word for as text or null, and says so', async () => {
    const row = {
      small: 7n,
      large: 2n ** 60n,
      time: new Date(0),
      bytes: new Uint8Array([1, 2]),
      odd: [Number.NaN, 1, Number.POSITIVE_INFINITY],
      many: { inner: BigInt64Array.of(1n, 2n) },
    };
    const notes = await write('a.jsonl', 'jsonl', [row]);
    expect(JSON.parse(readFileSync(at('a.jsonl'), 'utf8'))).toEqual({
      small: 7,
      large: '1152921504606846976',
      time: '1970-01-01T00:00:00.000Z',
      bytes: 'AQI=',
      odd: [null, 1, null],
      many: { inner: [1, 2] },
    });
    expect(notes).toEqual([
      '1 time: written as text (ISO 8601).',
      '1 binary value: written as text (Base64).',
      '1 integer beyond 2^53: written as text, since JSON readers round them.',
      '2 numbers that JSON has no word for (NaN, infinity): written as null.',
    ]);
  });
});

describe('CSV', () => {
  it('keeps null and empty text apart, quotes what needs it, and writes nested values as JSON', async () => {
    const rows = [
      { id: 1n, text: 'a "b", c', list: ['x', 'y'], flag: true },
      { id: null, text: '', list: [], flag: false },
      { id: 2.5, text: 'one\r\ntwo', list: null, flag: null },
    ];
    expect(await write('a.csv', 'csv', rows)).toEqual(['2 lists and objects: written as JSON text.']);
    expect(readFileSync(at('a.csv'), 'utf8')).toBe(
      'id,text,list,flag\n1,"a ""b"", c","[""x"",""y""]",true\n,"",[],false\n2.5,"one\r\ntwo",,\n',
    );
  });

  it('keeps cells that look like formulas, and names them', async () => {
    const rows = [
      { text: '=1+1', n: -5 },
      { text: '@x', n: 1 },
      { n: 2, more: 1 },
    ];
    expect(await write('a.csv', 'csv', rows)).toEqual([
      '1 row has fields that are no columns of the table (more): left out.',
      '1 missing field: written as null, which this format cannot tell apart.',
      '2 cells starting with =, +, - or @: kept as they are; a spreadsheet may run them as formulas.',
    ]);
    expect(readFileSync(at('a.csv'), 'utf8')).toBe('text,n\n=1+1,-5\n@x,1\n,2\n');
  });

  it('keeps every row of a single column', async () => {
    const notes = await write('a.csv', 'csv', [{ a: null }, { a: 'x' }, { a: '' }]);
    expect(readFileSync(at('a.csv'), 'utf8')).toBe('a\n""\nx\n""\n');
    expect(notes).toEqual(['1 null value: written as empty text, since a blank line would be no row.']);
  });

  it('writes the header of an empty view', async () => {
    await write('a.csv', 'csv', [], { a: 'string', b: 'int64' });
    expect(readFileSync(at('a.csv'), 'utf8')).toBe('a,b\n');
  });
});

describe('Parquet', () => {
  it('gives each column a real type', async () => {
    const row = {
      text: 'ключ 🙂',
      flag: true,
      whole: 3,
      long: 2n ** 60n,
      real: 0.5,
      time: new Date(1_700_000_000_123),
      bytes: new Uint8Array([0, 255, 128]),
      texts: ['a', '', null],
      flags: [true, null, false],
      reals: [1, 0.5, Number.NaN],
      wholes: [1, 2],
      empty: [],
      object: { a: [1, { b: null }] },
      lists: [[1], [2]],
    };
    const nothing = Object.fromEntries(Object.keys(row).map((name) => [name, null]));
    expect(await write('a.parquet', 'parquet', [row, nothing])).toEqual([
      'Columns object, lists: objects or values of several kinds, written as JSON.',
    ]);
    expect(await schemaOf('a.parquet')).toEqual([
      'text: UTF8',
      'flag: BOOLEAN',
      'whole: INT64',
      'long: INT64',
      'real: DOUBLE',
      'time: TIMESTAMP_MILLIS',
      'bytes: BYTE_ARRAY',
      'texts: list<UTF8>',
      'flags: list<BOOLEAN>',
      'reals: list<DOUBLE>',
      'wholes: list<INT64>',
      'empty: list<UTF8>',
      'object: JSON',
      'lists: JSON',
    ]);
    const [first, second] = await readParquet('a.parquet');
    expect(first).toEqual({ ...row, whole: 3n, wholes: [1n, 2n] });
    expect(Object.values(second ?? {}).every((value) => value == null)).toBe(true);
  });

  it('takes the source type of a column without values', async () => {
    await write('a.parquet', 'parquet', [], { a: 'list<bool>', b: 'timestamp(ms)', c: 'struct<x: int64>' });
    expect(await schemaOf('a.parquet')).toEqual(['a: list<BOOLEAN>', 'b: TIMESTAMP_MILLIS', 'c: UTF8']);
    expect(await readParquet('a.parquet')).toEqual([]);
  });

  it('writes many row groups, and begins again when a later value needs a wider type', async () => {
    const rows = numbered(18_000, (index) => ({
      label: index < 17_000 ? index : index + 0.5,
      kind: index < 12_000 ? 'text' : index % 2 === 0 ? { n: index } : 'text',
      late: index < 17_999 ? null : [true],
    }));
    expect(await write('a.parquet', 'parquet', rows)).toEqual([
      'Column kind: objects or values of several kinds, written as JSON.',
    ]);
    expect(await schemaOf('a.parquet')).toEqual(['label: DOUBLE', 'kind: JSON', 'late: list<BOOLEAN>']);
    const metadata = await parquetMetadataAsync(await asyncBufferFromFile(at('a.parquet')));
    expect(metadata.row_groups.map(({ num_rows: count }) => Number(count))).toEqual([8192, 8192, 1616]);
    const read = await readParquet('a.parquet');
    expect(read.map(({ label, kind }) => ({ label, kind }))).toEqual(
      rows.map(({ label, kind }) => ({ label, kind })),
    );
    expect(read.at(-1)?.late).toEqual([true]);
    expect(readdirSync(folder)).toEqual(['a.parquet']);
  }, 30_000);

  it('holds integers and fractions beside integers that no double holds as JSON', async () => {
    await write('a.parquet', 'parquet', [{ n: 2n ** 60n }, { n: 0.5 }]);
    expect(await readParquet('a.parquet')).toEqual([{ n: '1152921504606846976' }, { n: 0.5 }]);
  });

  it('tells missing fields', async () => {
    const notes = await write('a.parquet', 'parquet', [{ a: 1, b: null }, { a: 1 }]);
    expect(notes).toEqual(['1 missing field: written as null, which this format cannot tell apart.']);
  });

  it('refuses rows without columns', async () => {
    await expect(createRowFile(at('a.parquet'), 'parquet', [])).rejects.toThrow('at least one column');
  });
});

describe('a file in its place', () => {
  it('replaces an earlier file only when whole, and leaves nothing behind when abandoned', async () => {
    writeFileSync(at('a.jsonl'), 'earlier');
    const file = await createRowFile(at('a.jsonl'), 'jsonl', []);
    for (const row of numbered(3000, () => ({ text: 'x'.repeat(1000) }))) await file.write(row);
    expect(readFileSync(at('a.jsonl'), 'utf8')).toBe('earlier');
    await file.abandon();
    expect(readFileSync(at('a.jsonl'), 'utf8')).toBe('earlier');
    expect(readdirSync(folder)).toEqual(['a.jsonl']);
    await write('a.jsonl', 'jsonl', [{ a: 1 }]);
    expect(readFileSync(at('a.jsonl'), 'utf8')).toBe('{"a":1}\n');
  });

  it('makes its folder, and refuses a folder or a file in its way with a clear message', async () => {
    await write('new/deep/a.jsonl', 'jsonl', [{ a: 1 }]);
    expect(existsSync(at('new/deep/a.jsonl'))).toBe(true);
    mkdirSync(at('taken.csv'));
    await expect(createRowFile(at('taken.csv'), 'csv', [])).rejects.toThrow('a folder of that name is there');
    await expect(createRowFile(at('new/deep/a.jsonl/b.csv'), 'csv', [])).rejects.toThrow(
      'a part of the path is a file, not a folder',
    );
  });

  it.skipIf(!existsSync('/dev/full'))('says that the disk is full', async () => {
    // Every write to /dev/full fails as on a full disk.
    const { OutputFile } = await import('../../../../server/src/datasets/export/outputFile.ts');
    const output = await OutputFile.create(at('a.csv'));
    const { open } = await import('node:fs/promises');
    const full = await open('/dev/full', 'w');
    Reflect.set(output, 'handle', full);
    await expect(output.write(Buffer.from('x'))).rejects.toThrow('the disk is full. Free some space');
    await output.abandon();
    expect(readdirSync(folder)).toEqual([]);
  });
});
