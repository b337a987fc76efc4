// One process of the datasets benchmark: opens a file as the editor's dataset process does, and prints what it took.
// argv: what to measure (`table`, `plain`), file.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { openTable } from '../server/src/datasets/table/openTable.ts';
import { seededRandom } from '../server/src/support/random.ts';

const PAGE = 100;
const PAGES = 50;
const CHUNK_BYTES = 4 << 20;
/** Between two pages that are read while the index is made, milliseconds. */
const WAIT_BETWEEN = 20;
/** What the plain ways do not measure. */
const NOTHING = { meanwhileMilliseconds: [], longestPauseMilliseconds: 0 };

export interface ReaderFigures {
  /** From the call of `openTable` to the first 100 rows. */
  firstRowsMilliseconds: number;
  /** Pages of 100 rows at random places. */
  pageMilliseconds: number[];
  /** The same while the index is made, where all rows are known before. */
  meanwhileMilliseconds: number[];
  indexSeconds: number;
  /** How long the index did not let other work in, at most. */
  longestPauseMilliseconds: number;
  rows: number;
  peakMegabytes: number;
}

/** Random places, the same in both processes. */
function places(rows: number, seed = 1): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: PAGES }, () => random.int(0, Math.max(0, rows - PAGE)));
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function measureTable(file: string): Promise<Omit<ReaderFigures, 'peakMegabytes'>> {
  const started = performance.now();
  const table = await openTable(file);
  if ((await table.rows(0, PAGE)).length !== PAGE) throw new Error('the first rows are not there');
  const firstRowsMilliseconds = performance.now() - started;
  const page = async (start: number): Promise<void> => {
    const found = await table.rows(start, start + PAGE);
    if (found.length !== PAGE || found.some(({ fields }) => fields === undefined))
      throw new Error('a page is broken');
  };
  const meanwhileMilliseconds = table.known.complete ? await pagesMeanwhile(file) : [];
  const pauses = monitorEventLoopDelay({ resolution: 1 });
  pauses.enable();
  const indexSeconds = (await time(() => table.index())) / 1000;
  pauses.disable();
  const { rows } = table.known;
  const pageMilliseconds: number[] = [];
  for (const start of places(rows)) pageMilliseconds.push(await time(() => page(start)));
  await table.close();
  return {
    firstRowsMilliseconds,
    pageMilliseconds,
    meanwhileMilliseconds,
    indexSeconds,
    longestPauseMilliseconds: pauses.max / 1e6,
    rows,
  };
}

/** Pages of a table whose index has just begun. */
async function pagesMeanwhile(file: string): Promise<number[]> {
  const table = await openTable(file);
  const stop = new AbortController();
  const index = table.index({ signal: stop.signal }).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  const milliseconds: number[] = [];
  for (const start of places(table.known.rows, 2)) {
    milliseconds.push(await time(() => table.rows(start, start + PAGE)));
    await wait(WAIT_BETWEEN);
  }
  stop.abort();
  await index;
  await table.close();
  return milliseconds;
}

/** What one would write without much thought: hyparquet for a page, a search for line breaks for the index. */
async function measurePlain(file: string): Promise<Omit<ReaderFigures, 'peakMegabytes'>> {
  if (!file.endsWith('.parquet')) {
    const started = performance.now();
    const rows = countLines(file);
    const indexSeconds = (performance.now() - started) / 1000;
    return { ...NOTHING, firstRowsMilliseconds: Number.NaN, pageMilliseconds: [], indexSeconds, rows };
  }
  const started = performance.now();
  const buffer = await asyncBufferFromFile(file);
  const metadata = await parquetMetadataAsync(buffer);
  const page = (rowStart: number): Promise<unknown> =>
    parquetReadObjects({
      file: buffer,
      metadata,
      compressors,
      rowStart,
      rowEnd: rowStart + PAGE,
      useOffsetIndex: true,
    });
  await page(0);
  const firstRowsMilliseconds = performance.now() - started;
  const rows = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  const pageMilliseconds: number[] = [];
  // Each takes seconds.
  for (const start of places(rows).slice(0, 5)) pageMilliseconds.push(await time(() => page(start)));
  return { ...NOTHING, firstRowsMilliseconds, pageMilliseconds, indexSeconds: 0, rows };
}

function countLines(file: string): number {
  const descriptor = openSync(file, 'r');
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let lines = 0;
  for (let read = readSync(descriptor, chunk); read > 0; read = readSync(descriptor, chunk)) {
    const bytes = chunk.subarray(0, read);
    for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) lines++;
  }
  closeSync(descriptor);
  return lines;
}

/** Linux counts what the process that started this one held towards `maxRSS`, but not here. */
function peakKilobytes(): number {
  const { maxRSS } = process.resourceUsage();
  if (process.platform !== 'linux') return maxRSS;
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? maxRSS);
}

async function main(): Promise<void> {
  const [what, file = ''] = process.argv.slice(2);
  const figures = what === 'table' ? await measureTable(file) : await measurePlain(file);
  const peakMegabytes = peakKilobytes() / 1024;
  process.stdout.write(JSON.stringify({ ...figures, peakMegabytes } satisfies ReaderFigures));
}

void main();
