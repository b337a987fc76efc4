// Dropout's masks, made inside the graph from one number for each run: the same number gives the same masks in every run, on
// every machine and number of threads, and nothing has to be fed, kept or saved for them.
//
// An element is dropped where r[row] · c[column] modulo 2³², as a signed number, lies below a threshold: multiply-shift
// hashing (Dietzfelbinger et al. 1997, https://doi.org/10.1006/jagm.1997.0873) with odd r, which costs one product an element.
// The factors r and c are hashes of the run's number; every mask has columns of its own.
import type { Value } from './graph.ts';
import * as onnx from './nodes.ts';
import { seededRandom } from '../support/random.ts';

/** Which elements of a [rows, columns] value are kept. */
export interface DropoutMask {
  /** The value where the mask keeps it, 0 elsewhere; not scaled. Each call computes the mask again. */
  keep(x: Value): Value;
}

/**
 * @param seed int32 [1], one number for each run
 * @param share of the elements that are dropped, 0 to below 1
 * @param rows of every mask
 * @param columns of each mask, by the masks' names
 * @returns the mask of a name
 */
export function dropoutMasks(
  seed: Value,
  share: number,
  rows: number,
  columns: ReadonlyMap<string, number>,
): (name: string) => DropoutMask {
  const { graph } = seed;
  const scrambled = scramble(seed);
  const numbers = (kind: number, count: number) => {
    const fixed = graph.constant(`dropout ${kind} ${count}`, [count], () => draws(kind, count), 'int32');
    return scramble(onnx.add(fixed, scrambled));
  };
  const total = [...columns.values()].reduce((sum, count) => sum + count, 0);
  const [one, two] = [constant(seed, 1), constant(seed, 2)];
  const odd = onnx.add(onnx.multiply(numbers(1, rows), two), one);
  const rowFactors = onnx.reshape(odd, [rows, 1]);
  const columnFactors = onnx.reshape(numbers(2, total), [1, total]);
  const threshold = constant(seed, Math.round(share * 2 ** 32) - 2 ** 31);

  const masks = new Map<string, DropoutMask>();
  let offset = 0;
  for (const [name, count] of columns) {
    const own = onnx.sliceLast(columnFactors, offset, offset + count); // [1, count]
    masks.set(name, {
      keep(x) {
        const dropped = onnx.less(onnx.multiply(rowFactors, own), threshold);
        return onnx.choose(dropped, graph.scalar(0), x);
      },
    });
    offset += count;
  }
  return (name) => {
    const found = masks.get(name);
    if (!found) throw new RangeError(`There is no dropout mask ${name}.`);
    return found;
  };
}

/**
 * A hash of each number: every bit of the result depends on every bit of the number. As Wellons' lowbias32
 * (https://github.com/skeeto/hash-prospector), with x + x / 2ⁿ in place of x ^ (x >> n): a product and a quotient are all that
 * GPUs have here.
 * @param x int32
 */
function scramble(x: Value): Value {
  const folded = (value: Value, bits: number) => onnx.add(value, onnx.divide(value, constant(x, 2 ** bits)));
  const times = (value: Value, factor: number) => onnx.multiply(value, constant(x, factor | 0));
  return folded(times(folded(times(folded(x, 16), 0x7feb352d), 15), 0x846ca68b), 16);
}

/** An int32 scalar. */
function constant({ graph }: Value, value: number): Value {
  return graph.constant(`int32 ${value}`, [], () => [value], 'int32');
}

/** Fixed numbers that tell rows and columns apart. */
function draws(seed: number, count: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random.int(-(2 ** 31), 2 ** 31 - 1));
}
