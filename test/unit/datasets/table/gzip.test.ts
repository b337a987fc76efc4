// gzip files as tables: unpacked into a temporary file while their rows are read.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openTable } from '../../../../server/src/datasets/table/openTable.ts';
import { writeStepwiseParquet } from '../../../../scripts/lib/stepwiseParquet.ts';
import { stepwiseRows } from '../../../support/stepwise.ts';
import { paged, streamed } from '../../../support/tables.ts';

let folder: string;
let temporary: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'gzip-'));
  temporary = mkdtempSync(path.join(tmpdir(), 'gzip-temporary-'));
  // Where `tmpdir()` points to.
  vi.stubEnv('TMPDIR', temporary);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
  rmSync(temporary, { recursive: true });
});

function inFolder(name: string, contents: Buffer): string {
  const file = path.join(folder, name);
  writeFileSync(file, contents);
  return file;
}

const lines = (from: number, to: number): Buffer =>
  Buffer.from(
    Array.from({ length: to - from }, (_, index) => `{"n":${from + index},"x":"${Math.sin(index)}"}\n`).join(
      '',
    ),
  );

describe('a gzip file', () => {
  it('gives the rows of all its members, by page and as a stream, and leaves nothing behind', async () => {
    const file = inFolder(
      'two.jsonl.gz',
      Buffer.concat([gzipSync(lines(0, 60_000)), gzipSync(lines(60_000, 70_000))]),
    );
    const table = await openTable(file);
    expect(table.kind).toBe('jsonl.gz');
    // Without a name already: what the system frees when the process ends, however it ends.
    if (process.platform !== 'win32') expect(readdirSync(temporary)).toEqual([]);
    const stream = await streamed(table);
    expect(stream.map(({ fields }) => fields?.n)).toEqual(
      Array.from({ length: 70_000 }, (_, index) => index),
    );
    expect(await paged(table, 500)).toEqual(stream);
    expect(table.known).toEqual({ rows: 70_000, complete: true, share: 1 });
    await table.close();
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('is told by its contents, and may hold one JSON array', async () => {
    const array = await openTable(inFolder('packed.bin', gzipSync('[{"a":1},\n{"a":2}]')));
    expect(array.kind).toBe('jsonl.gz');
    expect((await paged(array)).map(({ number, fields }) => [number, fields])).toEqual([
      [1, { a: 1 }],
      [2, { a: 2 }],
    ]);
    await array.close();
  });

  it.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 2000)],
    [
      'damaged',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, bytes.length - 3000), Buffer.alloc(3000, 0xff)]),
    ],
  ])('that is %s gives the rows before, and one that says so', async (name, harm) => {
    const table = await openTable(inFolder(`${name}.jsonl.gz`, harm(gzipSync(lines(0, 200_000)))));
    const rows = await streamed(table);
    const last = rows.pop();
    // What was damaged may unpack to some nonsense before that shows.
    const sound = rows.findIndex(({ fields }, index) => fields?.n !== index);
    expect(sound === -1 ? rows.length : sound).toBeGreaterThan(100_000);
    expect(last?.fault?.reason).toBe('the gzip data is cut off or damaged');
    expect(last?.fault?.detail).toMatch(/after byte \d+ of \d+$/);
    expect((await paged(table, 500)).length).toBe(rows.length + 1);
    await table.close();
  });

  it('that holds something else is refused, and nothing stays behind', async () => {
    const parquet = path.join(folder, 'rows.parquet');
    writeStepwiseParquet(parquet, stepwiseRows(3));
    await expect(openTable(inFolder('p.gz', gzipSync(readFileSync(parquet))))).rejects.toThrow(
      'the file is a Parquet file, compressed with gzip once more. Unpack it first.',
    );
    await expect(openTable(inFolder('t.gz', gzipSync('Dear diary')))).rejects.toThrow(
      'neither Parquet nor JSONL',
    );
    await expect(openTable(inFolder('e.gz', Buffer.from([0x1f, 0x8b, 8, 0])))).rejects.toThrow(
      'the gzip data is cut off or damaged',
    );
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('can be closed while it is unpacked', async () => {
    const table = await openTable(inFolder('closed.jsonl.gz', gzipSync(lines(0, 400_000))));
    await table.close();
    expect(readdirSync(temporary)).toEqual([]);
  });
});
