// Recomputed blocks: the same numbers as the plain graph, from a second forward pass.
import { describe, expect, it } from 'vitest';
import { gradients } from '../../../server/src/graph/gradients.ts';
import { Graph, type Value } from '../../../server/src/graph/graph.ts';
import { operators } from '../../../server/src/graph/operators/index.ts';
import { recomputed } from '../../../server/src/graph/recompute.ts';
import { seededRandom } from '../../../server/src/support/random.ts';
import { compile, normals } from './runGraph.ts';

const { add, linear, reshape, rmsNorm, swiGlu } = operators;
const ROWS = 5;
const WIDTH = 4;
const INNER = 6;
const LAYERS = 3;

type Block = (x: Value, weights: readonly Value[]) => Value;
type Wrap = (inputs: readonly [Value, ...Value[]], build: (inputs: readonly Value[]) => Value) => Value;

const plain: Wrap = (inputs, build) => build(inputs);

/** x + (silu(n W₀ᵀ) n W₁ᵀ) W₂ with n = norm(x): the feed-forward half of a decoder's layer. */
const feedForward: Block = (x, [norm, gate, up, down]) => {
  const n = rmsNorm(x, norm, 1e-6);
  return add(x, linear(swiGlu(linear(n, gate), linear(n, up)), down));
};

/** The loss of some layers, and its gradients by the embeddings and by the weights that are trained. */
async function run(wrap: Wrap, trained: (input: number) => boolean = () => true) {
  const random = seededRandom(3);
  const graph = new Graph({ floatType: 'float64' });
  const x = graph.input('x', [ROWS, WIDTH]);
  const sources = [x];
  const inputs: Record<string, Float64Array> = { x: normals(random, ROWS * WIDTH) };
  const weight = (name: string, shape: readonly number[]): Value => {
    const values = normals(
      random,
      shape.reduce((product, size) => product * size, 1),
    );
    if (!trained(Object.keys(inputs).length)) return graph.initializer(shape, values);
    inputs[name] = values;
    const value = graph.input(name, shape);
    sources.push(value);
    return value;
  };
  let value = x;
  for (let layer = 0; layer < LAYERS; layer++) {
    const shapes = [[WIDTH], [INNER, WIDTH], [INNER, WIDTH], [WIDTH, INNER]];
    const weights = shapes.map((shape, index) => weight(`w${layer}.${index}`, shape));
    value = wrap([value], ([before]) => feedForward(before, weights));
  }
  const loss = reshape(linear(reshape(value, [1, ROWS * WIDTH]), reshape(value, [1, ROWS * WIDTH])), []);
  const found = Object.fromEntries(
    gradients(loss, sources).map((gradient, index) => [`g${index}`, gradient]),
  );
  return (await compile(graph, { loss, ...found }))(inputs);
}

describe('recomputed', () => {
  it('gives the plain graph’s loss and gradients, bit for bit', async () => {
    expect(await run(recomputed)).toEqual(await run(plain));
  });

  it('gives the same where most weights are frozen, and where a block stands in a block', async () => {
    const trained = (index: number) => index % 3 === 1;
    const nested: Wrap = (inputs, build) => recomputed(inputs, (again) => recomputed([again[0]], build));
    const expected = await run(plain, trained);
    expect(Object.keys(expected).length).toBeGreaterThan(2);
    expect(await run(recomputed, trained)).toEqual(expected);
    expect(await run(nested, trained)).toEqual(expected);
  });

  it('takes several inputs, and inputs that nothing depends on', async () => {
    const slopes = async (wrap: Wrap) => {
      const graph = new Graph({ floatType: 'float64' });
      const a = graph.input('a', [1, 1]);
      const b = graph.input('b', [1, 1]);
      const constant = graph.input('c', [1, 1]);
      const product = wrap([a, b, constant], ([x, y, z]) => add(linear(linear(x, y), z), z)); // a b c + c
      const [da, db] = gradients(reshape(product, []), [a, b]);
      const compiled = await compile(graph, { da, db });
      return compiled({ a: Float64Array.of(2), b: Float64Array.of(3), c: Float64Array.of(5) });
    };
    expect(await slopes(recomputed)).toEqual({ da: Float64Array.of(15), db: Float64Array.of(10) });
    expect(await slopes(recomputed)).toEqual(await slopes(plain));
  });

  it('builds the block a second time for gradients only, and leaves one entry on the tape', () => {
    const graph = new Graph();
    const x = graph.input('x', [1, 1]);
    let built = 0;
    const block = (inputs: readonly Value[]) => {
      built++;
      return linear(linear(inputs[0], inputs[0]), inputs[0]);
    };
    const cube = recomputed([x], block);
    expect([built, graph.tape.length]).toEqual([1, 1]);
    gradients(reshape(cube, []), [x]);
    expect([built, graph.tape.length]).toEqual([2, 2]);
  });
});
