// Several files of one dataset as one table.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeStepwiseParquet } from '../../../../scripts/lib/stepwiseParquet.ts';
import { openTables } from '../../../../server/src/datasets/query/joinedTable.ts';
import type { SourceRow } from '../../../../server/src/datasets/rowSource.ts';
import { summarise } from '../../../../server/src/datasets/summary/summarise.ts';
import type { Table } from '../../../../server/src/datasets/table/table.ts';
import { stepwiseRows } from '../../../support/stepwise.ts';

let folder: string;
const rows = stepwiseRows(100);
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'joined-'));
  writeStepwiseParquet(at('0.parquet'), rows.slice(0, 40), { rowGroupSize: 16 });
  writeStepwiseParquet(at('1.parquet'), rows.slice(40), { rowGroupSize: 16 });
  writeFileSync(at('0.jsonl'), '{"a":1}\n\nbroken\n');
  writeFileSync(at('1.jsonl'), '{"b":2}\n');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function at(name: string): string {
  return path.join(folder, name);
}

async function joined<T>(names: readonly string[], work: (table: Table) => Promise<T>): Promise<T> {
  const table = await openTables(names.map(at));
  try {
    return await work(table);
  } finally {
    await table.close();
  }
}

const prompts = (read: readonly SourceRow[]): unknown[] => read.map(({ fields }) => fields?.prompt);

describe('openTables', () => {
  it('numbers and reads the rows of all files through', () =>
    joined(['0.parquet', '1.parquet'], async (table) => {
      expect(table.known).toEqual({ rows: 100, complete: true, share: 1 });
      const read = await table.rows(38, 43);
      expect(read.map(({ number }) => number)).toEqual([39, 40, 41, 42, 43]);
      expect(prompts(read)).toEqual(rows.slice(38, 43).map(({ prompt }) => prompt));
      expect(prompts(await table.rowsAt([99, 0, 40]))).toEqual([99, 0, 40].map((row) => rows[row]?.prompt));
      const streamed: SourceRow[] = [];
      let position = 0;
      for await (const batch of table.batches(undefined)) {
        streamed.push(...batch.rows);
        expect(batch.position).toBeGreaterThan(position);
        position = batch.position;
      }
      expect(position).toBe(table.extent);
      expect(streamed.map(({ number }) => number)).toEqual(rows.map((_, row) => row + 1));
      expect(prompts(streamed)).toEqual(rows.map(({ prompt }) => prompt));
    }));

  it('has one schema and one summary', () =>
    joined(['0.parquet', '1.parquet'], async (table) => {
      expect(table.schema().parquet?.rowGroups.map((group) => group.rows)).toEqual([
        16, 16, 8, 16, 16, 16, 12,
      ]);
      expect(await summarise(table)).toMatchObject({ rows: 100, problems: 34, steps: 200, faults: [] });
    }));

  it('joins the columns of text files, and counts broken rows with their numbers', () =>
    joined(['0.jsonl', '1.jsonl'], async (table) => {
      expect(table.columns.map(({ name }) => name)).toEqual(['a', 'b']);
      await table.index();
      expect(table.known).toEqual({ rows: 3, complete: true, share: 1 });
      expect(await summarise(table)).toMatchObject({ rows: 3, faults: [{ count: 1, firstRows: [3] }] });
    }));

  it('numbers the lines of text files through, so that no two rows have one number', () =>
    joined(['0.jsonl', '1.jsonl'], async (table) => {
      await table.index();
      const streamed: number[] = [];
      for await (const batch of table.batches(undefined)) {
        streamed.push(...batch.rows.map(({ number }) => number));
      }
      expect(streamed).toEqual([1, 3, 4]);
      expect((await table.rows(0, 3)).map(({ number }) => number)).toEqual(streamed);
      expect((await table.rowsAt([2, 0])).map(({ number }) => number)).toEqual([4, 1]);
    }));

  it('is the table itself for one file', () =>
    joined(['0.jsonl'], (table) => {
      expect(table.path).toBe(at('0.jsonl'));
      return Promise.resolve();
    }));

  it('opens all files or none', async () => {
    await expect(openTables([at('0.jsonl'), at('none.jsonl')])).rejects.toThrow('no such file');
  });
});
