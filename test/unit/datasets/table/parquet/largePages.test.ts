// Row groups without an index of their pages, as DuckDB writes them: any page of rows, whatever was read before.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTable } from '../../../../../server/src/datasets/table/openTable.ts';
import { normalForm, duckdbRows } from '../../../../support/normalForm.ts';
import { streamed } from '../../../../support/tables.ts';

const ROWS = 20_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'large-pages-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Texts of all lengths, some over several of Snappy's fragments, nulls and empty lists between them. */
const QUERY = `
  SELECT i AS id,
    CASE WHEN i % 11 = 0 THEN NULL ELSE repeat(md5(i::VARCHAR), (1 + hash(i) % 9)::BIGINT) END AS text,
    CASE WHEN i % 13 = 0 THEN NULL
         ELSE list_transform(range((hash(i) % 5)::BIGINT), s -> CASE WHEN s = 3 THEN NULL
              WHEN i % 4001 = 7 THEN repeat(md5(s::VARCHAR), 9000) ELSE md5((i + s)::VARCHAR) || s END) END AS steps
  FROM range(${ROWS}) t(i)`;

async function write(name: string, options: string): Promise<string> {
  const file = path.join(folder, name);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${QUERY}) TO '${file}' (FORMAT parquet, ${options})`);
  connection.closeSync();
  instance.closeSync();
  return file;
}

describe('large pages', () => {
  it.each([
    ['snappy.parquet', 'COMPRESSION snappy'],
    ['second.parquet', 'COMPRESSION snappy, PARQUET_VERSION v2'],
    ['zstd.parquet', 'COMPRESSION zstd'],
    ['plain.parquet', 'COMPRESSION uncompressed'],
  ])(
    '%s',
    async (name, options) => {
      const file = await write(name, options);
      const expected = await duckdbRows(file);
      const table = await openTable(file);
      try {
        expect(table.known.rows).toBe(ROWS);
        // Behind, before and over what was read already.
        const starts = [12_345, 0, 12_400, 19_950, 4_005, 8_000, 7_950, 16_000];
        for (const start of starts) {
          const rows = await table.rows(start, start + 100);
          expect(rows.map(({ fields }) => normalForm(fields))).toEqual(expected.slice(start, start + 100));
        }
        // While the places of all fragments are looked for, and by these.
        const indexed = await openTable(file);
        const index = indexed.index();
        for (const start of [...starts, ...starts]) {
          const rows = await indexed.rows(start, start + 100);
          expect(rows.map(({ fields }) => normalForm(fields))).toEqual(expected.slice(start, start + 100));
          if (start === starts.at(-1)) await index;
        }
        await indexed.close();
        const scattered = [19_999, 3, 8_009, 8_010, 3];
        const some = await table.rowsAt(scattered, { columns: ['steps'] });
        const steps = (expected as { steps: unknown }[]).map((row) => ({ steps: row.steps }));
        expect(some.map(({ fields }) => normalForm(fields))).toEqual(scattered.map((row) => steps[row]));
        expect(some.map(({ number }) => number)).toEqual(scattered.map((row) => row + 1));
        const all = await streamed(table);
        expect(all.map(({ fields }) => normalForm(fields))).toEqual(expected);
      } finally {
        await table.close();
      }
    },
    60_000,
  );

  it('end their index when it is cancelled or the table is closed', async () => {
    const table = await openTable(await write('cancelled.parquet', 'COMPRESSION snappy'));
    await expect(table.index({ signal: AbortSignal.abort() })).rejects.toThrow('Cancelled.');
    const stop = new AbortController();
    const cancelled = table.index({ signal: stop.signal });
    setTimeout(() => stop.abort(), 5);
    await expect(cancelled).rejects.toThrow('Cancelled.');
    // Expected before it can happen: a rejection that nobody waits for yet ends the run.
    const closed = expect(table.index()).rejects.toThrow('Cancelled.');
    await table.close();
    await closed;
  });

  it('leave the thread free while they are indexed', async () => {
    const table = await openTable(await write('free.parquet', 'COMPRESSION snappy'));
    let turns = 0;
    let indexing = true;
    const count = (): void => {
      turns++;
      if (indexing) setImmediate(count);
    };
    count();
    const before = process.cpuUsage();
    await table.index();
    indexing = false;
    const { user, system } = process.cpuUsage(before);
    // Slices of 3 ms; the machine may be busy, and one fragment longer than that the first time.
    expect((user + system) / 1000 / turns).toBeLessThan(10);
    await table.close();
  });
});
