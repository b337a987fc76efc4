// Seeded randomness (pure-rand's generators): the same seed gives the same numbers on every machine.
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { mersenne } from 'pure-rand/generator/mersenne';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';

/** A stream of random numbers that belongs to one seed. */
export interface Random {
  /** Uniform in [0, 1). */
  float(): number;
  /** Uniform integer in [from, to], both included. */
  int(from: number, to: number): number;
  /** Normal with mean 0 and standard deviation 1 (Box and Muller, 1958). */
  normal(): number;
  /** Reorders the list in place (Fisher and Yates) and returns it. */
  shuffle<T>(list: T[]): T[];
}

/** @param seed any integer; only its low 32 bits count */
export function seededRandom(seed: number): Random {
  return new GeneratedRandom(mersenne(seed | 0));
}

/**
 * A stream of its own for each of many things, made in no time: a Mersenne Twister takes as long to begin as to give 600 numbers.
 * @param seed, group, item any integers; only their low 32 bits count
 */
export function seededStream(seed: number, group: number, item: number): Random {
  const state = [
    mixed(seed),
    mixed(seed ^ mixed(group)),
    mixed(seed ^ mixed(item)),
    mixed(mixed(group) ^ item),
  ];
  return new GeneratedRandom(xoroshiro128plusFromState(state));
}

/** Spreads every bit over all others: the finaliser of MurmurHash3 (Appleby), never 0 for 0. */
function mixed(value: number): number {
  let bits = value + 0x9e3779b9;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

class GeneratedRandom implements Random {
  constructor(private readonly generator: RandomGenerator) {}

  float(): number {
    return uniformFloat64(this.generator);
  }

  int(from: number, to: number): number {
    return uniformInt(this.generator, from, to);
  }

  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.float()));
    return radius * Math.cos(2 * Math.PI * this.float());
  }

  shuffle<T>(list: T[]): T[] {
    for (let last = list.length - 1; last > 0; last--) {
      const other = this.int(0, last);
      const held = list[last];
      list[last] = list[other];
      list[other] = held;
    }
    return list;
  }
}
