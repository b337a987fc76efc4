// The bundled sample blown up to 50,916 rows, the size of the data set that it stands in for: for benchmarks.
import path from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { ROOT } from '../scripts/lib/paths.ts';
import { writeStepwiseParquet, type StepwiseFields } from '../scripts/lib/stepwiseParquet.ts';

const ROWS = 50_916;

/** The sample again and again, each time with other problems, written as Parquet. */
export async function writeManyRows(file: string): Promise<void> {
  const sample = await asyncBufferFromFile(path.join(ROOT, 'samples/gsm8k-stepwise-sample.parquet'));
  // The bundled sample, which `scripts/make-sample.ts` wrote with these columns.
  const rows = (await parquetReadObjects({ file: sample, compressors })) as unknown as StepwiseFields[];
  const many = Array.from({ length: ROWS }, (_, index) => {
    const row = rows[index % rows.length] ?? { prompt: '', completions: [], labels: [] };
    const copy = Math.floor(index / rows.length);
    return { ...row, prompt: row.prompt.replace('<|user|>\n', `<|user|>\n(${copy}) `) };
  });
  writeStepwiseParquet(file, many, { rowGroupSize: 2048 });
}
