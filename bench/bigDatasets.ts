// Makes large datasets of the kind that people train on, each row another: with DuckDB, whose Parquet files have row groups
// of 122,880 rows, pages of up to 100 MB, and no index of pages; and with pages of 1 MB.
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { SchemaElement } from 'hyparquet';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import { openTable } from '../server/src/datasets/table/openTable.ts';

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

/** As pyarrow writes them, and so most of the Hub's: pages of 1 MB, without an index of pages. */
const PAGE_BYTES = 1 << 20;
const GROUP_ROWS = 100_000;
const SAMPLE_ROWS = 50_000;
const FOLDER = path.join(tmpdir(), 'prm-bench');
const RECIPE = createHash('sha1')
  .update(ROWS)
  .update(`${PAGE_BYTES} ${GROUP_ROWS}`)
  .digest('hex')
  .slice(0, 8);

/** `parquet` as DuckDB writes it, with pages of up to 100 MB; `pages` is Parquet with pages of 1 MB. */
type BigKind = 'parquet' | 'pages' | 'jsonl';

interface BigDataset {
  file: string;
  rows: number;
}

/**
 * Makes a file, or takes the one that an earlier benchmark made: making it takes longer than measuring.
 * They stay in the system's folder for temporary files.
 * @param bytes that the file should have, roughly
 */
export async function bigDataset(kind: BigKind, bytes: number): Promise<BigDataset> {
  await mkdir(FOLDER, { recursive: true });
  const start = `${kind}-${RECIPE}-${bytes}-`;
  const made = (await readdir(FOLDER)).find((name) => name.startsWith(start) && !name.startsWith('.'));
  if (made !== undefined) {
    return { file: path.join(FOLDER, made), rows: Number.parseInt(made.slice(start.length), 10) };
  }
  console.log(`making ${(bytes / 1e9).toFixed(1)} GB of ${kind} in ${FOLDER}, for later runs too …`);
  const ending = kind === 'jsonl' ? 'jsonl' : 'parquet';
  const temporary = path.join(FOLDER, `.${process.pid}.${ending}`);
  const rows = kind === 'pages' ? await writePages(temporary, bytes) : await writeSized(temporary, bytes);
  const file = path.join(FOLDER, `${start}${rows}.${ending}`);
  await rename(temporary, file);
  return { file, rows };
}

/** @returns rows written */
async function writeSized(file: string, bytes: number): Promise<number> {
  await write(file, SAMPLE_ROWS);
  const rows = Math.round((bytes / statSync(file).size) * SAMPLE_ROWS);
  await write(file, rows);
  return rows;
}

async function write(file: string, rows: number): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '2GB' });
  const connection = await instance.connect();
  try {
    const format = file.endsWith('.parquet') ? 'FORMAT parquet, COMPRESSION snappy' : 'FORMAT json';
    await connection.run('SET preserve_insertion_order = true');
    await connection.run(`COPY (${ROWS.replace('$rows', String(rows))}) TO '${file}' (${format})`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** @returns rows written */
async function writePages(file: string, bytes: number): Promise<number> {
  const { file: source } = await bigDataset('parquet', bytes);
  const table = await openTable(source);
  const writer = new ParquetWriter({ writer: fileWriter(file), schema: SCHEMA, statistics: false });
  const { rows } = table.known;
  for (let start = 0; start < rows; start += GROUP_ROWS) {
    const group = await table.rows(start, start + GROUP_ROWS);
    const columnData = table.columns.map(({ name }) => ({
      name,
      data: group.map(({ fields }) => (name === 'id' ? BigInt(Number(fields?.[name])) : fields?.[name])),
      offsetIndex: false,
    }));
    await writer.write({ columnData, rowGroupSize: GROUP_ROWS, pageSize: PAGE_BYTES });
  }
  await writer.finish();
  await table.close();
  return rows;
}

const SCHEMA: SchemaElement[] = [
  { name: 'root', num_children: 4 },
  { name: 'prompt', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
  { name: 'completions', num_children: 1, converted_type: 'LIST', repetition_type: 'OPTIONAL' },
  { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
  { name: 'element', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
  { name: 'labels', num_children: 1, converted_type: 'LIST', repetition_type: 'OPTIONAL' },
  { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
  { name: 'element', type: 'BOOLEAN', repetition_type: 'OPTIONAL' },
  { name: 'id', type: 'INT64', repetition_type: 'OPTIONAL' },
];
