// Small stepwise datasets for tests, as JSONL and as Parquet.
import { writeFileSync } from 'node:fs';
import { parquetWriteFile } from 'hyparquet-writer';

export interface StepwiseFields {
  prompt: string;
  completions: string[];
  labels: boolean[];
}

/** `count` rows of two steps each, the first correct, the second not; three rows a problem. */
export function stepwiseRows(count: number): StepwiseFields[] {
  return Array.from({ length: count }, (_, row) => ({
    prompt: `<|user|>\nWhat is ${Math.floor(row / 3)} + 1?<|end|>\n<|assistant|>\n`,
    completions: [`Add ${row}.`, `#### ${row + 1}`],
    labels: [true, false],
  }));
}

export function writeJsonl(file: string, rows: readonly unknown[]): void {
  writeFileSync(file, rows.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join(''));
}

export function writeStepwiseParquet(
  filename: string,
  rows: readonly StepwiseFields[],
  options: { rowGroupSize?: number; pageSize?: number } = {},
): void {
  parquetWriteFile({
    filename,
    schema: [
      { name: 'root', num_children: 3 },
      { name: 'prompt', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      { name: 'completions', num_children: 1, converted_type: 'LIST', repetition_type: 'OPTIONAL' },
      { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
      { name: 'element', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      { name: 'labels', num_children: 1, converted_type: 'LIST', repetition_type: 'OPTIONAL' },
      { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
      { name: 'element', type: 'BOOLEAN', repetition_type: 'OPTIONAL' },
    ],
    columnData: [
      { name: 'prompt', data: rows.map(({ prompt }) => prompt) },
      { name: 'completions', data: rows.map(({ completions }) => completions) },
      { name: 'labels', data: rows.map(({ labels }) => labels) },
    ],
    ...options,
  });
}
