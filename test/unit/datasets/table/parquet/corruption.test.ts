// Damaged Parquet files, by seed: each is read or refused in words. None kills the process, none runs for ever, none fills
// the memory. Every file is damaged in a process of its own (corruption.ts), which is watched from here.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DuckDBInstance } from '@duckdb/node-api';
import { writeStepwiseParquet } from '../../../../../scripts/lib/stepwiseParquet.ts';
import { stepwiseRows } from '../../../../support/stepwise.ts';

const FIXTURES = path.join(import.meta.dirname, '../../../../fixtures/parquet-testing');
/** More seeds for a longer look: `CORRUPTION_SEEDS=1000 npx vitest run --project unit corruption`. */
const SEEDS = Number(process.env.CORRUPTION_SEEDS ?? 30);
const FIRST_SEED = Number(process.env.CORRUPTION_FIRST_SEED ?? 0);
/** For one copy, on a busy machine; a sound file takes some milliseconds. */
const LONGEST_SECONDS = 30;
const MOST_MEGABYTES = 900;

/** Files that are made here. */
const MADE = ['stepwise', 'large_pages'];

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'corruption-'));
  await writeLargePages(path.join(folder, 'large_pages.parquet'));
  writeStepwiseParquet(path.join(folder, 'stepwise.parquet'), stepwiseRows(3000), { rowGroupSize: 1000 });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Pages of several MB without an index of pages, of texts that compress well: read by fragments (largeTexts.ts). */
async function writeLargePages(file: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (
    SELECT i AS id, repeat('step ' || i, 40) AS text,
      list_transform(range((i % 5)::BIGINT), s -> CASE WHEN s = 3 THEN NULL ELSE repeat('so ' || i, 12) || s END) AS steps
    FROM range(30000) t(i)) TO '${file}' (FORMAT parquet, COMPRESSION snappy)`);
  connection.closeSync();
  instance.closeSync();
}

interface Report {
  outcomes: string[];
  unexpected: string[];
  peakMegabytes: number;
}

function damageAndRead(file: string): Promise<Report> {
  const script = path.join(import.meta.dirname, 'corruption.ts');
  const child = spawn(
    process.execPath,
    ['--max-old-space-size=512', '--import', 'tsx', script, file, folder, String(FIRST_SEED), String(SEEDS)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const report: Report = { outcomes: [], unexpected: [], peakMegabytes: 0 };
  let current = 'the start';
  let errors = '';
  return new Promise((resolve, reject) => {
    const hang = (): void => {
      child.kill('SIGKILL');
      report.unexpected.push(`${current} did not end`);
    };
    let timer = setTimeout(hang, 2 * LONGEST_SECONDS * 1000);
    child.stderr.on('data', (text) => (errors += String(text)));
    child.stdout.on('data', (text) => {
      for (const line of String(text).trimEnd().split('\n')) {
        clearTimeout(timer);
        timer = setTimeout(hang, LONGEST_SECONDS * 1000);
        if (line.startsWith('seed')) {
          current = line;
          continue;
        }
        const [, seed, megabytes, ...outcome] = line.split(' ');
        report.outcomes.push(outcome.join(' '));
        report.peakMegabytes = Math.max(report.peakMegabytes, Number(megabytes));
        if (outcome[0] === 'unexpected') report.unexpected.push(`seed ${seed}: ${outcome.join(' ')}`);
      }
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code !== 0)
        report.unexpected.push(`${current}: ended with ${code ?? signal} ${errors.slice(-500)}`);
      resolve(report);
    });
  });
}

describe('a damaged Parquet file', () => {
  it.each([
    'stepwise',
    'large_pages',
    'alltypes_tiny_pages',
    'nullable.impala',
    'delta_byte_array',
    'byte_stream_split.zstd',
    'lz4_raw_compressed_larger',
  ])(
    '%s',
    async (name) => {
      const file = path.join(MADE.includes(name) ? folder : FIXTURES, `${name}.parquet`);
      const { outcomes, unexpected, peakMegabytes } = await damageAndRead(file);
      expect(unexpected).toEqual([]);
      expect(outcomes).toHaveLength(SEEDS);
      // The damage is real: some of the copies cannot be read.
      expect(outcomes).toContain('refused');
      expect(peakMegabytes).toBeLessThan(MOST_MEGABYTES);
    },
    (SEEDS + 20) * 2000 + 60_000,
  );
});
