// What `prm inspect` does: opens each file of the dataset, and prints its summary or its rows.
import type { TraceView } from '../../../protocol/src/datasets.ts';
import type { RowReader } from '../datasets/query/cells.ts';
import { openTableLayout } from '../datasets/query/openRows.ts';
import { rowsInRange } from '../datasets/query/rowsInRange.ts';
import { traceViewOf } from '../datasets/query/traceView.ts';
import { resolveDataset } from '../datasets/resolveDataset.ts';
import { summarise } from '../datasets/summary/summarise.ts';
import { openTables } from '../datasets/query/joinedTable.ts';
import type { Table } from '../datasets/table/table.ts';
import { PrmError, throwIfCancelled } from '../support/errors.ts';
import type { CommandContext } from './command.ts';
import type { InspectOptions } from './inspect.ts';
import { traceText } from './inspectRows.ts';
import { headText, summaryText } from './inspectScreen.ts';
import { ProgressLine } from './progressLine.ts';
import type { RowRange } from './rowRange.ts';

/** Paths of one row that are shown as text. */
const PATHS_SHOWN = 20;

/** @throws PrmError where the dataset cannot be had or read, or has none of the rows asked for */
export async function inspect(
  dataset: string,
  options: InspectOptions,
  context: CommandContext,
): Promise<void> {
  const { signal, environment } = context;
  const download = new ProgressLine(context, 'Downloading');
  const { files } = await resolveDataset(dataset, {
    signal,
    environment,
    onBytes: (done, total) => {
      download.update(done, total);
    },
  }).finally(() => {
    download.clear();
  });
  const table = await openTables(files);
  try {
    if (options.json === true) await printJson(table, options, context);
    else if (options.rows === undefined)
      await write(context, summaryText(await summary(table, options, context), context.colour));
    else await printRows(table, options.rows, options, context);
  } finally {
    await table.close();
  }
}

async function summary(table: Table, { layout }: InspectOptions, context: CommandContext) {
  const progress = new ProgressLine(context, 'Reading');
  return summarise(table, {
    signal: context.signal,
    layout,
    onProgress: (share) => {
      progress.update(share, 1);
    },
  }).finally(() => {
    progress.clear();
  });
}

async function printRows(
  table: Table,
  range: RowRange,
  { layout }: InspectOptions,
  context: CommandContext,
): Promise<void> {
  const { report, read } = await openTableLayout(table, layout, context.signal);
  const { path, bytes } = table;
  await write(context, headText({ path, bytes, layout: report, schema: table.schema() }, context.colour));
  const unit = table.kind === 'jsonl' || table.kind === 'jsonl.gz' ? 'Line' : 'Row';
  for await (const paths of tracesOf(table, range, read, context.signal)) {
    for (const view of paths.slice(0, PATHS_SHOWN))
      await write(context, traceText(view, unit, context.colour));
    const more = paths.length - PATHS_SHOWN;
    if (more > 0) await write(context, `… and ${more} more paths of this row\n\n`);
  }
}

/** One object; the traces are written one by one, since a range may name all rows of a large file. */
async function printJson(table: Table, options: InspectOptions, context: CommandContext): Promise<void> {
  // The number of paths is called so here, since `traces` is the list of them.
  const { traces: pathCount, ...rest } = await summary(table, options, context);
  const text = JSON.stringify({ ...rest, paths: pathCount }, null, 2);
  if (options.rows === undefined) {
    await write(context, `${text}\n`);
    return;
  }
  const { read } = await openTableLayout(table, options.layout, context.signal);
  await write(context, `${text.slice(0, text.lastIndexOf('\n}'))},\n  "traces": [`);
  let before = '';
  try {
    for await (const paths of tracesOf(table, options.rows, read, context.signal)) {
      for (const { position, number, trace, fault } of paths) {
        await write(context, `${before}\n    ${JSON.stringify({ position, number, trace, fault })}`);
        before = ',';
      }
    }
  } finally {
    // A whole object, also where there are no such rows.
    await write(context, '\n  ]\n}\n');
  }
}

/** The paths of each row; a row that does not fit comes once, with its fault. */
async function* tracesOf(
  table: Table,
  { from, to }: RowRange,
  read: RowReader | undefined,
  signal: AbortSignal,
): AsyncGenerator<TraceView[]> {
  let found = false;
  for await (const { row, position } of rowsInRange(table, from, to, signal)) {
    throwIfCancelled(signal);
    found = true;
    const first = traceViewOf(row, position, read);
    const paths = [first];
    for (let trace = 1; trace < (first.trace?.count ?? 0); trace++) {
      paths.push(traceViewOf(row, position, read, { trace }));
    }
    yield paths;
  }
  if (found) return;
  const rows = to === from ? `row ${from}` : `rows ${from} to ${to === Infinity ? 'the last' : to}`;
  throw new PrmError({
    where: table.path,
    what: `the file has no ${rows}`,
    remedy: 'Ask for earlier rows; the summary says how many there are.',
  });
}

async function write({ stdout }: CommandContext, text: string): Promise<void> {
  if (stdout.write(text)) return;
  await new Promise<void>((resolve) => {
    // What a failure means is decided by cli.ts; here it only ends the wait.
    const goOn = (): void => {
      for (const event of ['drain', 'close', 'error']) stdout.off(event, goOn);
      resolve();
    };
    for (const event of ['drain', 'close', 'error']) stdout.on(event, goOn);
  });
}
