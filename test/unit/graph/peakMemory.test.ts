// The computed memory of a graph, on graphs small enough to count by hand.
import { describe, expect, it } from 'vitest';
import { gradients } from '../../../server/src/graph/gradients.ts';
import { Graph, type Value } from '../../../server/src/graph/graph.ts';
import * as onnx from '../../../server/src/graph/nodes.ts';
import { operators } from '../../../server/src/graph/operators/index.ts';
import { bytesOf, peakMemory } from '../../../server/src/graph/peakMemory.ts';
import { recomputed } from '../../../server/src/graph/recompute.ts';

/** A float32 vector of 1,000 bytes. */
const SHAPE = [250];

function peakOf(build: (x: Value) => Value): number {
  const graph = new Graph();
  graph.output('y', build(graph.input('x', SHAPE)));
  return graph.peakMemory();
}

describe('peakMemory', () => {
  it('counts neither inputs nor outputs', () => {
    expect(peakOf((x) => onnx.exponential(x))).toBe(0);
  });

  it('writes over a value that nothing reads any more, and not over one that is read later', () => {
    expect(peakOf((x) => onnx.exponential(onnx.negate(onnx.absolute(x))))).toBe(1000);
    const read = (x: Value) => {
      const a = onnx.absolute(x);
      return onnx.add(onnx.exponential(onnx.negate(a)), a);
    };
    expect(peakOf(read)).toBe(2000);
  });

  it('takes a reshaped value for the same memory', () => {
    expect(peakOf((x) => onnx.exponential(onnx.reshape(onnx.absolute(x), [10, 25])))).toBe(1000);
  });

  it('frees a value after its last reader', () => {
    // A transposed value is written anew: two at a time, however long the chain.
    const chain = (length: number) => (x: Value) => {
      let value = onnx.reshape(x, [10, 25]);
      for (let index = 0; index < length; index++) value = onnx.transpose(value, [1, 0]);
      return value;
    };
    expect(peakOf(chain(3))).toBe(2000);
    expect(peakOf(chain(9))).toBe(2000);
  });

  it('counts in the runtime’s order: of two operands, the later one in the file is computed first', () => {
    const graph = new Graph();
    const x = graph.input('x', [10, 25]);
    const one = onnx.absolute(x);
    const turned = onnx.transpose(x, [1, 0]);
    const back = onnx.transpose(turned, [1, 0]);
    const y = onnx.add(back, one);
    const node = (type: string, inputs: Value[], output: Value) => ({ type, inputs, output });
    const chain = [node('Transpose', [x], turned), node('Transpose', [turned], back)];
    const [quick, last] = [node('Abs', [x], one), node('Add', [back, one], y)];
    expect(peakMemory([quick, ...chain, last], new Set([y]))).toBe(2000);
    expect(peakMemory([...chain, quick, last], new Set([y]))).toBe(3000);
  });

  it('knows the bytes of every type', () => {
    expect(bytesOf({ type: 'bfloat16', shape: [3, 5] })).toBe(30);
    expect(bytesOf({ type: 'float64', shape: [] })).toBe(8);
  });

  it('shows what recomputation saves in a deep graph', () => {
    const peak = (layers: number, again: boolean) => {
      const graph = new Graph();
      const x = graph.input('x', [50, 20]);
      const weights = Array.from({ length: layers }, (_, layer) => graph.input(`w${layer}`, [20, 20]));
      const layer = (value: Value, weight: Value) => {
        let inner = value;
        for (let index = 0; index < 5; index++) inner = operators.linear(inner, weight);
        return inner;
      };
      let value = x;
      for (const weight of weights) {
        value = again ? recomputed([value], ([input]) => layer(input, weight)) : layer(value, weight);
      }
      const flat = operators.reshape(value, [1, 1000]);
      const loss = operators.reshape(operators.linear(flat, flat), []);
      gradients(loss, weights).forEach((gradient, index) => graph.output(`g${index}`, gradient));
      return graph.peakMemory();
    };
    // Kept: five results of 4,000 bytes a layer. Recomputed: one a layer, and a few of one layer at a time.
    expect(peak(20, false)).toBeGreaterThan(20 * 5 * 4000);
    expect(peak(20, true)).toBeLessThan(20 * 4000 + 15 * 4000);
  });
});
