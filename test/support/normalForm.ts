// Values of two Parquet readers in one form, so that they can be compared: ours, and those of DuckDB's Node package.
import { isUtf8 } from 'node:buffer';
import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
} from '@duckdb/node-api';

/** All rows of a Parquet file, as DuckDB reads them. */
export async function duckdbRows(file: string): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet('${file}')`);
    const names = reader.columnNames();
    return reader.getRows().map((row) => record(names.map((name, index) => [name, row[index]])));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function record(entries: [string, unknown][]): Record<string, unknown> {
  return Object.fromEntries(entries.map(([name, value]) => [name, normalForm(value)]));
}

/**
 * Bytes that are UTF-8 are text, because old writers do not say which is which. Times are text with microseconds, which is as
 * far as DuckDB goes; -0 is 0, NaN is itself; whole numbers beyond 2^53 and decimals of more than 15 digits are text.
 */
export function normalForm(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return value === 0 ? 0 : value;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(normalForm);
  if (value instanceof Uint8Array) return bytesForm(value);
  if (value instanceof Date)
    return value.toISOString().replace(/(\.\d+)Z$/, (_, digits: string) => micros(digits));
  return duckdbForm(value) ?? record(Object.entries(value));
}

function duckdbForm(value: object): unknown {
  if (value instanceof DuckDBBlobValue) return bytesForm(value.bytes);
  if (value instanceof DuckDBDateValue) return value.toString();
  if (value instanceof DuckDBDecimalValue)
    return value.width <= 15 ? Number(value.toString()) : value.toString();
  if (value instanceof DuckDBListValue) return value.items.map(normalForm);
  if (value instanceof DuckDBStructValue) return record(Object.entries(value.entries));
  if (value instanceof DuckDBMapValue) {
    return record(value.entries.map((entry) => [String(normalForm(entry.key)), entry.value]));
  }
  if (value instanceof DuckDBTimestampNanosecondsValue) return timeForm(value.nanos / 1000n);
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue)
    return timeForm(value.micros);
  return undefined;
}

function bytesForm(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes);
  return isUtf8(buffer) ? buffer.toString('utf8') : `bytes ${buffer.toString('hex')}`;
}

function timeForm(microseconds: bigint): string {
  const seconds = microseconds / 1_000_000n - (microseconds % 1_000_000n < 0n ? 1n : 0n);
  const rest = microseconds - seconds * 1_000_000n;
  const text = new Date(Number(seconds) * 1000).toISOString().replace(/\.\d+Z$/, '');
  return `${text}.${String(rest).padStart(6, '0')}Z`;
}

function micros(digits: string): string {
  return `${digits.slice(0, 7).padEnd(7, '0')}Z`;
}
