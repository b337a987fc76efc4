// JSON up to a limit, of values that JSON knows and of those that Parquet adds.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonText } from '../../../../server/src/datasets/query/jsonText.ts';

describe('jsonText', () => {
  it('writes what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const { text, cut } = jsonText(value, { limit: 1_000_000, indent: 2 });
        // JSON has no negative zero when it writes, but one when it reads.
        expect(text.replace(/(?<=^|[\s[])-0(?=$|[\n,\]}])/g, '0')).toBe(
          (JSON.stringify(value, null, 2) ?? 'null').replace(/(?<=^|[\s[])-0(?=$|[\n,\]}])/g, '0'),
        );
        expect(cut).toBe(false);
      }),
    );
  });

  it('writes the beginning of the whole where it is cut', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ noUnicodeString: false }),
        fc.nat(60),
        fc.constantFrom(0, 2),
        (value, limit, indent) => {
          const whole = jsonText(value, { limit: 1_000_000, indent }).text;
          const { text, cut } = jsonText(value, { limit, indent });
          expect(whole.startsWith(text)).toBe(true);
          expect(text.length).toBeLessThanOrEqual(limit);
          expect(cut).toBe(whole.length > limit);
          // All that fits, but for half a character.
          if (cut) expect(text.length).toBeGreaterThanOrEqual(limit - 1);
        },
      ),
    );
  });

  it('has a form for what only Parquet knows', () => {
    const value = {
      big: 2n ** 63n,
      nan: Number.NaN,
      infinite: Infinity,
      zero: -0,
      time: new Date(0),
      never: new Date(Number.NaN),
      bytes: new Uint8Array([1, 2, 3]),
      floats: new Float32Array([0.5]),
      nothing: undefined,
    };
    expect(jsonText(value, { limit: 1000, indent: 0 }).text).toBe(
      '{"big": 9223372036854775808, "nan": "NaN", "infinite": "Infinity", "zero": -0, ' +
        '"time": "1970-01-01T00:00:00.000Z", "never": "Invalid Date", "bytes": "AQID", "floats": [0.5]}',
    );
  });

  it('stops at depth before the stack ends', () => {
    const nested: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    const { text, cut } = jsonText(nested, { limit: 10_000_000, indent: 0 });
    expect(text).toMatch(/^\[+$/);
    expect(cut).toBe(true);
  });
});
