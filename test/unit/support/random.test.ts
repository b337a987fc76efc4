// seededRandom: the same seed gives the same stream, and the streams have the shapes they claim.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom, seededStream } from '../../../server/src/support/random.ts';

describe('seededRandom', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    const stream = (seed: number) => {
      const random = seededRandom(seed);
      return Array.from({ length: 8 }, () => random.float());
    };
    expect(stream(42)).toEqual(stream(42));
    expect(stream(42)).not.toEqual(stream(43));
  });

  it('pins the stream, so that an upgrade of the library cannot change every split unseen', () => {
    const random = seededRandom(42);
    expect([random.int(0, 999), random.int(0, 999), random.int(0, 999)]).toMatchInlineSnapshot(`
      [
        190,
        419,
        228,
      ]
    `);
  });

  it('starts with numbers that differ from seed to seed', () => {
    const first = Array.from({ length: 1000 }, (_, seed) => seededRandom(seed).float());
    const mean = first.reduce((sum, value) => sum + value, 0) / first.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
    expect(first.filter((value) => value < 0.1).length).toBeGreaterThan(50);
  });

  it('stays inside its bounds', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: -50, max: 50 }), fc.nat(100), (seed, from, width) => {
        const random = seededRandom(seed);
        const value = random.int(from, from + width);
        const unit = random.float();
        return value >= from && value <= from + width && unit >= 0 && unit < 1;
      }),
    );
  });

  it('shuffles without losing or adding anything', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.integer()), (seed, list) => {
        const shuffled = seededRandom(seed).shuffle([...list]);
        expect(shuffled.toSorted((a, b) => a - b)).toEqual(list.toSorted((a, b) => a - b));
      }),
    );
  });

  it('draws normals of mean 0 and deviation 1', () => {
    const random = seededRandom(7);
    const draws = Array.from({ length: 20_000 }, () => random.normal());
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  });
});

describe('seededStream', () => {
  const first = (seed: number, group: number, item: number) => {
    const random = seededStream(seed, group, item);
    return [random.float(), random.float()];
  };

  it('differs by seed, group and item, and by nothing else', () => {
    expect(first(1, 2, 3)).toEqual(first(1, 2, 3));
    const all = [
      first(1, 2, 3),
      first(3, 2, 1),
      first(2, 1, 3),
      first(0, 0, 0),
      first(0, 0, 1),
      first(0, 1, 0),
    ];
    expect(new Set(all.map(String)).size).toBe(all.length);
  });

  it('begins evenly: the streams of neighbours have nothing in common', () => {
    const starts = Array.from({ length: 10_000 }, (_, item) => first(42, 0, item));
    for (const draw of [0, 1]) {
      const tenths = new Array<number>(10).fill(0);
      for (const numbers of starts) {
        const tenth = Math.floor(10 * (numbers[draw] ?? 0));
        tenths[tenth] = (tenths[tenth] ?? 0) + 1;
      }
      // Five standard deviations of a count of a tenth of 10,000.
      for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
    }
  });
});
