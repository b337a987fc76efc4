// Small stepwise datasets for tests.
import { writeFileSync } from 'node:fs';
import type { StepwiseFields } from '../../scripts/lib/stepwiseParquet.ts';

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
