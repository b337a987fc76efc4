// Seeded randomness (pure-rand's Mersenne Twister): the same seed gives the same numbers on every machine.
import { mersenne } from 'pure-rand/generator/mersenne';
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
  const generator = mersenne(seed | 0);
  const random: Random = {
    float: () => uniformFloat64(generator),
    int: (from, to) => uniformInt(generator, from, to),
    normal: () => {
      const radius = Math.sqrt(-2 * Math.log(1 - random.float()));
      return radius * Math.cos(2 * Math.PI * random.float());
    },
    shuffle: (list) => {
      for (let last = list.length - 1; last > 0; last--) {
        const other = random.int(0, last);
        const held = list[last];
        list[last] = list[other];
        list[other] = held;
      }
      return list;
    },
  };
  return random;
}
