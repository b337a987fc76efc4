// The summary of a dataset as text on the screen.
import picocolors from 'picocolors';
import type {
  ColumnStatistics,
  DatasetSummary,
  FaultCount,
  FileSchema,
  Spread,
} from '../../../protocol/src/datasetSummary.ts';
import { STEP_LABELS } from '../../../protocol/src/datasets.ts';
import { textStart, visibleLine } from '../datasets/query/visibleText.ts';
import { count, sizeText } from './figures.ts';

const TITLE_WIDTH = 13;
const LINE_CHARACTERS = 100;
const BAR_WIDTH = 30;
/** Columns listed; a file can have thousands. */
const COLUMNS_SHOWN = 50;
const VALUE_CHARACTERS = 100;

type Colours = ReturnType<typeof picocolors.createColors>;

/** Lines of a titled part; those behind the first stand under it. */
interface Part {
  title: string;
  lines: string[];
}

export function summaryText(summary: DatasetSummary, colour: boolean): string {
  const paint = picocolors.createColors(colour);
  const parts = [...headParts(summary), ...traceParts(summary, paint), ...fileParts(summary, paint)];
  return partsText(parts, paint);
}

/** What is known before a file is read as a whole. */
type SummaryHead = Pick<DatasetSummary, 'path' | 'bytes' | 'schema' | 'layout'>;

/** Ended by an empty line. */
export function headText(head: SummaryHead, colour: boolean): string {
  return `${partsText(headParts(head), picocolors.createColors(colour))}\n`;
}

function partsText(parts: readonly Part[], paint: Colours): string {
  const lines = parts.flatMap(({ title, lines: [first = '', ...rest] }) => [
    `${paint.bold(title.padEnd(TITLE_WIDTH))} ${first}`,
    ...rest.map((line) => `${' '.repeat(TITLE_WIDTH + 1)}${line}`),
  ]);
  return `${lines.join('\n')}\n`;
}

function headParts({ path, bytes, schema, layout }: SummaryHead): Part[] {
  return [
    { title: 'File', lines: [`${visibleLine(path)}, ${KINDS[schema.kind]}, ${sizeText(bytes)}`] },
    {
      title: 'Layout',
      lines: [layout.title, ...layout.evidence.flatMap((line) => wrapped(visibleLine(line)))],
    },
  ];
}

