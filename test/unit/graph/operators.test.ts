// Every operator's gradient rule against central finite differences in double precision.
import { describe, expect, it } from 'vitest';
import { dropoutMasks } from '../../../server/src/graph/dropout.ts';
import { gradients } from '../../../server/src/graph/gradients.ts';
import { Graph, type GraphOptions, type Value } from '../../../server/src/graph/graph.ts';
import * as onnx from '../../../server/src/graph/nodes.ts';
import { operator } from '../../../server/src/graph/operator.ts';
import { operators } from '../../../server/src/graph/operators/index.ts';
import { rotaryTables } from '../../../server/src/graph/operators/rotaryEmbedding.ts';
import { elementCount, type Shape } from '../../../server/src/graph/shape.ts';
import { seededRandom, type Random } from '../../../server/src/support/random.ts';
import { centralDifferences, compile, normals, relativeError } from './runGraph.ts';

/** One application of an operator: shapes of the inputs that gradients flow to, and the call. */
interface Case {
  shapes: Shape[];
  apply: (graph: Graph, inputs: Value[], random: Random) => Value;
}

const size = (random: Random, most: number) => random.int(1, most);
const sizes = (random: Random, count: number) => Array.from({ length: count }, () => size(random, 4));
/** Some axes become 1, some leading axes go: what broadcasts to the shape again. */
const broadcastable = (random: Random, shape: Shape) =>
  shape.map((dimension) => (random.float() < 0.4 ? 1 : dimension)).slice(random.int(0, shape.length));

/** A random case of every operator in the table; the type makes a missing one an error. */
const cases: Record<keyof typeof operators, (random: Random) => Case> = {
  add: (random) => {
    const shape = sizes(random, random.int(1, 4));
    const shapes =
      random.float() < 0.5 ? [shape, broadcastable(random, shape)] : [broadcastable(random, shape), shape];
    return { shapes, apply: (_, [a, b]) => operators.add(a, b) };
  },
  binaryCrossEntropy: (random) => {
    const rows = size(random, 6);
    return {
      shapes: [[rows, 2]],
      apply: (graph, [logits]) => {
        const column = (name: string, next: () => number) =>
          graph.constant(name, [rows, 1], () => Array.from({ length: rows }, next));
        // Hard targets are at the ends of the range, soft ones between.
        const signs = column('signs', () => random.shuffle([-1, 1, 2 * random.float() - 1])[0]);
        const weights = column('weights', () => random.float());
        return operators.binaryCrossEntropy(logits, signs, weights);
      },
    };
  },
  causalAttention: (random) => {
    const groups = size(random, 3);
    const [batch, repeat, width] = sizes(random, 3);
    // A single position has nothing to choose between: its gradient is 0, and a relative error says nothing.
    const length = random.int(2, 5);
    const keys = [batch, groups, length, width];
    return {
      shapes: [[batch, groups * repeat, length, width], keys, keys],
      // A window of one position leaves nothing to choose, as a single position does.
      apply: (_, [query, key, value]) =>
        operators.causalAttention(
          query,
          key,
          value,
          random.float() < 0.5 ? undefined : random.int(2, length),
        ),
    };
  },
  dropoutLinear: (random) => {
    const [rows, from, to] = [random.int(2, 4), random.int(4, 8), size(random, 4)];
    const share = random.float() / 2;
    return {
      shapes: [
        [rows, from],
        [to, from],
      ],
      apply: (graph, [x, weight]) => {
        const seed = graph.constant('seed', [1], () => [random.int(0, 2 ** 31 - 1)], 'int32');
        const maskOf = dropoutMasks(seed, share, rows, new Map([['layer', from]]));
        return operators.dropoutLinear(x, weight, maskOf('layer'), 1 / (1 - share));
      },
    };
  },
  linear: (random) => {
    const [rows, from, to] = sizes(random, 3);
    return {
      shapes: [
        [rows, from],
        [to, from],
      ],
      apply: (_, [x, weight]) => operators.linear(x, weight, random.float() < 0.5 ? undefined : 1.5),
    };
  },
  reshape: (random) => {
    const shape = sizes(random, 3);
    return { shapes: [shape], apply: (_, [x]) => operators.reshape(x, [shape[2], shape[0] * shape[1]]) };
  },
  rmsNorm: (random) => {
    const outer = sizes(random, random.int(1, 3));
    const width = random.int(2, 6);
    return {
      shapes: [[...outer, width], [width]],
      apply: (_, [x, weight]) => operators.rmsNorm(x, weight, 1e-6),
    };
  },
  rotaryEmbedding: (random) => {
    const [batch, heads, length, pairs] = sizes(random, 4);
    return {
      shapes: [[batch, heads, length, 2 * pairs]],
      apply: (graph, [x]) => {
        const radians = Array.from({ length: pairs }, () => random.float());
        return operators.rotaryEmbedding(
          x,
          rotaryTables(graph, length, { radians, scale: 0.5 + random.float() }),
        );
      },
    };
  },
  swiGlu: (random) => {
    const shape = sizes(random, 2);
    return { shapes: [shape, shape], apply: (_, [gate, up]) => operators.swiGlu(gate, up) };
  },
  transpose: (random) => {
    const shape = sizes(random, 4);
    const permutation = random.shuffle([0, 1, 2, 3]);
    return { shapes: [shape], apply: (_, [x]) => operators.transpose(x, permutation) };
  },
};

