// One process of the datasets benchmark: opens a file as the editor's dataset process does, and prints what it took.
// argv: what to measure (`table`, `plain`), file.
import { closeSync, openSync, readSync } from 'node:fs';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { openTable } from '../server/src/datasets/table/openTable.ts';
import { seededRandom } from '../server/src/support/random.ts';

const PAGE = 100;
const PAGES = 50;
const CHUNK_BYTES = 4 << 20;

export interface ReaderFigures {
  /** From the call of `openTable` to the first 100 rows. */
  firstRowsMilliseconds: number;
  /** Pages of 100 rows at random places. */
  pageMilliseconds: number[];
  indexSeconds: number;
  rows: number;
  peakMegabytes: number;
}

/** Random places, the same in both processes. */
function places(rows: number): number[] {
  const random = seededRandom(1);
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
  const indexSeconds = (await time(() => table.index())) / 1000;
  const { rows } = table.known;
  const pageMilliseconds: number[] = [];
  for (const start of places(rows)) {
    pageMilliseconds.push(
      await time(async () => {
        const page = await table.rows(start, start + PAGE);
        if (page.length !== PAGE || page.some(({ fields }) => fields === undefined))
          throw new Error('a page is broken');
      }),
    );
  }
  await table.close();
  return { firstRowsMilliseconds, pageMilliseconds, indexSeconds, rows };
}

/** What one would write without much thought: hyparquet for a page, a search for line breaks for the index. */
async function measurePlain(file: string): Promise<Omit<ReaderFigures, 'peakMegabytes'>> {
  if (!file.endsWith('.parquet')) {
    const started = performance.now();
    const rows = countLines(file);
    const indexSeconds = (performance.now() - started) / 1000;
    return { firstRowsMilliseconds: Number.NaN, pageMilliseconds: [], indexSeconds, rows };
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
  return { firstRowsMilliseconds, pageMilliseconds, indexSeconds: 0, rows };
}

function countLines(file: string): number {
  const descriptor = openSync(file);
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let lines = 0;
  for (let read = readSync(descriptor, chunk); read > 0; read = readSync(descriptor, chunk)) {
    const bytes = chunk.subarray(0, read);
    for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) lines++;
  }
  closeSync(descriptor);
  return lines;
}

async function main(): Promise<void> {
  const [what, file = ''] = process.argv.slice(2);
  const figures = what === 'table' ? await measureTable(file) : await measurePlain(file);
  const peakMegabytes = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(JSON.stringify({ ...figures, peakMegabytes } satisfies ReaderFigures));
}

void main();
