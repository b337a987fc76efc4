// Building graphs: shapes checked where they are combined, dead nodes left out, weights inside or beside the model.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { gradients } from '../../../server/src/graph/gradients.ts';
import { Graph } from '../../../server/src/graph/graph.ts';
import * as onnx from '../../../server/src/graph/nodes.ts';
import { operators } from '../../../server/src/graph/operators/index.ts';
import { rotaryTables } from '../../../server/src/graph/operators/rotaryEmbedding.ts';
import { broadcastShapes } from '../../../server/src/graph/shape.ts';
import { compile } from './runGraph.ts';

describe('shapes', () => {
  it.each([
    [[2, 3], [3], [2, 3]],
    [
      [2, 1, 4],
      [3, 1],
      [2, 3, 4],
    ],
    [[], [5], [5]],
    [
      [0, 1],
      [1, 7],
      [0, 7],
    ],
  ])('broadcast %j and %j to %j', (left, right, expected) => {
    expect(broadcastShapes('Add', left, right)).toEqual(expected);
  });

  const graph = new Graph();
  const value = (...shape: number[]) => graph.input('value', shape);

  it.each<[string, () => unknown]>([
    ['Add: shapes do not broadcast: [2, 3] and [2, 4].', () => operators.add(value(2, 3), value(2, 4))],
    ['Gemm: not multipliable: [5, 3] and [7, 4].', () => operators.linear(value(5, 3), value(7, 4))],
    ['Gemm: a matrix is needed: [2, 5, 3].', () => operators.linear(value(2, 5, 3), value(7, 3))],
    [
      'MatMul: not multipliable: [2, 3, 4] and [3, 4, 5].',
      () => onnx.batchedMatmul(value(2, 3, 4), value(3, 4, 5)),
    ],
    ['Reshape: sizes differ: [2, 3] and [7].', () => operators.reshape(value(2, 3), [7])],
    [
      'Transpose: not a permutation of the axes: [2, 3] and [0, 0].',
      () => operators.transpose(value(2, 3), [0, 0]),
    ],
    [
      'rmsNorm: the weight does not fit the last axis: [2, 3] and [1].',
      () => operators.rmsNorm(value(2, 3), value(1), 1e-6),
    ],
    ['swiGlu: gate and up differ: [2, 3] and [3].', () => operators.swiGlu(value(2, 3), value(3))],
    [
      'rotaryEmbedding: tables of another size: [1, 2, 5, 8] and [4, 4].',
      () =>
        operators.rotaryEmbedding(
          value(1, 2, 5, 8),
          rotaryTables(graph, 4, { radians: [1, 0.1, 0.01, 0.001], scale: 1 }),
        ),
    ],
    [
      'causalAttention: query heads do not divide into groups: [1, 3, 4, 8] and [1, 2, 4, 8].',
      () => operators.causalAttention(value(1, 3, 4, 8), value(1, 2, 4, 8), value(1, 2, 4, 8)),
    ],
    [
      'causalAttention: query, key and value do not fit: [1, 2, 4, 8] and [1, 2, 5, 8] and [1, 2, 5, 8].',
      () => operators.causalAttention(value(1, 2, 4, 8), value(1, 2, 5, 8), value(1, 2, 5, 8)),
    ],
    [
      'binaryCrossEntropy: two classes are needed: [4, 3].',
      () => operators.binaryCrossEntropy(value(4, 3), value(4, 1), value(4, 1)),
    ],
    [
      'binaryCrossEntropy: one number for each row is needed: [4, 2] and [3, 1].',
      () => operators.binaryCrossEntropy(value(4, 2), value(4, 1), value(3, 1)),
    ],
    [
      'initializer: 5 elements do not fill the shape: [2, 3].',
      () => graph.initializer([2, 3], new Float32Array(5)),
    ],
  ])('%s', (message, build) => {
    expect(build).toThrow(message);
  });
});

