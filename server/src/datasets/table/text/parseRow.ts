// The bytes of one row as its fields, or why they are none.
import { isUtf8 } from 'node:buffer';
import { messageOf } from '../../../support/errors.ts';
import type { SourceRow } from '../../rowSource.ts';

/**
 * @param what the bytes are, for people: `line`, `element`
 * @param number of the row, as people count it
 */
export function parseRow(bytes: Buffer, number: number, what: string): SourceRow {
  if (!isUtf8(bytes)) return faultyRow(number, `the ${what} is not UTF-8`);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    return faultyRow(number, `the ${what} is not JSON`, messageOf(error));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return faultyRow(number, `the ${what} is no JSON object`);
  }
  return { number, fields: value as Record<string, unknown> };
}

export function faultyRow(number: number, reason: string, detail?: string): SourceRow {
  return { number, fields: undefined, fault: detail === undefined ? { reason } : { reason, detail } };
}
