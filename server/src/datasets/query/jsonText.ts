// Writes a value as JSON up to a number of characters: the work is bounded by the limit, not by the value.
import { textStart } from './visibleText.ts';

interface JsonText {
  text: string;
  /** Whether `text` is only the beginning. */
  cut: boolean;
}

interface JsonStyle {
  /** Characters (UTF-16 units) at most. */
  limit: number;
  /** Spaces for each level; 0: on one line, a space behind each comma and colon. */
  indent: number;
}

/** Deeper values are cut, so that recursion stays far from the stack's end. */
const DEEPEST = 1000;

/**
 * Values of a Parquet file that JSON has no word for: 64-bit integers are written in full, NaN and infinities as texts,
 * times as ISO 8601 texts, binary values as base64 texts.
 */
export function jsonText(value: unknown, style: JsonStyle): JsonText {
  const writer = new JsonWriter(style);
  writer.value(value, 0);
  return { text: writer.parts.join(''), cut: writer.cut };
}

class JsonWriter {
  readonly parts: string[] = [];
  cut = false;
  private left: number;

  constructor(private readonly style: JsonStyle) {
    this.left = style.limit;
  }

  /** @returns false where nothing more fits */
  value(value: unknown, depth: number): boolean {
    switch (typeof value) {
      case 'string':
        return this.string(value);
      case 'number':
        return this.number(value);
      case 'bigint':
      case 'boolean':
        return this.put(String(value));
      case 'object':
        return this.object(value, depth);
      case 'undefined':
      case 'function':
      case 'symbol':
        return this.put('null');
    }
  }

  private object(value: object | null, depth: number): boolean {
    if (value === null) return this.put('null');
    if (value instanceof Date) return this.put(`"${timeText(value)}"`);
    const bytes = bytesOf(value);
    // Four characters for three bytes; a little more than fits is enough.
    if (bytes !== undefined) return this.put(`"${base64Start(bytes, this.left)}"`);
    if (depth > DEEPEST) {
      this.cut = true;
      return false;
    }
    const items = itemsOf(value);
    return items === undefined ? this.members(value, depth) : this.items(items, depth);
  }

  private items(items: ArrayLike<unknown>, depth: number): boolean {
    if (items.length === 0) return this.put('[]');
    if (!this.put('[')) return false;
    for (let index = 0; index < items.length; index++) {
      if (!this.separate(index === 0, depth + 1) || !this.value(items[index], depth + 1)) return false;
    }
    return this.end(']', depth);
  }

  private members(value: object, depth: number): boolean {
    if (!this.put('{')) return false;
    let first = true;
    for (const name in value) {
      const member = (value as Record<string, unknown>)[name];
      if (!Object.hasOwn(value, name) || member === undefined) continue;
      if (!this.separate(first, depth + 1) || !this.string(name) || !this.put(': ')) return false;
      if (!this.value(member, depth + 1)) return false;
      first = false;
    }
    return first ? this.put('}') : this.end('}', depth);
  }

  private separate(first: boolean, depth: number): boolean {
    if (this.style.indent === 0) return first || this.put(', ');
    return this.put(`${first ? '' : ','}\n${' '.repeat(depth * this.style.indent)}`);
  }

  private end(bracket: string, depth: number): boolean {
    return this.put(
      this.style.indent === 0 ? bracket : `\n${' '.repeat(depth * this.style.indent)}${bracket}`,
    );
  }

  private number(value: number): boolean {
    if (Object.is(value, -0)) return this.put('-0');
    return this.put(Number.isFinite(value) ? String(value) : `"${value}"`);
  }

  private string(value: string): boolean {
    // A character takes at least one place, so no more of them can fit.
    return this.put(JSON.stringify(value.length > this.left ? textStart(value, this.left + 1) : value));
  }

  private put(text: string): boolean {
    if (text.length > this.left) {
      this.parts.push(textStart(text, this.left));
      this.left = 0;
      this.cut = true;
      return false;
    }
    this.parts.push(text);
    this.left -= text.length;
    return true;
  }
}

export function timeText(value: Date): string {
  return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
}

/** The bytes of a binary value; undefined for other objects. */
export function bytesOf(value: object): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return value instanceof DataView
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : undefined;
}

/** The items of a list, typed or not; undefined for other objects. */
export function itemsOf(value: object): ArrayLike<unknown> | undefined {
  if (Array.isArray(value)) return value as unknown[];
  // What is left of the views after `bytesOf`: typed arrays of numbers.
  return ArrayBuffer.isView(value) && 'length' in value
    ? (value as unknown as ArrayLike<unknown>)
    : undefined;
}

function base64Start(bytes: Uint8Array, characters: number): string {
  const enough = Math.min(bytes.length, characters);
  return Buffer.from(bytes.buffer, bytes.byteOffset, enough).toString('base64');
}