describe('Graph', () => {
  it('writes only the nodes and the constants that its outputs need', () => {
    const model = (alsoUnused: boolean) => {
      const graph = new Graph();
      const x = graph.input('x', [2]);
      if (alsoUnused) onnx.sigmoid(onnx.multiply(x, graph.scalar(7)));
      graph.output('y', onnx.add(x, graph.scalar(1)));
      return graph.toModel();
    };
    expect(model(true)).toEqual(model(false));
  });

  it('gives one value two names, and an input a second one', async () => {
    const graph = new Graph();
    const x = graph.input('x', [2]);
    const doubled = onnx.add(x, x);
    const run = await compile(graph, { once: doubled, twice: doubled, same: x });
    expect(await run({ x: Float32Array.of(1, 2) })).toEqual({
      once: Float32Array.of(2, 4),
      twice: Float32Array.of(2, 4),
      same: Float32Array.of(1, 2),
    });
  });

  it('stores equal constants once', () => {
    const graph = new Graph();
    expect(graph.scalar(3)).toBe(graph.scalar(3));
    expect(graph.integers([1, 2])).toBe(graph.integers([1, 2]));
    expect(graph.integers([3])).not.toBe(graph.scalar(3));
  });

  it('reads weights from a file beside the model', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'prm-external-'));
    try {
      const graph = new Graph();
      const weight = graph.initializer([2], { location: 'weights.bin', offset: 4, length: 8 });
      graph.output('y', onnx.add(graph.input('x', [2]), weight));
      await writeFile(path.join(folder, 'weights.bin'), Buffer.from(Float32Array.of(-1, 10, 20).buffer));
      await writeFile(path.join(folder, 'model.onnx'), graph.toModel());
      const session = await InferenceSession.create(path.join(folder, 'model.onnx'));
      const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 2), [2]) });
      expect(y.data).toEqual(Float32Array.of(11, 22));
      await session.release();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('runs so that little waits: weights are widened when they are needed, their gradients come at once', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'prm-order-'));
    try {
      const graph = new Graph();
      const names = ['w0', 'w1', 'w2', 'w3'];
      const weights = names.map((name) => graph.input(name, [4, 4]));
      let x = graph.input('x', [4, 4]);
      for (const weight of weights) {
        const frozen = graph.initializer([4, 4], new Uint16Array(16).fill(0x3f80), 'bfloat16');
        x = operators.linear(operators.linear(x, frozen), weight);
      }
      const row = operators.reshape(x, [1, 16]);
      const loss = operators.reshape(operators.linear(row, row), []);
      for (const [index, gradient] of gradients(loss, weights).entries())
        graph.output(`gradient ${index}`, gradient);
      const session = await InferenceSession.create(graph.toModel(), {
        graphOptimizationLevel: 'basic',
        enableProfiling: true,
        profileFilePrefix: path.join(folder, 'profile'),
        extra: {
          optimization: { disable_specified_optimizers: 'ConstantFolding;CommonSubexpressionElimination' },
        },
      });
      const ones = new Tensor('float32', new Float32Array(16).fill(1), [4, 4]);
      await session.run(Object.fromEntries([...names, 'x'].map((name) => [name, ones])));
      session.endProfiling();
      await session.release();
      const [file = ''] = await readdir(folder);
      const events = JSON.parse(await readFile(path.join(folder, file), 'utf8')) as {
        name: string;
        ts: number;
        args?: { op_name?: string };
      }[];
      const run = events
        .filter(({ name }) => name.endsWith('_kernel_time'))
        .sort((a, b) => a.ts - b.ts)
        .map(({ name, args }) =>
          name.startsWith('gradient') ? name.replace('_kernel_time', '') : (args?.op_name ?? ''),
        );
      const layer = ['Cast', 'Gemm', 'Gemm'];
      expect(run.slice(0, 12)).toEqual([...layer, ...layer, ...layer, ...layer]);
      // Behind the loss: a weight's gradient, then what leads to the layer below.
      const backward = (index: number) => [`gradient ${index}`, 'Gemm', 'Cast', 'Gemm'];
      expect(run.slice(run.indexOf('gradient 3'))).toEqual([
        ...backward(3),
        ...backward(2),
        ...backward(1),
        'gradient 0',
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('a model whose tensors are more than protocol buffers hold', () => {
  it('is refused before it is put together', () => {
    // One array under all of them, and never touched: the system gives no memory for it.
    const values = new Float32Array(2 ** 26);
    const graph = new Graph();
    const tensors = Array.from({ length: 9 }, () => graph.initializer([2 ** 26], values));
    graph.output(
      'sum',
      tensors.reduce((sum, tensor) => onnx.add(sum, tensor)),
    );
    expect(() => graph.toModel()).toThrow(
      'The weights that are held in memory take 2.25 GiB, and a model has room for 2 GiB of them',
    );
  });
});
