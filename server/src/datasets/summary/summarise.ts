// The summary of a dataset file: one pass over all rows, in memory that does not grow with the file.
import type { DatasetSummary } from '../../../../protocol/src/datasetSummary.ts';
import type { LayoutName, LayoutReport } from '../../../../protocol/src/datasets.ts';
import { isFault } from '../layouts/layout.ts';
import { openTableLayout } from '../query/openRows.ts';
import type { Table } from '../table/table.ts';
import { ColumnCounters } from './columns.ts';
import { FaultCounter } from './faults.ts';
import { TraceCounter, type TraceFigures } from './traces.ts';

export interface SummaryOptions {
  signal?: AbortSignal | undefined;
  /** Told after every batch: 0 to 1 of the file. */
  onProgress?: ((share: number) => void) | undefined;
  /** In place of the one that the rows look like. */
  layout?: LayoutName | undefined;
}

/**
 * Problems are told apart as `prm format` does: by their clean text, white space and Unicode forms made alike. Lengths
 * of texts are UTF-16 units.
 * @throws PrmError where the file is damaged beyond single rows; CancelledError where the signal was aborted
 */
export async function summarise(table: Table, options: SummaryOptions = {}): Promise<DatasetSummary> {
  const started = performance.now();
  const { signal, onProgress } = options;
  const { report, layout, read } = await openTableLayout(table, options.layout, signal);
  const columns = new ColumnCounters(table.columns);
  const faults = new FaultCounter();
  const traces = layout === undefined ? undefined : new TraceCounter(layout.name);
  let rows = 0;
  for await (const batch of table.batches(undefined, signal)) {
    for (const { number, fields, fault } of batch.rows) {
      rows++;
      if (fields === undefined) {
        faults.add(number, fault ?? { reason: 'the row is empty' });
        continue;
      }
      columns.add(fields);
      const row = read?.(fields);
      if (row === undefined) continue;
      if (isFault(row)) faults.add(number, row);
      else traces?.add(row);
    }
    onProgress?.(table.extent === 0 ? 1 : Math.min(1, batch.position / table.extent));
  }
  return {
    path: table.path,
    bytes: table.bytes,
    layout: explained(report),
    schema: table.schema(),
    rows,
    ...(traces?.figures() ?? NO_TRACES),
    columns: columns.statistics(),
    faults: faults.list(),
    seconds: (performance.now() - started) / 1000,
  };
}

/** A formatted file's figures mean something else than another's: its evidence says so. */
function explained(report: LayoutReport): LayoutReport {
  if (report.layout !== 'formatted') return report;
  const meaning =
    'A row is one example: a labelled step with the steps before it. Steps and labels are counted once for each row; ' +
    'the length of a path is the number of steps up to the example.';
  return { ...report, evidence: [...report.evidence, meaning] };
}

const NO_TRACES: TraceFigures = {
  traceRows: 0,
  traces: 0,
  problems: 0,
  problemsExact: true,
  steps: 0,
  emptySteps: 0,
  labels: { correct: 0, incorrect: 0, neutral: 0, unlabelled: 0 },
  softLabels: 0,
  tracesWithError: 0,
  stepsPerTrace: null,
  firstError: null,
  problemCharacters: null,
  stepCharacters: null,
  wrappers: {},
};
