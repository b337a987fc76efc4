// One process of the corruption test: opens damaged copies of a Parquet file and reads them as the editor does.
// argv: the whole file, folder for copies, first seed, number of seeds. Prints a line for each seed before and after it.
import { readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { openTable } from '../../../../../server/src/datasets/table/openTable.ts';
import { PrmError } from '../../../../../server/src/support/errors.ts';
import { seededRandom } from '../../../../../server/src/support/random.ts';

const [whole = '', folder = '', first = '0', count = '0'] = process.argv.slice(2);
const bytes = readFileSync(whole);

function damagedCopy(seed: number): Buffer {
  const random = seededRandom(seed);
  const copy = Buffer.from(bytes);
  const kind = seed % 4;
  const changes = 1 + (seed % 7);
  for (let change = 0; change < changes; change++) {
    // Footers are small beside the data, and more dangerous.
    const from = kind === 0 ? Math.max(4, copy.length - 1200) : 4;
    const at = from + random.int(0, copy.length - from - 9);
    if (kind === 1) copy.fill(0xff, at, Math.min(copy.length - 8, at + 5));
    else copy[at] = random.int(0, 255);
  }
  return copy;
}

async function read(file: string): Promise<string> {
  const table = await openTable(file);
  try {
    await table.rows(0, 100);
    await table.index();
    await table.rowsAt([0, Math.floor(table.known.rows / 2)].filter((row) => row < table.known.rows));
    let rows = 0;
    for await (const batch of table.batches(undefined)) {
      rows += batch.rows.length;
      // A lie about empty rows could go on for ever; a person would stop it.
      if (rows > 1_000_000) return 'many rows';
    }
    table.schema();
    return 'read';
  } finally {
    await table.close();
  }
}

async function main(): Promise<void> {
  for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
    const file = path.join(folder, `damaged-${seed}.parquet`);
    writeFileSync(file, damagedCopy(seed));
    writeSync(1, `seed ${seed}\n`);
    let outcome: string;
    try {
      outcome = await read(file);
    } catch (error) {
      outcome = error instanceof PrmError ? 'refused' : `unexpected ${String(error)}`;
    }
    const { maxRSS } = process.resourceUsage();
    writeSync(1, `done ${seed} ${Math.round(maxRSS / 1024)} ${outcome}\n`);
    rmSync(file);
  }
}

void main();
