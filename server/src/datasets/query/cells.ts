// One value, one row, as the dataset editor's table shows them: cut to what fits, harmless to look at.
import type { Cell, DatasetRow, TableColumn, TraceMarks } from '../../../../protocol/src/datasets.ts';
import { isFault, type Fields, type LayoutRow } from '../layouts/layout.ts';
import type { RowFault, SourceRow } from '../rowSource.ts';
import { bytesOf, itemsOf, jsonText, timeText } from './jsonText.ts';
import { textStart, visibleLine } from './visibleText.ts';

/** Characters of a cell. */
const CELL_CHARACTERS = 300;
/** Bytes of a binary value that a cell shows, as hexadecimal pairs. */
const CELL_BYTES = 64;
/** Steps of a row whose labels a cell shows. */
const CELL_LABELS = 64;

/** Reads a row's fields in the file's layout. */
export type RowReader = (fields: Fields) => LayoutRow | RowFault;

/**
 * Takes time for what the cell shows, whatever the value's size.
 * @param present whether the row has the field at all
 */
export function cellOf(value: unknown, present: boolean): Cell {
  if (!present) return { kind: 'missing', text: '' };
  switch (typeof value) {
    case 'string':
      if (value === '') return { kind: 'empty', text: '', length: 0 };
      return { ...cutCell('text', value, false), length: value.length };
    case 'number':
      return { kind: 'number', text: Object.is(value, -0) ? '-0' : String(value) };
    case 'bigint':
      return cutCell('number', String(value), false);
    case 'boolean':
      return { kind: 'boolean', text: String(value) };
    case 'object':
      return value === null ? NULL : objectCell(value);
    case 'undefined':
    case 'function':
    case 'symbol':
      return NULL;
  }
}

const NULL: Cell = { kind: 'null', text: 'null' };

function objectCell(value: object): Cell {
  if (value instanceof Date) return { kind: 'time', text: timeText(value) };
  const bytes = bytesOf(value);
  if (bytes !== undefined) {
    const pairs = Array.from(bytes.subarray(0, CELL_BYTES), (byte) => byte.toString(16).padStart(2, '0'));
    const cell = cutCell('binary', pairs.join(' '), bytes.length > CELL_BYTES);
    return { ...cell, length: bytes.length };
  }
  const items = itemsOf(value);
  if (items?.length === 0) return { kind: 'empty', text: '[]', length: 0 };
  const { text, cut } = jsonText(value, { limit: CELL_CHARACTERS, indent: 0 });
  if (items === undefined) return cutCell('object', text, cut);
  return { ...cutCell('list', text, cut), length: items.length };
}

/** @param cut whether `text` itself is only the beginning */
function cutCell(kind: Cell['kind'], text: string, cut: boolean): Cell {
  // Writing out what hides makes a text longer, never shorter.
  const start = visibleLine(textStart(text, CELL_CHARACTERS));
  const shown = textStart(start, CELL_CHARACTERS);
  const isCut = cut || text.length > CELL_CHARACTERS || start.length > shown.length;
  return isCut ? { kind, text: shown, cut: true } : { kind, text: shown };
}

/** The first path of a row at a glance. */
export function marksOf({ traces }: LayoutRow): TraceMarks {
  const steps = traces[0]?.steps ?? [];
  const firstError = steps.findIndex(({ label }) => label === 'incorrect');
  return {
    traces: traces.length,
    steps: steps.length,
    labels: steps.slice(0, CELL_LABELS).map(({ label }) => label),
    firstError: firstError < 0 ? null : firstError + 1,
  };
}

/**
 * @param position 0-based place in the file
 * @param columns a cell comes for each
 * @param read reads the row's layout; undefined where the file has none: the row then comes without marks
 */
export function rowView(
  { number, fields, fault }: SourceRow,
  position: number,
  columns: readonly TableColumn[],
  read: RowReader | undefined,
): DatasetRow {
  if (fields === undefined) {
    return { position, number, cells: [], fault: fault ?? { reason: 'the row is empty' } };
  }
  const cells = columns.map(({ name }) => cellOf(fields[name], Object.hasOwn(fields, name)));
  if (read === undefined) return { position, number, cells };
  const row = read(fields);
  return isFault(row)
    ? { position, number, cells, fault: row }
    : { position, number, cells, marks: marksOf(row) };
}