/** Words of a sentence, in lines that fit most terminals. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= LINE_CHARACTERS)
      lines.splice(-1, 1, `${line} ${word}`);
    else lines.push(word);
  }
  return lines;
}

const KINDS = { parquet: 'Parquet', jsonl: 'JSONL', json: 'JSON', 'jsonl.gz': 'JSONL, compressed with gzip' };

function traceParts(summary: DatasetSummary, paint: Colours): Part[] {
  const { rows, traceRows, traces, problems, problemsExact, steps, emptySteps, labels } = summary;
  const other = rows - traceRows;
  const rowsLine =
    other === 0 || summary.layout.layout === null
      ? count(rows)
      : `${count(rows)}, ${count(traceRows)} of them in the layout`;
  const parts: Part[] = [{ title: 'Rows', lines: [rowsLine] }];
  if (traceRows === 0) return parts;
  parts.push({ title: 'Problems', lines: [`${problemsExact ? '' : 'about '}${count(problems)}`] });
  const empty = emptySteps === 0 ? '' : `, ${count(emptySteps)} without text`;
  parts.push({
    title: 'Steps',
    lines: [
      `${count(steps)} in ${count(traces)} paths${empty}`,
      ...spreadLines('a path', summary.stepsPerTrace, paint),
    ],
  });
  const labelled = STEP_LABELS.filter((label) => labels[label] > 0);
  const most = Math.max(...labelled.map((label) => labels[label]));
  const soft = summary.softLabels === 0 ? [] : [`${count(summary.softLabels)} steps have a soft label`];
  parts.push({
    title: 'Labels',
    lines: [
      ...labelled.map((label) => {
        const tint = {
          correct: paint.green,
          incorrect: paint.red,
          neutral: paint.yellow,
          unlabelled: paint.dim,
        }[label];
        const number = count(labels[label]).padStart(count(most).length);
        return `${label.padEnd(10)}  ${number}  ${share(labels[label], steps).padStart(7)}  ${tint(bar(labels[label], most))}`;
      }),
      ...soft,
    ],
  });
  parts.push({
    title: 'First error',
    lines: [
      summary.tracesWithError === 0
        ? 'no path has an incorrect step'
        : `${count(summary.tracesWithError)} of ${count(traces)} paths have an incorrect step (${share(summary.tracesWithError, traces)})`,
      ...spreadLines('the first is step', summary.firstError, paint),
    ],
  });
  parts.push({
    title: 'Characters',
    lines: [spreadLine('a problem', summary.problemCharacters), spreadLine('a step', summary.stepCharacters)],
  });
  for (const [wrapper, number] of Object.entries(summary.wrappers)) {
    parts.push({ title: 'Prompts', lines: [`${wrapper} wrapper taken off in ${count(number)} rows`] });
  }
  return parts;
}

function fileParts({ schema, columns, faults, seconds }: DatasetSummary, paint: Colours): Part[] {
  const parts: Part[] = [
    { title: 'Columns', lines: columnTable(columns, schema, paint) },
    ...parquetPart(schema),
    {
      title: 'Faulty rows',
      lines: faults.length === 0 ? ['none'] : faults.map((fault) => paint.yellow(faultLine(fault))),
    },
    { title: 'Time', lines: [`${seconds.toFixed(1)} s`] },
  ];
  return parts;
}

function faultLine({ reason, count: rows, firstRows, firstDetail }: FaultCount): string {
  const places = firstRows.map((row) => count(row)).join(', ');
  const more = rows > firstRows.length ? ', …' : '';
  const detail = firstDetail === undefined ? '' : ` (the first: ${short(firstDetail)})`;
  return `${count(rows)} × ${visibleLine(reason)}, row ${places}${more}${detail}`;
}

function columnTable(columns: readonly ColumnStatistics[], schema: FileSchema, paint: Colours): string[] {
  const rows = [['name', 'type', 'null', 'empty', 'distinct', 'range']];
  for (const column of columns.slice(0, COLUMNS_SHOWN)) {
    const { name, type, nulls, empty, distinct, distinctExact } = column;
    const about = distinctExact ? '' : '~';
    rows.push([
      short(name),
      short(type),
      count(nulls),
      count(empty),
      `${about}${count(distinct)}`,
      rangeText(column),
    ]);
  }
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const isText = [true, true, false, false, false, true];
  const lines = rows.map((row, index) => {
    const line = row
      .map((cell, column) =>
        isText[column] ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
    return index === 0 ? paint.dim(line) : line;
  });
  const more = Math.max(columns.length, schema.columns.length) - COLUMNS_SHOWN;
  return more > 0 ? [...lines, paint.dim(`… and ${count(more)} more`)] : lines;
}

function rangeText({ min, max, mean, length, type }: ColumnStatistics): string {
  if (min !== null && max !== null && mean !== null) return fromTo(min, max, '', mean);
  if (length === null) return '';
  return fromTo(length.min, length.max, /^(?:list|repeated)/.test(type) ? ' items' : ' long', length.mean);
}

function fromTo(min: number, max: number, unit: string, mean: number): string {
  return min === max
    ? `${number(min)}${unit}`
    : `${number(min)} to ${number(max)}${unit}, mean ${number(mean)}`;
}

function parquetPart({ parquet }: FileSchema): Part[] {
  if (parquet === undefined) return [];
  const { rowGroups, moreRowGroups, codecs, createdBy, keyValues } = parquet;
  const sizes = rowGroups.map(({ rows }) => rows);
  const groups = rowGroups.length + moreRowGroups;
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const range = least === most ? count(most) : `${count(least)} to ${count(most)}`;
  const each = sizes.length === 0 ? '' : ` of ${range} rows`;
  const lines = [
    `${count(groups)} row ${groups === 1 ? 'group' : 'groups'}${each}, ${codecs.map(visibleLine).join(', ')}`,
  ];
  if (createdBy !== null) lines.push(`written by ${short(createdBy)}`);
  for (const { key, value } of keyValues) lines.push(`${short(key)}: ${short(value)}`);
  return [{ title: 'Parquet', lines }];
}

function spreadLines(what: string, spread: Spread | null, paint: Colours): string[] {
  if (spread === null) return [];
  const { edges, counts } = spread.histogram;
  const most = Math.max(...counts);
  const labels = counts.map((_, bin) => binText(edges[bin] ?? 0, edges[bin + 1] ?? 0));
  const labelWidth = Math.max(...labels.map(({ length }) => length));
  const countWidth = count(most).length;
  const bars = counts.map(
    (value, bin) =>
      `  ${(labels[bin] ?? '').padStart(labelWidth)}  ${count(value).padStart(countWidth)}  ${paint.cyan(bar(value, most))}`,
  );
  return [spreadLine(what, spread), ...bars.map((line) => line.trimEnd())];
}

function spreadLine(what: string, spread: Spread | null): string {
  if (spread === null) return `${what}: none`;
  const { min, max, median, medianAbout, mean } = spread;
  const about = medianAbout === true ? 'about ' : '';
  return `${what}: ${count(min)} to ${count(max)}, median ${about}${number(median)}, mean ${number(mean)}`;
}

/** Bins hold integers: the upper edge is not in them. */
function binText(from: number, to: number): string {
  return to - from <= 1 ? count(from) : `${count(from)}–${count(to - 1)}`;
}

function bar(value: number, most: number): string {
  // What is there is never shown as nothing.
  return value === 0 ? '' : '█'.repeat(Math.max(1, Math.round((BAR_WIDTH * value) / most)));
}

function share(part: number, whole: number): string {
  return whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)} %`;
}

function short(text: string): string {
  const line = visibleLine(textStart(text, VALUE_CHARACTERS));
  return text.length > VALUE_CHARACTERS ? `${line}…` : line;
}

function number(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: Math.abs(value) < 1000 ? 3 : 6 });
}
