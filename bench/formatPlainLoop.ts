// The yardstick of format.bench.ts: a plain single-threaded loop that holds the whole dataset in memory, makes an
// object of every example and stringifies it. No checks, no split, no balancing. Arguments: SOURCE.parquet OUTPUT.
import { closeSync, openSync, writeSync } from 'node:fs';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

interface Row {
  prompt: string;
  completions: string[];
  labels: boolean[];
}

async function main(source = '', output = ''): Promise<void> {
  const file = await asyncBufferFromFile(source);
  // Unchecked on purpose: the plain loop is the least that anybody would write.
  const rows = (await parquetReadObjects({ file, compressors })) as unknown as Row[];
  const target = openSync(output, 'w');
  let lines: string[] = [];
  for (const { prompt, completions, labels } of rows) {
    const problem = prompt.replace('<|user|>\n', '').replace('<|end|>\n<|assistant|>\n', '');
    for (const [index, step] of completions.entries()) {
      lines.push(
        JSON.stringify({
          problem,
          step,
          previous_steps: completions.slice(0, index),
          reasoning_path: completions.slice(0, index + 1),
          label: labels[index] ? 1 : 0,
          step_index: index,
          total_steps: completions.length,
        }),
      );
    }
    if (lines.length > 1000) {
      writeSync(target, `${lines.join('\n')}\n`);
      lines = [];
    }
  }
  writeSync(target, `${lines.join('\n')}\n`);
  closeSync(target);
}

void main(...process.argv.slice(2));
