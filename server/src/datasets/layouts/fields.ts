// Reading one row's fields: each function gives the value, or the fault that names field, place and value.
import { readPrompt, type Unwrapped } from '../promptWrapper.ts';
import type { RowFault } from '../rowSource.ts';
import { isFault, type Fields } from './layout.ts';

/** Where in a row, from its top-level field inwards. */
export type Place = readonly (string | number)[];

export function faultAt(place: Place, reason: string, detail?: string): RowFault {
  return { reason, ...(detail === undefined ? {} : { detail }), place: [...place] };
}

/** @returns the field as a list, or the fault */
export function listField(fields: Fields, name: string): readonly unknown[] | RowFault {
  const value = fromJson(fields[name]);
  if (value == null) return missing(name);
  return Array.isArray(value)
    ? (value as unknown[])
    : faultAt([name], `\`${name}\` is no list`, shown(value));
}

/** @returns the field as text, or the fault */
export function textField(fields: Fields, name: string): string | RowFault {
  const value = fields[name];
  if (value == null) return missing(name);
  return typeof value === 'string' ? value : faultAt([name], `\`${name}\` is no text`, shown(value));
}

/** @returns the texts of a list that is not empty, or the fault */
export function textsField(fields: Fields, name: string): string[] | RowFault {
  const list = listField(fields, name);
  return isFault(list) ? list : textsOf(list, [name]);
}

/** @param place where `list` stands in the row */
export function textsOf(list: readonly unknown[], place: Place): string[] | RowFault {
  if (list.length === 0) return faultAt(place, 'no steps');
  for (let index = 0; index < list.length; index++) {
    if (typeof list[index] !== 'string') {
      return faultAt([...place, index], 'a step is no text', numbered(index, list[index]));
    }
  }
  return list as string[];
}

/** The problem, out of its chat wrapper. @returns the fault where the field holds none */
export function problemField(fields: Fields, name: string): Unwrapped | RowFault {
  const value = fields[name];
  if (value == null) return missing(name);
  const unwrapped = readPrompt(value);
  if (unwrapped === undefined) {
    return faultAt([name], `\`${name}\` is neither text nor chat messages`, shown(value));
  }
  return unwrapped.problem === '' ? faultAt([name], 'the problem is empty') : unwrapped;
}

/** A reference answer, or a row's name in its dataset: text or a number. @returns undefined where there is none */
export function textOrNumber(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined;
}

/** A whole number that may come as a Parquet int64 or as text. @returns undefined for anything else */
export function wholeNumber(value: unknown): number | undefined {
  const number =
    typeof value === 'bigint' || (typeof value === 'string' && /^\s*[-+]?\d{1,15}\s*$/.test(value))
      ? Number(value)
      : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

/** A list or object that was stored as JSON text, as a Parquet or CSV column may hold it; else the value itself. */
export function fromJson(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch (error) {
    // No JSON, or too deep for the parser: whoever wants a list or an object will say that this is none.
    if (error instanceof SyntaxError || error instanceof RangeError) return value;
    throw error;
  }
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function missing(name: string): RowFault {
  return { reason: `\`${name}\` is missing` };
}

/** A list's item in a message, counted from 1. */
export function numbered(index: number, value: unknown): string {
  return `number ${index + 1}: ${shown(value)}`;
}

const SHOWN = 60;

/** A value in a message: short, on one line. Only its beginning is looked at, however large or deep it is. */
export function shown(value: unknown): string {
  const text = beginning(value, SHOWN + 1);
  return text.length > SHOWN ? `${text.slice(0, SHOWN - 3)}…` : text;
}

/** JSON of about the first `room` characters. */
function beginning(value: unknown, room: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, room));
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no date' : JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? typeof value;
  const isList = Array.isArray(value);
  let text = '';
  // A tree that is deeper than there is room for is cut: each level takes a character at least.
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    if (text.length >= room) break;
    if (text !== '') text += ',';
    if (!isList) text += `${JSON.stringify(key.slice(0, room))}:`;
    const left = room - text.length - 1;
    if (left > 0) text += beginning((value as Fields)[key], left);
  }
  return isList ? `[${text}]` : `{${text}}`;
}
