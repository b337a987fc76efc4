// Makes large datasets of the kind that people train on, each row another: with DuckDB, whose Parquet files have row groups
// of 122,880 rows, pages of up to 100 MB, and no index of pages.
import { statSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

/** About 0.9 KB of JSON a row: a problem, 3 to 10 steps with numbers of their own, and a label for each. */
const ROWS = `
  SELECT
    '<|user|>\\nProblem ' || i || ': ' || hash(i) % 1000 || ' apples cost ' || hash(i + 7) % 10000 || ' cents. How much do '
      || hash(i + 1) % 50 || ' apples cost, and what is left of ' || md5(i::VARCHAR) || '?<|end|>\\n<|assistant|>\\n' AS prompt,
    list_transform(range(3 + (hash(i) % 8)::BIGINT), s -> 'Step ' || s || ': we take ' || hash(i * 31 + s) % 100000
      || ' and multiply it by ' || hash(i + s * 17) % 97 || ', which gives <<' || hash(s + i) % 100000 || '*3='
      || hash(i) % 1000000 || '>>; so far ' || md5((i * 13 + s)::VARCHAR) || '.') AS completions,
    list_transform(range(3 + (hash(i) % 8)::BIGINT), s -> hash(i * 7 + s) % 9 > 0) AS labels,
    i AS id
  FROM range($rows) t(i)`;

/**
 * @param file ends in `.parquet` or `.jsonl`
 * @param bytes that the file should have, roughly
 * @returns rows written
 */
export async function makeBigDataset(file: string, bytes: number): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '2GB' });
  const connection = await instance.connect();
  try {
    const write = async (rows: number): Promise<void> => {
      const format = file.endsWith('.parquet') ? 'FORMAT parquet, COMPRESSION snappy' : 'FORMAT json';
      await connection.run('SET preserve_insertion_order = true');
      await connection.run(`COPY (${ROWS.replace('$rows', String(rows))}) TO '${file}' (${format})`);
    };
    const sample = 50_000;
    await write(sample);
    const rows = Math.round((bytes / statSync(file).size) * sample);
    await write(rows);
    return rows;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
