// Counting distinct values: exactly, and as an estimate whose error is what the method promises.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentHash } from '../../../../server/src/datasets/summary/contentHash.ts';
import { DistinctCounter } from '../../../../server/src/datasets/summary/distinct.ts';

describe('contentHash', () => {
  it('tells apart what differs, and nothing else', () => {
    const values = [
      ...[null, false, true, 0, 1, -1, 0.5, Number.NaN, Infinity, 1n, 2n ** 64n, '', '1', 'a', 'ab', 'ba'],
      ...[
        [],
        [''],
        ['a'],
        ['a', 'b'],
        ['ab'],
        [['a'], 'b'],
        [['a', 'b']],
        [1],
        ['1'],
        [null],
        [[]],
        [[], []],
      ],
      ...[{}, { a: 1 }, { a: '1' }, { b: 1 }, { a: { b: 1 } }, { a: 1, b: 1 }],
      ...[new Date(0), new Date(1), new Uint8Array([]), new Uint8Array([0]), new Uint8Array([0, 0])],
    ];
    expect(new Set(values.map(contentHash)).size).toBe(values.length);
    for (const value of values) expect(contentHash(structuredClone(value))).toBe(contentHash(value));
    expect(contentHash(-0)).toBe(contentHash(0));
  });

  it('gives an integer of 53 bits for any value', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withTypedArray: true }), (value) => {
        const hash = contentHash(value);
        expect(Number.isSafeInteger(hash) && hash >= 0).toBe(true);
      }),
    );
  });

  it('has no collision among 500,000 texts and numbers that are alike', () => {
    const seen = new Set<number>();
    for (let index = 0; index < 250_000; index++) {
      seen.add(contentHash(index));
      seen.add(contentHash(`What is ${index} + 1?`));
    }
    expect(seen.size).toBe(500_000);
  });

  it('ends also for a value nested 100,000 deep', () => {
    const nested: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(Number.isSafeInteger(contentHash(nested))).toBe(true);
  });
});

describe('DistinctCounter', () => {
  it('is exact up to its limit', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeNat(), { maxLength: 500 }), fc.boolean(), (hashes, zero) => {
        const all = zero ? [...hashes, 0, 0] : hashes;
        const counter = new DistinctCounter(1000);
        for (const hash of [...all, ...all]) counter.add(hash);
        expect(counter.count).toBe(new Set(all).size);
        expect(counter.exact).toBe(true);
      }),
    );
  });

  it.each([101, 1000, 10_000, 100_000, 1_000_000])('is right to 2.5 % for %i values', (size) => {
    const counter = new DistinctCounter(100);
    // Three standard errors; each value comes twice, which must not count.
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < size; index++) counter.add(contentHash(`value ${index}`));
    }
    expect(counter.exact).toBe(false);
    expect(Math.abs(counter.count - size) / size).toBeLessThan(0.025);
  });

  it('has a standard error near 0.8 % over many sets', () => {
    const size = 20_000;
    const errors = Array.from({ length: 60 }, (_, set) => {
      const counter = new DistinctCounter(10);
      for (let index = 0; index < size; index++) counter.add(contentHash([set, index]));
      return counter.count / size - 1;
    });
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
    expect(deviation).toBeLessThan(0.011);
    expect(Math.abs(mean)).toBeLessThan(0.004);
  });
});
