// What the layouts' tests share: rows of the fixtures, and reading them.
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { LayoutName, RowFault } from '../../../../protocol/src/datasets.ts';
import { LAYOUT_TABLE } from '../../../../server/src/datasets/layouts/index.ts';
import {
  isFault,
  LAYOUT_DEFAULTS,
  type Fields,
  type LayoutOptions,
  type LayoutRow,
} from '../../../../server/src/datasets/layouts/layout.ts';
import type { SourceRow } from '../../../../server/src/datasets/rowSource.ts';
import type { Trace } from '../../../../server/src/datasets/trace.ts';

/** Rows of a file under `test/fixtures/stepwise` or `test/fixtures/datasets`: JSON lines, or one JSON list. */
export function fixture(name: string): Fields[] {
  const folder = name.startsWith('stepwise/') ? '' : 'datasets/';
  const text = readFileSync(new URL(`../../../fixtures/${folder}${name}`, import.meta.url), 'utf8');
  if (name.endsWith('.json')) return JSON.parse(text) as Fields[];
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Fields);
}

export function numbered(rows: readonly Fields[]): SourceRow[] {
  return rows.map((fields, index) => ({ number: index + 1, fields }));
}

export function read(
  layout: LayoutName,
  fields: Fields,
  options: Partial<LayoutOptions> = {},
): LayoutRow | RowFault {
  return LAYOUT_TABLE[layout].reader({ ...LAYOUT_DEFAULTS, ...options })(fields);
}

/** The row, which must be one. */
export function readRow(layout: LayoutName, fields: Fields, options: Partial<LayoutOptions> = {}): LayoutRow {
  const row = read(layout, fields, options);
  if (isFault(row)) expect.fail(`${row.reason}: ${row.detail ?? ''}`);
  return row;
}

/** The first path of the row. */
export function mainPath(layout: LayoutName, fields: Fields, options: Partial<LayoutOptions> = {}): Trace {
  const [trace] = readRow(layout, fields, options).traces;
  return trace ?? expect.fail('no trace');
}

const SIGNS = { correct: '+', incorrect: '-', neutral: '0', unlabelled: '.' } as const;

/** A path's labels in one word: `++-.` */
export function signs({ steps }: Trace): string {
  return steps.map(({ label }) => SIGNS[label]).join('');
}

/** Labels of all steps of all rows. */
export function labelCounts(layout: LayoutName, rows: readonly Fields[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const fields of rows) {
    const row = read(layout, fields);
    if (isFault(row)) {
      counts.faults = (counts.faults ?? 0) + 1;
      continue;
    }
    counts.traces = (counts.traces ?? 0) + row.traces.length;
    for (const { steps } of row.traces) {
      for (const { label } of steps) counts[label] = (counts[label] ?? 0) + 1;
    }
  }
  return counts;
}
