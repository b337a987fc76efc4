// Reads which rows a person means: `3:7`, `:10`, `200:`, `12`.
import { InvalidArgumentError } from 'commander';

/** As people count, both ends included. */
export interface RowRange {
  from: number;
  /** Infinity: up to the last row. */
  to: number;
}

const RANGE = /^\s*(?<from>\d[\d_,]*)?\s*(?<colon>:)?\s*(?<to>\d[\d_,]*)?\s*$/;

/** @throws InvalidArgumentError where the text names no rows */
export function readRowRange(text: string): RowRange {
  const { from, colon, to } = RANGE.exec(text)?.groups ?? {};
  if (colon === undefined && (from === undefined || to !== undefined)) {
    throw new InvalidArgumentError('Write A:B (both included, the first row is 1), A:, :B or one row.');
  }
  const range = { from: numberOf(from) ?? 1, to: colon === undefined ? numberOf(from) : numberOf(to) };
  const { from: first, to: last = Infinity } = range;
  if (first < 1 || last < 1) throw new InvalidArgumentError('The first row is 1.');
  if (!Number.isSafeInteger(first) || (last !== Infinity && !Number.isSafeInteger(last))) {
    throw new InvalidArgumentError('No file has so many rows.');
  }
  if (last < first) {
    throw new InvalidArgumentError(`Row ${last} comes before row ${first}: write ${last}:${first}.`);
  }
  return { from: first, to: last };
}

function numberOf(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits.replaceAll(/[_,]/g, ''));
}
