// Scans and the summary of a dataset of 50,916 rows beside a plain loop over the same file, each a process of its own.
// They take turns, so that other work on the machine weighs on all alike; medians are printed. Milliseconds begin with
// opening the file; starting Node is not counted.
// `npm run bench scan`; BENCH_DATASET takes a file of your own in place of the sample blown up to 50,916 rows, and
// BENCH_ROUNDS the number of rounds (5).
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import esbuild from 'esbuild';
import { writeManyRows } from './manyRows.ts';

const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const TASKS = [
  'plain loop',
  'plain loop, three columns',
  'has a wrong step',
  'has a wrong step, sorted',
  'has the text "clips"',
  'summary',
];

interface Figures {
  milliseconds: number;
  rows: number;
  peakMegabytes: number;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

const folder = await mkdtemp(path.join(tmpdir(), 'bench-scan-'));
try {
  let dataset = process.env.BENCH_DATASET;
  if (dataset === undefined) {
    dataset = path.join(folder, 'rows.parquet');
    await writeManyRows(dataset);
  }
  const script = path.join(folder, 'scanOnce.cjs');
  await esbuild.build({
    entryPoints: [path.join(import.meta.dirname, 'scanOnce.ts')],
    bundle: true,
    platform: 'node',
    outfile: script,
    logLevel: 'warning',
  });
  const measured = new Map<string, Figures[]>(TASKS.map((task) => [task, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const task of TASKS) {
      const { stdout } = await promisify(execFile)(process.execPath, [script, task, dataset]);
      // The first round warms the file caches.
      if (round > 0) measured.get(task)?.push(JSON.parse(stdout) as Figures);
    }
  }
  console.log(`${dataset}; medians of ${rounds} rounds`);
  const plain = measured.get('plain loop') ?? [];
  for (const [task, figures] of measured) {
    const of = (key: keyof Figures): number => median(figures.map((figure) => figure[key]));
    const ratio = median(
      figures.map(({ milliseconds }, round) => milliseconds / (plain[round]?.milliseconds ?? Number.NaN)),
    );
    console.log(
      `${task.padEnd(26)} ${of('milliseconds').toFixed(0).padStart(5)} ms, ${ratio.toFixed(2)} of the plain loop, ` +
        `${of('rows').toLocaleString('en')} rows, ${of('peakMegabytes').toFixed(0)} MB at most`,
    );
  }
} finally {
  await rm(folder, { recursive: true });
}
