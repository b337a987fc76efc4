// Dropout's masks: which elements they drop, and that these are as random as independent draws would be.
import { beforeAll, describe, expect, it } from 'vitest';
import { dropoutMasks } from '../../../server/src/graph/dropout.ts';
import { Graph } from '../../../server/src/graph/graph.ts';
import { compile } from './runGraph.ts';

const SHARE = 0.1;
const ROWS = 256;
const COLUMNS = { query: 96, key: 96, down: 160 };
type Name = keyof typeof COLUMNS;
const STEPS = 24;
/** Standard deviations that a count of independent draws stays within, but for one in 10,000,000. */
const FAR = 5.3;

let masksOf: (seed: number, threads?: number) => Promise<Record<Name, boolean[]>>;
beforeAll(async () => {
  const build = async (threads: number) => {
    const graph = new Graph();
    const seed = graph.input('seed', [1], 'int32');
    const maskOf = dropoutMasks(seed, SHARE, ROWS, new Map(Object.entries(COLUMNS)));
    const outputs = Object.entries(COLUMNS).map(([name, columns]) => {
      const ones = graph.constant(`ones ${columns}`, [ROWS, columns], () =>
        new Float32Array(ROWS * columns).fill(1),
      );
      return [name, maskOf(name).keep(ones)] as const;
    });
    return compile(graph, Object.fromEntries(outputs), threads);
  };
  const runs = new Map([
    [1, await build(1)],
    [2, await build(2)],
  ]);
  masksOf = async (seed, threads = 1) => {
    const kept = await runs.get(threads)?.({ seed: Int32Array.of(seed) });
    const dropped = (name: Name) => Array.from(kept?.[name] ?? [], (value) => value === 0);
    return { query: dropped('query'), key: dropped('key'), down: dropped('down') };
  };
});

/** How far a count of so many draws is from the wanted share, in standard deviations. */
function deviation(count: number, draws: number, share: number): number {
  return Math.abs(count - share * draws) / Math.sqrt(draws * share * (1 - share));
}

/** Counts where both lists drop, up to the shorter one's end. Independent lists do so at the product of their shares. */
class Coincidences {
  private count = 0;
  private draws = 0;

  add(left: readonly boolean[], right: readonly boolean[]): void {
    const length = Math.min(left.length, right.length);
    for (let index = 0; index < length; index++) if (left[index] && right[index]) this.count++;
    this.draws += length;
  }

  get deviation(): number {
    return deviation(this.count, this.draws, SHARE ** 2);
  }
}

describe('a dropout mask', () => {
  it('drops the wanted share, in all, in every row and in every column', async () => {
    let all = 0;
    const rows = Array<number>(ROWS).fill(0);
    const columns = Array<number>(COLUMNS.down).fill(0);
    for (let seed = 0; seed < STEPS; seed++) {
      const { down } = await masksOf(seed);
      for (const [index, dropped] of down.entries()) {
        if (!dropped) continue;
        all++;
        rows[Math.floor(index / COLUMNS.down)]++;
        columns[index % COLUMNS.down]++;
      }
    }
    expect(deviation(all, STEPS * ROWS * COLUMNS.down, SHARE)).toBeLessThan(FAR);
    expect(deviation(Math.max(...rows), STEPS * COLUMNS.down, SHARE)).toBeLessThan(FAR);
    expect(deviation(Math.min(...rows), STEPS * COLUMNS.down, SHARE)).toBeLessThan(FAR);
    expect(deviation(Math.max(...columns), STEPS * ROWS, SHARE)).toBeLessThan(FAR);
    expect(deviation(Math.min(...columns), STEPS * ROWS, SHARE)).toBeLessThan(FAR);
  });

  it('is independent of the mask of another layer and of the step before', async () => {
    const [layers, steps] = [new Coincidences(), new Coincidences()];
    let before = await masksOf(-1);
    for (let seed = 0; seed < STEPS; seed++) {
      const masks = await masksOf(seed);
      layers.add(masks.query, masks.key);
      steps.add(masks.query, before.query);
      before = masks;
    }
    expect(layers.deviation).toBeLessThan(FAR);
    expect(steps.deviation).toBeLessThan(FAR);
  });

  it.each([1, 2, COLUMNS.query, 7 * COLUMNS.query + 3])(
    'is independent of itself %d elements on',
    async (apart) => {
      const coincidences = new Coincidences();
      for (let seed = 0; seed < STEPS; seed++) {
        const { query } = await masksOf(seed);
        coincidences.add(query, query.slice(apart));
      }
      expect(coincidences.deviation).toBeLessThan(FAR);
    },
  );

  it('is the same for the same seed, with any number of threads', async () => {
    const one = await masksOf(77);
    expect(await masksOf(77)).toEqual(one);
    expect(await masksOf(77, 2)).toEqual(one);
    expect(await masksOf(78)).not.toEqual(one);
  });
});
