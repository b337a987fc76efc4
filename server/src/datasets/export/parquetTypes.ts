// Which Parquet type holds the values of a column: found from the values, and widened when others come.
import type { SchemaElement } from 'hyparquet';
import type { ExportNotes } from './exportNotes.ts';
import { jsonValue } from './jsonValue.ts';

/**
 * `none`: only null so far. `long`: integers, some beyond 2^53, which a double cannot hold. `json`: objects, lists of lists
 * and values of several kinds.
 */
type Kind = 'none' | 'boolean' | 'integer' | 'long' | 'double' | 'string' | 'time' | 'binary' | 'json';

/** Of one column. A list of what is no scalar is `json` as a whole. */
export interface ColumnType {
  kind: Kind;
  list: boolean;
}

export const NOTHING: ColumnType = { kind: 'none', list: false };
const JSON_TYPE: ColumnType = { kind: 'json', list: false };

const INT64_MIN = -(1n << 63n);
const INT64_MAX = (1n << 63n) - 1n;

function kindOf(value: unknown): Kind {
  switch (typeof value) {
    case 'undefined':
      return 'none';
    case 'boolean':
      return 'boolean';
    case 'string':
      return 'string';
    case 'number':
      // Zero below zero has no integer.
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? 'integer' : 'double';
    case 'bigint':
      if (Number.isSafeInteger(Number(value))) return 'integer';
      return value >= INT64_MIN && value <= INT64_MAX ? 'long' : 'json';
    case 'object':
      if (value === null) return 'none';
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'json' : 'time';
      return value instanceof Uint8Array ? 'binary' : 'json';
    case 'symbol':
    case 'function':
      return 'json';
  }
}

/** The kind that holds what either holds. */
function widerKind(one: Kind, other: Kind): Kind {
  if (one === other || other === 'none') return one;
  if (one === 'none') return other;
  const both = new Set([one, other]);
  if (!both.has('integer')) return 'json';
  if (both.has('long')) return 'long';
  return both.has('double') ? 'double' : 'json';
}

export function widerType(one: ColumnType, other: ColumnType): ColumnType {
  if (isNothing(one)) return other;
  if (isNothing(other)) return one;
  if (one.list !== other.list) return JSON_TYPE;
  const kind = widerKind(one.kind, other.kind);
  return kind === 'json' ? JSON_TYPE : { kind, list: one.list };
}

function isNothing({ kind, list }: ColumnType): boolean {
  return kind === 'none' && !list;
}

export function sameType(one: ColumnType, other: ColumnType): boolean {
  return one.kind === other.kind && one.list === other.list;
}

/** The narrowest type of a column with these values. */
export function typeOfValues(values: readonly unknown[]): ColumnType {
  let type = NOTHING;
  for (const value of values) {
    const items = listItems(value);
    if (items === undefined) {
      const kind = kindOf(value);
      if (kind !== type.kind || type.list) type = widerType(type, { kind, list: false });
    } else {
      let kind: Kind = 'none';
      for (const item of items) kind = widerKind(kind, kindOf(item));
      type = widerType(type, kind === 'json' ? JSON_TYPE : { kind, list: true });
    }
    if (type.kind === 'json') break;
  }
  return type;
}

/** Parquet readers give lists of numbers as typed arrays; bytes alone are a value of their own. */
function listItems(value: unknown): Iterable<unknown> | undefined {
  if (Array.isArray(value)) return value as unknown[];
  if (!ArrayBuffer.isView(value) || value instanceof Uint8Array || value instanceof DataView)
    return undefined;
  return value as Iterable<unknown> & ArrayBufferView;
}

const HINTS: readonly (readonly [RegExp, Kind])[] = [
  [/^bool/, 'boolean'],
  [/^u?int/, 'integer'],
  [/^(?:float|double)/, 'double'],
  [/^timestamp/, 'time'],
  [/^binary/, 'binary'],
];

/** What a column without a value becomes, by the type that it has in its source. */
export function hintedType(shown: string): ColumnType {
  const inner = /^list<(?<item>.*)>$/.exec(shown)?.groups?.item;
  const kind = HINTS.find(([pattern]) => pattern.test(inner ?? shown))?.[1] ?? 'string';
  return { kind, list: inner !== undefined };
}

type Leaf = Pick<SchemaElement, 'type' | 'converted_type'>;

const LEAVES: Readonly<Record<Kind, Leaf>> = {
  none: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  boolean: { type: 'BOOLEAN' },
  integer: { type: 'INT64' },
  long: { type: 'INT64' },
  double: { type: 'DOUBLE' },
  time: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
  binary: { type: 'BYTE_ARRAY' },
  json: { type: 'BYTE_ARRAY', converted_type: 'JSON' },
};

/** The column in a Parquet schema; every value may be null. */
export function schemaOf(name: string, { kind, list }: ColumnType): SchemaElement[] {
  if (!list) return [{ name, ...LEAVES[kind], repetition_type: 'OPTIONAL' }];
  return [
    { name, num_children: 1, converted_type: 'LIST', repetition_type: 'OPTIONAL' },
    { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
    { name: 'element', ...LEAVES[kind], repetition_type: 'OPTIONAL' },
  ];
}

/** The values as the Parquet writer takes them for a column of the type. */
export function valuesFor(type: ColumnType, values: readonly unknown[], notes: ExportNotes): unknown[] {
  const one = (value: unknown): unknown => (value == null ? null : scalarFor(type.kind, value, notes));
  if (!type.list) return values.map(one);
  return values.map((value) => (value == null ? null : Array.from(listItems(value) ?? [], one)));
}

function scalarFor(kind: Kind, value: unknown, notes: ExportNotes): unknown {
  if (kind === 'json') return jsonValue(value, notes);
  if (kind === 'double') return Number(value);
  if ((kind === 'integer' || kind === 'long') && typeof value === 'number') return BigInt(value);
  return value;
}
