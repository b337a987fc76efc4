// Cuts samples/gsm8k-stepwise-sample.parquet from a dataset in the stepwise layout: a seeded choice of problems,
// each with all of its rows, in the order of the source.
// Usage: tsx scripts/make-sample.ts SOURCE.parquet [ROWS]
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { z } from 'zod';
import { seededRandom } from '../server/src/support/random.ts';
import { writeStepwiseParquet } from './lib/stepwiseParquet.ts';

const SEED = 42;
const OUTPUT = 'samples/gsm8k-stepwise-sample.parquet';

const rowSchema = z.object({
  prompt: z.string(),
  completions: z.array(z.string()),
  labels: z.array(z.boolean()),
});

const [source, rowsWanted = '6000'] = process.argv.slice(2);
if (source === undefined) throw new Error('Usage: tsx scripts/make-sample.ts SOURCE.parquet [ROWS]');

const file = await asyncBufferFromFile(source);
const rows = z.array(rowSchema).parse(await parquetReadObjects({ file, compressors }));

const rowsOfProblem = new Map<string, number>();
for (const row of rows) rowsOfProblem.set(row.prompt, (rowsOfProblem.get(row.prompt) ?? 0) + 1);

const chosen = new Set<string>();
let rowCount = 0;
for (const [prompt, count] of seededRandom(SEED).shuffle([...rowsOfProblem])) {
  if (rowCount + count > Number(rowsWanted)) break;
  chosen.add(prompt);
  rowCount += count;
}

const sample = rows.filter((row) => chosen.has(row.prompt));
writeStepwiseParquet(OUTPUT, sample, { rowGroupSize: 2048 });
const steps = sample.flatMap((row) => row.labels);
console.log(
  `${OUTPUT}: ${sample.length} rows, ${chosen.size} problems, ${steps.length} steps, ` +
    `${steps.filter((correct) => !correct).length} of them false`,
);
