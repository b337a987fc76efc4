// Values of any dataset as values that JSON can hold: long integers, times, bytes and NaN included.
import type { ExportNotes } from './exportNotes.ts';

/** The value itself where JSON holds it as it is, so that most rows cost no copy. */
export function jsonValue(value: unknown, notes: ExportNotes): unknown {
  switch (typeof value) {
    case 'bigint':
      return jsonInteger(value, notes);
    case 'number':
      if (Number.isFinite(value)) return value;
      notes.noNumbers++;
      return null;
    case 'object':
      return value === null ? null : jsonObject(value, notes);
    case 'string':
    case 'boolean':
    case 'undefined':
      return value;
    case 'symbol':
    case 'function':
      // No reader gives these.
      return null;
  }
}

function jsonInteger(value: bigint, notes: ExportNotes): number | string {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  notes.longIntegers++;
  return value.toString();
}

function jsonObject(value: object, notes: ExportNotes): unknown {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    let changed = false;
    const made = items.map((item) => {
      const one = jsonValue(item, notes);
      changed ||= one !== item;
      return one;
    });
    return changed ? made : items;
  }
  if (value instanceof Date) {
    notes.times++;
    return Number.isNaN(value.getTime()) ? null : value.toISOString();
  }
  if (ArrayBuffer.isView(value)) return jsonBytes(value, notes);
  let changed = false;
  const made = Object.entries(value).map(([key, item]: [string, unknown]) => {
    const one = jsonValue(item, notes);
    changed ||= one !== item;
    return [key, one] as const;
  });
  // `fromEntries` and not assignment: a field may be called `__proto__`.
  return changed ? Object.fromEntries(made) : value;
}

/** Base64 for bytes; a list for typed arrays of numbers, which Parquet readers give for lists. */
function jsonBytes(value: ArrayBufferView, notes: ExportNotes): unknown {
  if (value instanceof Uint8Array) {
    notes.binary++;
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  }
  if (value instanceof DataView)
    return jsonBytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), notes);
  return jsonObject(Array.from(value as Iterable<unknown> & ArrayBufferView), notes);
}
