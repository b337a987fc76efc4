// Lines of a JSONL file, with their numbers and their faults.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SourceRow } from '../../../../server/src/datasets/rowSource.ts';
import { openTable } from '../../../../server/src/datasets/table/openTable.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'jsonl-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function rowsOf(contents: string | Buffer): Promise<SourceRow[]> {
  const file = path.join(folder, 'rows.jsonl');
  await writeFile(file, contents);
  const table = await openTable(file);
  const rows: SourceRow[] = [];
  for await (const batch of table.batches(undefined)) rows.push(...batch.rows);
  await table.close();
  return rows;
}

describe('rows of a JSONL file', () => {
  it('reads a byte order mark, CRLF, blank lines and a last line without an end', async () => {
    expect(await rowsOf('\uFEFF{"a":1}\r\n\r\n  \n{"a":2}')).toEqual([
      { number: 1, fields: { a: 1 } },
      { number: 4, fields: { a: 2 } },
    ]);
  });

  it('keeps line numbers over the borders of its buffer', async () => {
    const long = 'é'.repeat(700_000);
    const rows = await rowsOf(`{"a":"${long}"}\n{"a":"${long}"}\n{broken\n{"a":"${long}"}\n`);
    expect(rows.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(rows.map(({ fields }) => fields?.a === long)).toEqual([true, true, false, true]);
  });

  it('names what is wrong with a line, and goes on', async () => {
    const rows = await rowsOf(
      Buffer.concat([
        Buffer.from('{"a":\n'),
        Buffer.from([0x7b, 0xff, 0x7d, 0x0a]),
        Buffer.from('[1]\n"text"\nnull\n{"a":1}\n'),
      ]),
    );
    expect(rows.map(({ number, fault }) => [number, fault?.reason])).toEqual([
      [1, 'the line is not JSON'],
      [2, 'the line is not UTF-8'],
      [3, 'the line is no JSON object'],
      [4, 'the line is no JSON object'],
      [5, 'the line is no JSON object'],
      [6, undefined],
    ]);
    expect(rows[0]?.fault?.detail).toMatch(/JSON/);
  });

  it('skips a line of more than 16 MB without holding it', async () => {
    const rows = await rowsOf(Buffer.concat([Buffer.alloc(17 << 20, 0x20), Buffer.from('\n{"a":1}\n')]));
    expect(rows).toEqual([
      { number: 1, fields: undefined, fault: { reason: 'the line is longer than 16 MB' } },
      { number: 2, fields: { a: 1 } },
    ]);
  });

  it('stops when it is cancelled', async () => {
    const file = path.join(folder, 'cancelled.jsonl');
    await writeFile(file, '{}\n');
    const table = await openTable(file);
    const batches = table.batches(undefined, AbortSignal.abort())[Symbol.asyncIterator]();
    await expect(batches.next()).rejects.toThrow('Cancelled.');
    await table.close();
  });
});
