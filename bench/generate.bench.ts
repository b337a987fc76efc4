// Speed of `prm generate corrupt`: 50,000 paths from GSM8K's training file (7,473 problems), written to disk, beside a plain loop over
// the same file (corruptPlainLoop.ts), which does it less well. Both as whole processes, in turns; medians are printed,
// and the work itself: from the start on the datasets to the file in its place.
// `npm run bench generate`; BENCH_ROUNDS is the number of rounds (5).
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import esbuild from 'esbuild';
import { ROOT } from '../scripts/lib/paths.ts';
import { extraThreads } from '../server/src/generation/corruptThreads.ts';
import { measureProcess, median, printFigures, type Figures } from './processFigures.ts';

const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const PATHS = 50_000;

const folder = await mkdtemp(path.join(tmpdir(), 'bench-generate-'));
try {
  const source = path.join(folder, 'train.jsonl');
  await writeFile(source, gunzipSync(await readFile(path.join(ROOT, 'test/fixtures/gsm8k/train.jsonl.gz'))));
  const plainLoop = path.join(folder, 'plainLoop.cjs');
  await esbuild.build({
    entryPoints: [path.join(import.meta.dirname, 'corruptPlainLoop.ts')],
    bundle: true,
    platform: 'node',
    outfile: plainLoop,
    logLevel: 'warning',
  });
  const output = path.join(folder, 'out');
  // The process that does the work; on the command line another one supervises it.
  const corrupt = () =>
    measureProcess(path.join(ROOT, 'dist/server/commandLine.cjs'), [
      ...['generate', 'corrupt', source, '--output-dir', output, '--overwrite'],
      ...['--num-incorrect-per-problem', '6', '--max-examples', String(PATHS)],
    ]);
  const plain = () => measureProcess(plainLoop, [source, path.join(folder, 'plain.jsonl'), String(PATHS)]);
  await corrupt();
  await plain();
  const ours: Figures[] = [];
  const theirs: Figures[] = [];
  const work: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await corrupt());
    const { seconds } = JSON.parse(await readFile(path.join(output, 'generation_info.json'), 'utf8')) as {
      seconds: number;
    };
    work.push(seconds);
    theirs.push(await plain());
  }
  console.log(
    `${PATHS} paths, ${availableParallelism()} cores, ${1 + extraThreads(false)} threads, ${rounds} rounds`,
  );
  printFigures('prm generate corrupt', ours);
  printFigures('plain loop', theirs);
  const ratio = (key: keyof Figures) =>
    (median(ours.map((one) => one[key])) / median(theirs.map((one) => one[key]))).toFixed(2);
  console.log(
    `${'the work itself'.padEnd(24)} ${median(work).toFixed(2)} s, at best ${Math.min(...work).toFixed(2)} s`,
  );
  console.log(
    `${'of the plain loop'.padEnd(24)} ${ratio('wallSeconds')} of the time, ${ratio('cpuSeconds')} of the processor time, ` +
      `${ratio('peakMegabytes')} of the memory`,
  );
} finally {
  await rm(folder, { recursive: true });
}
