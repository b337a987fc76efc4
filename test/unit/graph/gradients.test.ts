// Reverse mode over whole graphs: sums over paths, leaves out what does not matter, and refuses what has no gradient.
import { describe, expect, it } from 'vitest';
import { gradients } from '../../../server/src/graph/gradients.ts';
import { Graph } from '../../../server/src/graph/graph.ts';
import { operators } from '../../../server/src/graph/operators/index.ts';
import { compile } from './runGraph.ts';

const { add, linear, reshape } = operators;

describe('gradients', () => {
  it('adds up over every path from a value to the loss', async () => {
    const graph = new Graph({ floatType: 'float64' });
    const x = graph.input('x', [1, 1]);
    const square = linear(x, x); // x²
    const loss = reshape(add(add(square, x), linear(square, x)), []); // x² + x + x³
    const [slope] = gradients(loss, [x]);
    const run = await compile(graph, { loss, slope });
    const { loss: value, slope: derivative } = await run({ x: Float64Array.of(3) });
    expect([value[0], derivative[0]]).toEqual([9 + 3 + 27, 6 + 1 + 27]);
  });

  it('treats values that are not asked for as constants', async () => {
    const graph = new Graph({ floatType: 'float64' });
    const x = graph.input('x', [1, 1]);
    const y = graph.input('y', [1, 1]);
    const loss = reshape(linear(linear(x, y), y), []); // x y²
    const [slope] = gradients(loss, [x]);
    const run = await compile(graph, { slope });
    expect((await run({ x: Float64Array.of(2), y: Float64Array.of(5) })).slope[0]).toBe(25);
  });

  it('differentiates with respect to a value in the middle', async () => {
    const graph = new Graph({ floatType: 'float64' });
    const x = graph.input('x', [1, 1]);
    const square = linear(x, x);
    const loss = reshape(linear(square, square), []); // (x²)²
    const [slope] = gradients(loss, [square]);
    const run = await compile(graph, { slope });
    expect((await run({ x: Float64Array.of(3) })).slope[0]).toBe(18);
  });

  it('refuses a loss that is not a scalar, and says its shape', () => {
    const graph = new Graph();
    const x = graph.input('x', [2, 3]);
    expect(() => gradients(add(x, x), [x])).toThrow('gradients: only a scalar has them: [2, 3].');
  });

  it('refuses a value that the loss does not depend on', () => {
    const graph = new Graph();
    const x = graph.input('x', []);
    const other = graph.input('other', []);
    expect(() => gradients(add(x, x), [other])).toThrow('does not depend');
  });
});
