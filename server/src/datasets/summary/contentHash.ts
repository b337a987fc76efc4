// Hashes the content of any value that a dataset can hold, for counting distinct ones. Not for security.
import { bytesOf, itemsOf } from '../query/jsonText.ts';

/** Deeper parts of a value do not count, so that recursion stays far from the stack's end. */
const DEEPEST = 500;

/** Begins each part, so that ["a"] and "a", or 1 and "1", differ. */
const TAG = { nothing: 1, boolean: 2, number: 3, integer: 4, text: 5, time: 6, bytes: 7, list: 8, object: 9 };

const number = new Float64Array(1);
const halves = new Uint32Array(number.buffer);

/**
 * @returns an integer of 53 bits: equal for equal content; two different values share one with a chance of about 2^-53
 */
export function contentHash(value: unknown): number {
  const mix = new Mix();
  mix.value(value, 0);
  return mix.end();
}

/** Two lanes of multiply and xor, ended by the finaliser of MurmurHash3 (Appleby; the scheme is Bryc's cyrb53). */
class Mix {
  private low = 0xdeadbeef;
  private high = 0x41c6ce57;

  value(value: unknown, depth: number): void {
    switch (typeof value) {
      case 'string':
        this.add(TAG.text);
        this.text(value);
        break;
      case 'number':
        this.add(TAG.number);
        this.number(value);
        break;
      case 'bigint':
        this.add(TAG.integer);
        this.text(String(value));
        break;
      case 'boolean':
        this.add(TAG.boolean);
        this.add(value ? 1 : 0);
        break;
      case 'object':
        if (value !== null) this.object(value, depth);
        else this.add(TAG.nothing);
        break;
      case 'undefined':
      case 'function':
      case 'symbol':
        this.add(TAG.nothing);
    }
  }

  end(): number {
    let { low, high } = this;
    low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
    high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
    return 4294967296 * (high & 0x1fffff) + (low >>> 0);
  }

  private object(value: object, depth: number): void {
    if (value instanceof Date) {
      this.add(TAG.time);
      this.number(value.getTime());
      return;
    }
    const bytes = bytesOf(value);
    const items = bytes ?? itemsOf(value);
    this.add(bytes !== undefined ? TAG.bytes : items !== undefined ? TAG.list : TAG.object);
    if (bytes !== undefined) {
      for (const byte of bytes) this.add(byte);
      this.add(bytes.length);
    } else if (depth >= DEEPEST) {
      return;
    } else if (items !== undefined) {
      for (let index = 0; index < items.length; index++) this.value(items[index], depth + 1);
      this.add(items.length);
    } else {
      for (const [name, member] of Object.entries(value)) {
        this.text(name);
        this.value(member, depth + 1);
      }
    }
  }

  private text(text: string): void {
    // As `add`, on local variables: most of a summary's time would go into writing the fields.
    let { low, high } = this;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      low = Math.imul(low ^ unit, 2654435761);
      high = Math.imul(high ^ unit, 1597334677);
    }
    this.low = low;
    this.high = high;
    this.add(text.length);
  }

  private number(value: number): void {
    // Both zeros are one value.
    number[0] = value + 0;
    this.add(halves[0] ?? 0);
    this.add(halves[1] ?? 0);
  }

  private add(part: number): void {
    this.low = Math.imul(this.low ^ part, 2654435761);
    this.high = Math.imul(this.high ^ part, 1597334677);
  }
}
