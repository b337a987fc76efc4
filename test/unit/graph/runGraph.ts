// Runs small graphs in tests: one session, as many runs as wanted.
import type { ElementArray } from '../../../server/src/graph/elementType.ts';
import type { Graph, Value } from '../../../server/src/graph/graph.ts';
import { elementCount } from '../../../server/src/graph/shape.ts';
import { createSession } from '../../../server/src/models/runtime.ts';
import type { Random } from '../../../server/src/support/random.ts';

export type Outputs = Record<string, Float64Array | Float32Array>;

/** Compiles a graph whose outputs are `outputs`; the returned function runs it into fresh arrays. */
export async function compile(
  graph: Graph,
  outputs: Readonly<Record<string, Value>>,
  threads = 1,
): Promise<(inputs: Readonly<Record<string, ElementArray>>, only?: string) => Promise<Outputs>> {
  for (const [name, value] of Object.entries(outputs)) graph.output(name, value);
  const { session } = await createSession(graph.toModel(), { device: 'cpu', threads });
  return async (inputs, only) => {
    const results: Outputs = {};
    for (const [name, { shape, type }] of Object.entries(outputs)) {
      if (only !== undefined && name !== only) continue;
      results[name] = new (type === 'float64' ? Float64Array : Float32Array)(elementCount(shape));
    }
    await session.run(inputs, results);
    return results;
  };
}

/** Standard normal numbers. */
export function normals(random: Random, count: number): Float64Array {
  return Float64Array.from({ length: count }, () => random.normal());
}

/**
 * The largest difference between two lists, relative to the larger of the two numbers; numbers far below the list's
 * own size are measured against that size, since finite differences know them no better.
 */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let squares = 0;
  for (let index = 0; index < expected.length; index++) squares += expected[index] ** 2;
  const typical = Math.sqrt(squares / expected.length);
  let worst = 0;
  for (let index = 0; index < expected.length; index++) {
    const size = Math.max(Math.abs(actual[index]), Math.abs(expected[index]), typical, Number.MIN_VALUE);
    worst = Math.max(worst, Math.abs(actual[index] - expected[index]) / size);
  }
  return worst;
}

/** Central differences of a scalar function of an array, element by element; the array is restored. */
export async function centralDifferences(
  values: Float64Array,
  scalar: () => Promise<number>,
  indices: readonly number[] = [...values.keys()],
): Promise<number[]> {
  // Near the cube root of the machine precision, where truncation and rounding are equally small.
  const step = 6e-6;
  const slopes: number[] = [];
  for (const index of indices) {
    const held = values[index];
    values[index] = held + step;
    const above = await scalar();
    values[index] = held - step;
    const below = await scalar();
    values[index] = held;
    slopes.push((above - below) / (2 * step));
  }
  return slopes;
}
