// Tests of one column's value against what a person typed.
import type { RowCondition } from '../../../../protocol/src/datasets.ts';
import { jsonText, timeText } from './jsonText.ts';

type ColumnCondition = Extract<RowCondition, { kind: 'column' }>;

/**
 * A test of a column. A number is compared as a number where the typed value is one too; everything else by its text:
 * times as ISO 8601, lists and objects as JSON on one line (`["a", 1]`). `contains` takes no account of case.
 * `not-equals` holds for all that `equals` does not, null included; null is neither less nor greater than anything.
 */
export function columnTest({ test, value }: ColumnCondition): (cell: unknown) => boolean {
  const typed = numberOf(value);
  switch (test) {
    case 'is-null':
      return (cell) => cell == null;
    case 'not-null':
      return (cell) => cell != null;
    case 'equals':
      return (cell) => equals(cell, value, typed);
    case 'not-equals':
      return (cell) => !equals(cell, value, typed);
    case 'less':
      return (cell) =>
        isOrdered(
          cell,
          (one) => (typed !== undefined ? one < typed : undefined),
          (one) => one < value,
        );
    case 'greater':
      return (cell) =>
        isOrdered(
          cell,
          (one) => (typed !== undefined ? one > typed : undefined),
          (one) => one > value,
        );
    case 'contains': {
      const wanted = foldCase(value);
      return (cell) =>
        containsText(cell, wanted) || (isPlain(cell) && foldCase(textOf(cell)).includes(wanted));
    }
  }
}

/** What makes texts alike that differ in case only. Upper case, since lower case depends on the letters around (ς, σ). */
export function foldCase(text: string): string {
  return text.toUpperCase();
}

/**
 * Whether any text inside the value holds the wanted one.
 * @param wanted folded
 */
export function containsText(value: unknown, wanted: string, depth = 0): boolean {
  if (typeof value === 'string') return foldCase(value).includes(wanted);
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return false;
  if (Array.isArray(value)) return value.some((item) => containsText(item, wanted, depth + 1));
  if (ArrayBuffer.isView(value) || value instanceof Date) return false;
  return Object.values(value).some((member) => containsText(member, wanted, depth + 1));
}

/** Deeper texts are not searched, so that recursion stays far from the stack's end. */
const DEEPEST = 1000;

/** A whole number of any length as a bigint where a number cannot hold it exactly; undefined where it is none. */
function numberOf(value: string): number | bigint | undefined {
  const text = value.trim();
  if (text === '') return undefined;
  const number = Number(text);
  if (Number.isNaN(number)) return undefined;
  return /^[-+]?\d+$/.test(text) && !Number.isSafeInteger(number) ? BigInt(text) : number;
}

function equals(cell: unknown, value: string, typed: number | bigint | undefined): boolean {
  if (cell == null) return false;
  // Not `===`: a bigint and a number are compared exactly, too.
  if (isNumber(cell) && typed !== undefined) return cell <= typed && cell >= typed;
  return textOf(cell, value.length + 1) === value;
}

function isOrdered(
  cell: unknown,
  numbers: (cell: number | bigint) => boolean | undefined,
  texts: (cell: string) => boolean,
): boolean {
  if (cell == null) return false;
  return (isNumber(cell) ? numbers(cell) : undefined) ?? texts(textOf(cell));
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function isPlain(value: unknown): boolean {
  return isNumber(value) || typeof value === 'boolean' || value instanceof Date;
}

/** @param limit characters of lists and objects that are needed */
function textOf(value: unknown, limit = 1000): string {
  if (typeof value === 'string') return value;
  if (isNumber(value) || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return timeText(value);
  return jsonText(value, { limit, indent: 0 }).text;
}
