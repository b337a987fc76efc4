// Writes Parquet files in the stepwise layout: for the bundled sample and for tests.
import { parquetWriteFile } from 'hyparquet-writer';

export interface StepwiseFields {
  prompt: string;
  completions: string[];
  labels: boolean[];
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
