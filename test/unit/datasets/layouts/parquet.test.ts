// The same rows from Parquet, as another writer stores them: structs, lists of structs, int64.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLayout } from '../../../../server/src/datasets/layouts/recognise.ts';
import { openTable } from '../../../../server/src/datasets/table/openTable.ts';
import { fixture, numbered } from './reading.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../../../fixtures/datasets');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'layouts-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function toParquet(file: string): Promise<string> {
  const parquet = path.join(folder, `${path.basename(file)}.parquet`);
  const connection = await (await DuckDBInstance.create()).connect();
  try {
    const source = path.join(FIXTURES, file);
    await connection.run(
      `COPY (SELECT * FROM read_json('${source}', maximum_depth=-1)) TO '${parquet}' (FORMAT parquet)`,
    );
  } finally {
    connection.closeSync();
  }
  return parquet;
}

describe('rows from Parquet', () => {
  it.each([
    'prm800k/raw-6-rows.jsonl',
    'written-here/prm800k-critic.jsonl',
    'math-shepherd/7-rows.jsonl',
    'written-here/processbench.jsonl',
    'mr-gsm8k/first-error-8-rows.jsonl',
    'prmbench/confidence-5-rows.jsonl',
    'written-here/rlhflow.jsonl',
    'math-aps/flat-1-row.jsonl',
    'math-aps/tree-1-row.jsonl',
    'versaprm/11-questions.json',
    'written-here/versaprm-hub.jsonl',
    'written-here/er-prm.jsonl',
    'written-here/mr-gsm8k.jsonl',
    'bigbench-mistake/8-rows.jsonl',
    'gsm8k/train-5-rows.jsonl',
  ])('are what they are in %s', async (file) => {
    const rows = fixture(file);
    const fromText = openLayout(numbered(rows));
    const table = await openTable(await toParquet(file));
    try {
      const sample = await table.rows(0, rows.length);
      const fromParquet = openLayout(sample);
      expect(fromParquet.report.counts).toEqual(fromText.report.counts);
      const { columns = [] } = fromParquet.layout ?? {};
      for (const [index, row] of (await table.rows(0, rows.length, { columns })).entries()) {
        expect(fromParquet.read?.(row.fields ?? {})).toEqual(fromText.read?.(rows[index] ?? {}));
      }
    } finally {
      await table.close();
    }
  });
});
