// What stored numbers and bytes mean: dates, decimals, texts … https://github.com/apache/parquet-format/blob/master/LogicalTypes.md
import { isUtf8 } from 'node:buffer';
import type { SchemaElement, TimeUnit } from 'hyparquet';
import { dateOf, daysText, intervalText, timeText } from './time.ts';

/** A number as it is stored; of INT96 nanoseconds since 1970. */
export type Stored = number | bigint | boolean;

/** How the values of a column are made from what is stored; the one that fits the physical type is used. */
export interface Meaning {
  ofBytes(bytes: Buffer, start: number, end: number): unknown;
  ofStored(value: Stored): unknown;
}

/** Digits that every double holds exactly. */
const EXACT_DIGITS = 15;

export function meaningOf(element: SchemaElement): Meaning {
  return { ofBytes: bytesMeaning(element), ofStored: numberMeaning(element) };
}

function bytesMeaning(element: SchemaElement): Meaning['ofBytes'] {
  const { converted_type: converted, logical_type: logical, type_length: length } = element;
  const decimal = decimalMeaning(element);
  if (decimal !== undefined) return (bytes, start, end) => decimal(bigEndian(bytes, start, end));
  if (
    converted === 'UTF8' ||
    converted === 'ENUM' ||
    logical?.type === 'STRING' ||
    logical?.type === 'ENUM'
  ) {
    return (bytes, start, end) => bytes.toString('utf8', start, end);
  }
  if (converted === 'JSON' || logical?.type === 'JSON') {
    return (bytes, start, end) => jsonOrText(bytes.toString('utf8', start, end));
  }
  if (logical?.type === 'UUID' && length === 16) {
    return (bytes, start, end) => uuid(bytes.toString('hex', start, end));
  }
  if (logical?.type === 'FLOAT16' && length === 2)
    return (bytes, start) => halfFloat(bytes.readUInt16LE(start));
  if (converted === 'INTERVAL' && length === 12) return (bytes, start) => intervalText(bytes, start);
  const plain = element.type === 'BYTE_ARRAY' && converted === undefined && logical === undefined;
  return (bytes, start, end) => {
    const value = bytes.subarray(start, end);
    // Old writers mark no texts.
    return plain && isUtf8(value) ? value.toString('utf8') : Uint8Array.from(value);
  };
}

function numberMeaning(element: SchemaElement): Meaning['ofStored'] {
  const { type, converted_type: converted, logical_type: logical } = element;
  const decimal = decimalMeaning(element);
  if (decimal !== undefined) return (value) => decimal(BigInt(value));
  if (type === 'INT96') return (value) => dateOf(BigInt(value), 'NANOS');
  if (converted === 'DATE' || logical?.type === 'DATE') return (value) => daysText(Number(value));
  const stamp = timestampUnit(element);
  if (stamp !== undefined) return (value) => dateOf(BigInt(value), stamp);
  const time = timeUnit(element);
  if (time !== undefined) return (value) => timeText(BigInt(value), time);
  const unsigned = converted?.startsWith('UINT_') ?? (logical?.type === 'INTEGER' && !logical.isSigned);
  if (type === 'INT32') return unsigned ? (value) => Number(value) >>> 0 : (value) => value;
  if (type === 'INT64')
    return (value) => wholeNumber(unsigned ? BigInt.asUintN(64, BigInt(value)) : BigInt(value));
  return (value) => value;
}

/** A number where a double holds it exactly, as nearly every one is. */
function wholeNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function timestampUnit({
  converted_type: converted,
  logical_type: logical,
}: SchemaElement): TimeUnit | undefined {
  if (logical?.type === 'TIMESTAMP') return logical.unit;
  if (converted === 'TIMESTAMP_MILLIS') return 'MILLIS';
  return converted === 'TIMESTAMP_MICROS' ? 'MICROS' : undefined;
}

function timeUnit({ converted_type: converted, logical_type: logical }: SchemaElement): TimeUnit | undefined {
  if (logical?.type === 'TIME') return logical.unit;
  if (converted === 'TIME_MILLIS') return 'MILLIS';
  return converted === 'TIME_MICROS' ? 'MICROS' : undefined;
}

function decimalSize(element: SchemaElement): { precision: number; scale: number } | undefined {
  const { converted_type: converted, logical_type: logical } = element;
  if (logical?.type === 'DECIMAL') return { precision: logical.precision, scale: logical.scale };
  if (converted !== 'DECIMAL') return undefined;
  return { precision: element.precision ?? 0, scale: element.scale ?? 0 };
}

/** A number where doubles hold every value of the column as it is written; otherwise text, which loses nothing. */
function decimalMeaning(element: SchemaElement): ((unscaled: bigint) => unknown) | undefined {
  const size = decimalSize(element);
  if (size === undefined) return undefined;
  const scale = Math.max(0, Math.min(size.scale, 1000));
  const exact = size.precision <= EXACT_DIGITS;
  return (unscaled) => (exact ? Number(decimalText(unscaled, scale)) : decimalText(unscaled, scale));
}

function decimalText(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function bigEndian(bytes: Buffer, start: number, end: number): bigint {
  if (end === start) return 0n;
  return BigInt.asIntN(8 * (end - start), BigInt(`0x${bytes.toString('hex', start, end)}`));
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Shown as it is: one bad value is no reason to refuse the file.
    return text;
  }
}

function uuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = (bits & 0x3ff) / 1024;
  if (exponent === 0) return sign * fraction * 2 ** -14;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction) * 2 ** (exponent - 15);
}

const UNIT_NAMES: Record<TimeUnit, string> = { MILLIS: 'ms', MICROS: 'us', NANOS: 'ns' };

/** For people: `string`, `int64`, `decimal(9,2)`, `timestamp(us)`. */
export function leafTypeName(element: SchemaElement): string {
  const { type, converted_type: converted, logical_type: logical, type_length: length } = element;
  const decimal = decimalSize(element);
  if (decimal !== undefined) return `decimal(${decimal.precision},${decimal.scale})`;
  const stamp = timestampUnit(element);
  if (stamp !== undefined) return `timestamp(${UNIT_NAMES[stamp]})`;
  const time = timeUnit(element);
  if (time !== undefined) return `time(${UNIT_NAMES[time]})`;
  if (logical?.type === 'INTEGER') return `${logical.isSigned ? '' : 'u'}int${logical.bitWidth}`;
  if (converted?.startsWith('INT_') || converted?.startsWith('UINT_'))
    return converted.toLowerCase().replace('_', '');
  if (converted === 'UTF8' || logical?.type === 'STRING') return 'string';
  const named = logical?.type ?? converted;
  if (named !== undefined) return named.toLowerCase();
  switch (type) {
    case 'BOOLEAN':
      return 'bool';
    case 'INT96':
      return 'timestamp(ns)';
    case 'BYTE_ARRAY':
      return 'binary';
    case 'FIXED_LEN_BYTE_ARRAY':
      return `binary(${length ?? 0})`;
    case 'INT32':
    case 'INT64':
    case 'FLOAT':
    case 'DOUBLE':
      return type.toLowerCase();
    case undefined:
    default:
      return 'unknown';
  }
}
