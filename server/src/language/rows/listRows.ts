// The rows of a .json document: the objects of one list, each with its place.
import { visit } from 'jsonc-parser';
import { isDeeper } from './jsonStrings.ts';
import type { RowText } from './rowDocument.ts';

/** A larger document is not read again after each edit: one with a row a line is. UTF-16 units. */
const LONGEST_LIST = 2_000_000;
const DEEPEST = 500;

/** None where the document is too large, nested too deep, or no list of objects. */
export function listRows(text: string): RowText[] {
  if (text.length > LONGEST_LIST || isDeeper(text, DEEPEST)) return [];
  const rows: RowText[] = [];
  let depth = 0;
  let start = 0;
  const open = (offset: number): void => {
    if (depth === 1) start = offset;
    depth++;
  };
  const close = (end: number, isRow: boolean): void => {
    depth--;
    if (depth === 1 && isRow) rows.push({ text: text.slice(start, end), start, number: rows.length + 1 });
  };
  visit(text, {
    onObjectBegin: open,
    onObjectEnd: (offset, length) => close(offset + length, true),
    onArrayBegin: open,
    onArrayEnd: (offset, length) => close(offset + length, false),
  });
  return rows;
}
