// Rows as CSV (RFC 4180 quoting, line feeds, a header): null is an empty cell, an empty text is `""`.
import { stringify } from 'csv-stringify/sync';
import type { TableColumn } from '../../../../protocol/src/datasets.ts';
import type { ExportNotes } from './exportNotes.ts';
import { jsonValue } from './jsonValue.ts';
import type { OutputFile } from './outputFile.ts';
import type { RowEncoder } from './rowFile.ts';
import { TextBuffer } from './textBuffer.ts';
import { otherFields } from './otherFields.ts';

const FORMULA = /^[=+\-@]/;

export function csvRows(output: OutputFile, columns: readonly TableColumn[], notes: ExportNotes): RowEncoder {
  const names = columns.map(({ name }) => name);
  const known = new Set(names);
  const buffer = new TextBuffer(output);
  // A row that is one empty cell would be a blank line, which readers skip.
  const single = names.length === 1;
  const line = (cells: (string | null)[]): string =>
    stringify([cells], single ? { quoted_empty: true } : { quoted_match: /^$/ });
  let headed = false;
  const header = (): string => {
    if (headed) return '';
    headed = true;
    return line(names);
  };
  return {
    write: (fields) => {
      const others = otherFields(fields, known);
      if (others.length > 0) notes.otherFields(others);
      const cells = names.map((name) => {
        const value = fields[name];
        if (value === undefined) notes.missing++;
        if (value != null) return cellText(value, notes);
        if (single) notes.empty++;
        return null;
      });
      return buffer.add(header() + line(cells));
    },
    end: () => {
      const rest = buffer.add(header());
      return rest ?? buffer.flush();
    },
  };
}

function cellText(value: unknown, notes: ExportNotes): string {
  if (typeof value === 'string') {
    if (FORMULA.test(value)) notes.formulas++;
    return value;
  }
  // Numbers need no care here: no reader of CSV is a reader of JSON.
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value);
  const plain = jsonValue(value, notes);
  if (typeof plain === 'string') return plain;
  notes.nested++;
  return JSON.stringify(plain);
}
