// Speed and memory of `prm format` as a whole process, beside a plain loop over the same file (formatPlainLoop.ts). The
// two take turns, so that other work on the machine weighs on both alike; medians are printed.
// `npm run bench format`; BENCH_DATASET takes a file of your own in place of the sample blown up to 50,916 rows, and
// BENCH_ROUNDS the number of rounds (5).
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import esbuild from 'esbuild';
import { ROOT } from '../scripts/lib/paths.ts';
import { writeManyRows } from './manyRows.ts';
import { measureProcess, median, printFigures, type Figures } from './processFigures.ts';

const rounds = Number(process.env.BENCH_ROUNDS ?? 5);

const folder = await mkdtemp(path.join(tmpdir(), 'bench-format-'));
try {
  let dataset = process.env.BENCH_DATASET;
  if (dataset === undefined) {
    dataset = path.join(folder, 'rows.parquet');
    await writeManyRows(dataset);
  }
  const plainLoop = path.join(folder, 'plainLoop.cjs');
  await esbuild.build({
    entryPoints: [path.join(import.meta.dirname, 'formatPlainLoop.ts')],
    bundle: true,
    platform: 'node',
    outfile: plainLoop,
    logLevel: 'warning',
  });
  // The process that does the work; `typed` adds the one that supervises it, and its start.
  const commandLine = path.join(ROOT, 'dist/server/commandLine.cjs');
  const cli = path.join(ROOT, 'dist/server/cli.cjs');
  const output = path.join(folder, 'formatted');
  const ours = (more: string[]) =>
    measureProcess(commandLine, ['format', '--dataset', dataset, '--output-dir', output, ...more]);

  const plain: Figures[] = [];
  const unbalanced: Figures[] = [];
  const balanced: Figures[] = [];
  const typed: Figures[] = [];
  for (let round = 0; round <= rounds; round++) {
    const one = await measureProcess(plainLoop, [dataset, path.join(folder, 'plain.jsonl')]);
    const two = await ours(['--no-balance']);
    const three = await ours([]);
    const four = await measureProcess(cli, [
      'format',
      '--dataset',
      dataset,
      '--output-dir',
      output,
      '--no-balance',
    ]);
    // The first round warms the file caches.
    if (round === 0) continue;
    plain.push(one);
    unbalanced.push(two);
    balanced.push(three);
    typed.push(four);
  }
  const written = (await stat(path.join(folder, 'plain.jsonl'))).size;
  console.log(`${dataset}, ${(written / 1e6).toFixed(0)} MB of examples; medians of ${rounds} rounds`);
  printFigures('plain loop', plain);
  printFigures('prm format --no_balance', unbalanced);
  printFigures('prm format', balanced);
  console.log(
    `prm format --no_balance as it is typed, with its supervisor: ${median(typed.map((one) => one.wallSeconds)).toFixed(2)} s`,
  );
  const ratios = (figures: Figures[], key: keyof Figures) =>
    median(figures.map((figure, round) => figure[key] / (plain[round]?.[key] ?? Number.NaN))).toFixed(2);
  console.log(
    `prm format --no_balance beside the plain loop: ${ratios(unbalanced, 'wallSeconds')} of its time, ` +
      `${ratios(unbalanced, 'cpuSeconds')} of its processor time, ${ratios(unbalanced, 'peakMegabytes')} of its memory`,
  );
} finally {
  await rm(folder, { recursive: true });
}
