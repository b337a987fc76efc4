// The bytes of one row as its fields, or why they are none.
import { isUtf8 } from 'node:buffer';
import { messageOf } from '../../../support/errors.ts';
import type { SourceRow } from '../../rowSource.ts';

/** Bytes of a line that cannot be read which are kept for people to look at. */
const TEXT_BYTES = 200_000;

/**
 * @param what the bytes are, for people: `line`, `element`
 * @param number of the row, as people count it
 */
export function parseRow(bytes: Buffer, number: number, what: string): SourceRow {
  if (!isUtf8(bytes)) return { ...faultyRow(number, `the ${what} is not UTF-8`), text: textOf(bytes) };
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    return { ...faultyRow(number, `the ${what} is not JSON`, messageOf(error)), text: textOf(bytes) };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ...faultyRow(number, `the ${what} is no JSON object`), text: textOf(bytes) };
  }
  return { number, fields: value as Record<string, unknown> };
}

function textOf(bytes: Buffer): string {
  return bytes.toString('utf8', 0, TEXT_BYTES);
}

export function faultyRow(number: number, reason: string, detail?: string): SourceRow {
  return { number, fields: undefined, fault: detail === undefined ? { reason } : { reason, detail } };
}
