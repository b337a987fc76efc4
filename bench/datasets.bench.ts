// Opening and paging large datasets, in processes of their own (datasetsReader.ts), beside what one would write without much
// thought: hyparquet for a page of a Parquet file, a search for line breaks for the index of a JSONL file. The two take turns.
// Parquet comes as DuckDB writes it (pages of up to 100 MB), and with pages of 1 MB; neither with an index of pages.
// `npm run bench datasets`; BENCH_PARQUET_GB (1), BENCH_PAGES_GB (0.3), BENCH_JSONL_GB (5) and BENCH_ROUNDS (3) make it quicker.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import esbuild from 'esbuild';
import { bigDataset } from './bigDatasets.ts';
import type { ReaderFigures } from './datasetsReader.ts';

const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const sizes = {
  parquet: Number(process.env.BENCH_PARQUET_GB ?? 1) * 1e9,
  pages: Number(process.env.BENCH_PAGES_GB ?? 0.3) * 1e9,
  jsonl: Number(process.env.BENCH_JSONL_GB ?? 5) * 1e9,
};
const run = promisify(execFile);

const folder = await mkdtemp(path.join(tmpdir(), 'bench-datasets-'));
const reader = path.join(folder, 'reader.cjs');

async function measure(what: 'table' | 'plain', file: string): Promise<ReaderFigures> {
  const { stdout } = await run(process.execPath, [reader, what, file]);
  return JSON.parse(stdout) as ReaderFigures;
}

const sorted = (values: number[]): number[] => values.toSorted((a, b) => a - b);
const median = (values: number[]): number => sorted(values)[values.length >> 1] ?? Number.NaN;
const worst = (values: number[]): number => sorted(values).at(-1) ?? Number.NaN;

function print(name: string, figures: ReaderFigures[], bytes: number): void {
  const first = figures.map((figure) => figure.firstRowsMilliseconds);
  const pages = figures.flatMap((figure) => figure.pageMilliseconds);
  const meanwhile = figures.flatMap((figure) => figure.meanwhileMilliseconds);
  const index = median(figures.map((figure) => figure.indexSeconds));
  const parts = [
    ...(first.some(Number.isFinite) ? [`first rows ${median(first).toFixed(0)} ms`] : []),
    ...(pages.length > 0
      ? [`a page of 100 rows ${median(pages).toFixed(1)} ms, at worst ${worst(pages).toFixed(0)} ms`]
      : []),
    ...(meanwhile.length > 0
      ? [`while it is indexed ${median(meanwhile).toFixed(1)} ms, at worst ${worst(meanwhile).toFixed(0)} ms`]
      : []),
    ...(index > 0.01
      ? [
          `index ${(bytes / 1e9 / index).toFixed(2)} GB/s, pauses of ${worst(figures.map((figure) => figure.longestPauseMilliseconds)).toFixed(0)} ms at most`,
        ]
      : []),
    `${worst(figures.map((figure) => figure.peakMegabytes)).toFixed(0)} MB at most`,
  ];
  console.log(`  ${name.padEnd(12)} ${parts.join('; ')}`);
}

try {
  await esbuild.build({
    entryPoints: [path.join(import.meta.dirname, 'datasetsReader.ts')],
    bundle: true,
    platform: 'node',
    outfile: reader,
    logLevel: 'warning',
  });
  for (const kind of ['parquet', 'pages', 'jsonl'] as const) {
    const { file, rows } = await bigDataset(kind, sizes[kind]);
    const bytes = (await stat(file)).size;
    const ours: ReaderFigures[] = [];
    const plain: ReaderFigures[] = [];
    for (let round = 0; round <= rounds; round++) {
      const one = await measure('plain', file);
      const two = await measure('table', file);
      if (one.rows !== rows || two.rows !== rows) throw new Error('rows are missing');
      // The first round warms the file caches.
      if (round === 0) continue;
      plain.push(one);
      ours.push(two);
    }
    console.log(`${kind}: ${(bytes / 1e9).toFixed(2)} GB, ${rows} rows; ${rounds} rounds, medians`);
    print('table', ours, bytes);
    print(kind === 'jsonl' ? 'indexOf loop' : 'hyparquet', plain, bytes);
    const ratio = (of: (figures: ReaderFigures) => number): string =>
      median(ours.map((figures, round) => of(figures) / of(plain[round] ?? figures))).toFixed(2);
    console.log(
      kind === 'jsonl'
        ? `  beside the loop: ${ratio((figures) => figures.indexSeconds)} of its time for the index`
        : `  beside hyparquet: ${ratio((figures) => median(figures.pageMilliseconds)).replace('0.00', 'under 0.01')} of its time for a page`,
    );
  }
} finally {
  await rm(folder, { recursive: true });
}
