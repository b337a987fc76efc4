// How long a dataset takes to be on screen, as the language server answers: open and the first 100 rows over a real
// connection, then pages anywhere, while the rows are counted; and the memory of the server and all its processes.
// The files are those of `npm run bench datasets`. One minute and a half, and as long again where they have to be made.
// `npm run bench opening`; BENCH_PARQUET_GB (1) and BENCH_JSONL_GB (5) make it quicker.
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import {
  CLOSE_DATASET,
  DATASET_CHANGED,
  DATASET_ROWS,
  OPEN_DATASET,
  type DatasetInfo,
} from '../protocol/src/datasets.ts';
import { seededRandom } from '../server/src/support/random.ts';
import { startEditor, type Editor } from '../test/integration/language/editor.ts';
import { bigDataset } from './bigDatasets.ts';

const OPENINGS = 9;
const PAGES = 50;
const PAGE_ROWS = 100;
/** Until the process for the next dataset is started and idle, milliseconds. */
const SPARE_READY = 4_000;
/** Until a Parquet file is indexed, which nothing tells; milliseconds for each GB, four times what it takes. */
const INDEXED_AFTER = 40_000;
/** Between two looks at the memory, milliseconds. */
const LOOKS = 20;

const sizes = {
  parquet: Number(process.env.BENCH_PARQUET_GB ?? 1) * 1e9,
  jsonl: Number(process.env.BENCH_JSONL_GB ?? 5) * 1e9,
};
for (const kind of ['parquet', 'jsonl'] as const) await measure((await bigDataset(kind, sizes[kind])).file);

async function measure(file: string): Promise<void> {
  const editor = await startEditor('spawned', { workspace: tmpdir() });
  const memory = watchMemory(editor.serverPid ?? 0);
  try {
    // The first opening may find no process started ahead: what a person sees right after the window is there.
    const cold = await openOnce(editor, file);
    const size = `${(cold.info.bytes / 1e9).toFixed(3)} GB`;
    console.log(`${cold.info.name} (${size})`);
    await editor.request(CLOSE_DATASET, { dataset: cold.info.dataset });
    const times: number[] = [];
    for (let round = 0; round < OPENINGS; round++) {
      await wait(SPARE_READY);
      const { info, milliseconds } = await openOnce(editor, file);
      times.push(milliseconds);
      await editor.request(CLOSE_DATASET, { dataset: info.dataset });
    }
    console.log(
      `  open and first ${PAGE_ROWS} rows: median ${quantile(times, 0.5)} ms, slowest ${quantile(times, 1)} ms of ${OPENINGS}; first of the server ${cold.milliseconds.toFixed(0)} ms`,
    );
    await wait(SPARE_READY);
    const { info } = await openOnce(editor, file);
    const counting = countRows(editor, info);
    const meanwhile = await readPages(editor, info.dataset, info.known.rows, 1);
    console.log(
      `  page of ${PAGE_ROWS} known rows right after the opening, while the file is indexed: ${spread(meanwhile)}`,
    );
    const counted = await counting;
    const counts =
      counted.seconds === 0
        ? 'at once'
        : `${counted.seconds.toFixed(1)} s, ${(info.bytes / 1e9 / counted.seconds).toFixed(2)} GB/s`;
    console.log(`  ${counted.rows} rows counted: ${counts}`);
    if (counted.seconds === 0) await wait((info.bytes / 1e9) * INDEXED_AFTER);
    const pages = await readPages(editor, info.dataset, counted.rows, 2);
    console.log(`  page of ${PAGE_ROWS} rows anywhere, once it is indexed: ${spread(pages)}`);
    console.log(`  memory of server and dataset processes: at most ${memory().toFixed(0)} MB`);
  } finally {
    await editor.close();
  }
}

async function openOnce(editor: Editor, file: string): Promise<{ info: DatasetInfo; milliseconds: number }> {
  const asked = performance.now();
  const info = await editor.request(OPEN_DATASET, { path: file });
  const { rows } = await editor.request(DATASET_ROWS, {
    dataset: info.dataset,
    start: 0,
    count: PAGE_ROWS,
  });
  if (rows.length === 0) throw new Error(`${file} gave no rows.`);
  return { info, milliseconds: performance.now() - asked };
}

/** Seconds from the opening until all rows are known; 0 where they are at once. */
async function countRows(editor: Editor, info: DatasetInfo): Promise<{ rows: number; seconds: number }> {
  if (info.known.complete) return { rows: info.known.rows, seconds: 0 };
  const started = performance.now();
  const { change } = await editor.until(
    DATASET_CHANGED,
    (news) => news.dataset === info.dataset && news.change.kind === 'known' && news.change.known.complete,
  );
  const rows = change.kind === 'known' ? change.known.rows : 0;
  return { rows, seconds: (performance.now() - started) / 1000 };
}

async function readPages(editor: Editor, dataset: string, rows: number, seed: number): Promise<number[]> {
  const random = seededRandom(seed);
  const times: number[] = [];
  for (let page = 0; page < PAGES; page++) {
    const start = random.int(0, Math.max(0, rows - PAGE_ROWS));
    const asked = performance.now();
    await editor.request(DATASET_ROWS, { dataset, start, count: PAGE_ROWS });
    times.push(performance.now() - asked);
  }
  return times;
}

function spread(times: readonly number[]): string {
  return `median ${quantile(times, 0.5)} ms, 95 % ${quantile(times, 0.95)} ms, slowest ${quantile(times, 1)} ms of ${times.length}`;
}

function quantile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.ceil(share * sorted.length) - 1] ?? NaN).toFixed(0);
}

/** Looks at the resident memory of a process and its children (Linux); gives the most of it in MB. */
function watchMemory(pid: number): () => number {
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, residentMegabytes(pid));
  }, LOOKS);
  return () => {
    clearInterval(timer);
    return most;
  };
}

function residentMegabytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const own = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1000;
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
        .trim()
        .split(' ')
        .filter(Boolean)
        .map(Number),
    );
    return children.reduce((sum, child) => sum + residentMegabytes(child), own);
  } catch {
    // Ended between two looks.
    return 0;
  }
}
