// Reads rows that were made for export as a reader will: what comes back must be what went in.
import { ExampleJoiner } from '../formattedTraces.ts';
import { isFault, LAYOUT_DEFAULTS, type Fields } from '../layouts/layout.ts';
import { LAYOUT_TABLE } from '../layouts/index.ts';
import type { Step, Trace } from '../trace.ts';
import type { ExportTarget } from './targets/target.ts';

/** @returns undefined where a row cannot be read */
export function readBack({ layout }: ExportTarget, rows: readonly Fields[]): Trace[] | undefined {
  if (layout === 'formatted') {
    const joiner = new ExampleJoiner();
    return rows.every((row) => joiner.add(row) === undefined) ? joiner.traces : undefined;
  }
  const read = LAYOUT_TABLE[layout].reader(LAYOUT_DEFAULTS);
  const traces: Trace[] = [];
  for (const fields of rows) {
    const row = read(fields);
    if (isFault(row)) return undefined;
    traces.push(...row.traces);
  }
  return traces;
}

export function sameTraces(some: readonly Trace[], others: readonly Trace[]): boolean {
  return some.length === others.length && some.every((trace, index) => sameTrace(trace, others[index]));
}

function sameTrace({ problem, steps, alternativeAt }: Trace, other: Trace | undefined): boolean {
  return (
    other?.problem === problem &&
    other.alternativeAt === alternativeAt &&
    other.steps.length === steps.length &&
    steps.every((step, index) => sameStep(step, other.steps[index]))
  );
}

function sameStep({ text, label, soft }: Step, other: Step | undefined): boolean {
  return other?.text === text && other.label === label && other.soft === soft;
}
