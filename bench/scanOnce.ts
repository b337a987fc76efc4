// One pass of scan.bench.ts in a process of its own. Arguments: what to do, and the file. Prints milliseconds and counts.
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { RowQuery } from '../protocol/src/datasets.ts';
import { findRows } from '../server/src/datasets/query/findRows.ts';
import { summarise } from '../server/src/datasets/summary/summarise.ts';
import { openTable } from '../server/src/datasets/table/openTable.ts';

const WRONG_STEP: RowQuery = { conditions: [{ kind: 'has-error', value: true }] };
const QUERIES: Readonly<Record<string, RowQuery>> = {
  'has a wrong step': WRONG_STEP,
  'has a wrong step, sorted': { ...WRONG_STEP, sort: { key: { by: 'first-error' }, descending: false } },
  'has the text "clips"': { conditions: [{ kind: 'text', text: 'clips' }] },
};

/** The least that anybody would write: the column alone, no checks, every row in memory. */
async function plainLoop(path: string): Promise<number> {
  const file = await asyncBufferFromFile(path);
  const rows = await parquetReadObjects({ file, compressors, columns: ['labels'] });
  return rows.filter(({ labels }) => (labels as boolean[]).includes(false)).length;
}

/** The same, with the columns that our scan checks: a row whose lists differ in length has no wrong step. */
async function plainLoopOfThree(path: string): Promise<number> {
  const file = await asyncBufferFromFile(path);
  const rows = await parquetReadObjects({ file, compressors });
  return rows.filter(({ labels }) => (labels as boolean[]).includes(false)).length;
}

async function ours(path: string, query: RowQuery): Promise<number> {
  const table = await openTable(path);
  let count = 0;
  await findRows(table, query, { onFound: ({ length }) => (count += length) });
  await table.close();
  return count;
}

async function summary(path: string): Promise<number> {
  const table = await openTable(path);
  const { rows } = await summarise(table);
  await table.close();
  return rows;
}

async function main(what = '', path = ''): Promise<void> {
  const query = QUERIES[what];
  const started = performance.now();
  const rows = await (query !== undefined
    ? ours(path, query)
    : what === 'summary'
      ? summary(path)
      : what === 'plain loop'
        ? plainLoop(path)
        : plainLoopOfThree(path));
  const milliseconds = performance.now() - started;
  console.log(JSON.stringify({ milliseconds, rows, peakMegabytes: process.resourceUsage().maxRSS / 1024 }));
}

void main(...process.argv.slice(2));