/** Σ x c: a scalar through which every element of x is seen with a weight of its own. */
const weightedSum = operator((x: Value, coefficients: Value) => ({
  inputs: [x],
  output: onnx.reshape(
    onnx.sum(
      onnx.multiply(x, coefficients),
      x.shape.map((_, axis) => axis),
    ),
    [],
  ),
  gradients: (dy) => [onnx.multiply(coefficients, dy)],
}));

/** Compiles a case as a scalar loss with a gradient for each input. */
async function compileCase(make: (random: Random) => Case, seed: number, options: GraphOptions) {
  const random = seededRandom(seed);
  const { shapes, apply } = make(random);
  const values = shapes.map((shape) => normals(random, elementCount(shape)));
  const graph = new Graph(options);
  const inputs = shapes.map((shape, index) => graph.input(`input ${index}`, shape));
  const output = apply(graph, inputs, random);
  const coefficients = normals(random, elementCount(output.shape));
  const loss = weightedSum(
    output,
    graph.constant('coefficients', output.shape, () => [...coefficients]),
  );
  const slopes = gradients(loss, inputs).map((value, index) => [`gradient ${index}`, value] as const);
  return { values, run: await compile(graph, { loss, output, ...Object.fromEntries(slopes) }) };
}

const SEEDS = [1, 2, 3, 4, 5, 6];

describe.each(Object.entries(cases))('%s', (_, make) => {
  it.each(['cpu', 'portable'] as const)('has the gradient of its finite differences (%s)', async (target) => {
    for (const seed of SEEDS) {
      const { values, run } = await compileCase(make, seed, { floatType: 'float64', target });
      const feeds = Object.fromEntries(values.map((value, index) => [`input ${index}`, value]));
      const results = await run(feeds);
      for (const [index, value] of values.entries()) {
        const expected = await centralDifferences(value, async () => (await run(feeds, 'loss')).loss[0]);
        expect(
          relativeError(results[`gradient ${index}`], expected),
          `seed ${seed}, input ${index}`,
        ).toBeLessThan(1e-6);
      }
    }
  });

  it.each(['cpu', 'portable'] as const)('computes the same in single precision (%s)', async (target) => {
    for (const seed of SEEDS) {
      const exact = await compileCase(make, seed, { floatType: 'float64', target: 'portable' });
      const single = await compileCase(make, seed, { floatType: 'float32', target });
      const named = (list: (Float32Array | Float64Array)[]) =>
        Object.fromEntries(list.map((value, index) => [`input ${index}`, value]));
      const expected = await exact.run(named(exact.values));
      const actual = await single.run(named(exact.values.map((value) => Float32Array.from(value))));
      // The loss is left out: its terms may cancel, and what is left is then mostly rounding.
      for (const [name, value] of Object.entries(expected).filter(([name]) => name !== 'loss')) {
        expect(relativeError(actual[name], value), `seed ${seed}, ${name}`).toBeLessThan(2e-4);
      }
    }
  });
});
