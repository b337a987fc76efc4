// Rotary position embedding (Su et al. 2021, https://arxiv.org/abs/2104.09864), the rotate-half form of Hugging Face.
import * as onnx from '../nodes.ts';
import type { Graph, Value } from '../graph.ts';
import { operator } from '../operator.ts';
import { ShapeError } from '../shape.ts';

/** Cosine and sine of every position's angles, [length, size / 2] each, and −sine, which turns back. */
export interface RotaryTables {
  cosine: Value;
  sine: Value;
  negativeSine: Value;
}

/** How fast the pairs of a head turn. */
export interface RotaryFrequencies {
  /** Radians that pair i turns from one position to the next. */
  radians: readonly number[];
  /** Factor on cosine and sine; 1 but for models that were stretched to longer texts. */
  scale: number;
}

/**
 * Angle of position p in pair i: p radians[i].
 * @param length positions, from 0
 */
export function rotaryTables(
  graph: Graph,
  length: number,
  { radians, scale }: RotaryFrequencies,
): RotaryTables {
  const pairs = radians.length;
  const angle = (index: number) => Math.floor(index / pairs) * radians[index % pairs];
  const table = (name: string, of: (angle: number) => number) =>
    graph.constant(`rotary ${name} ${length} ${scale} ${radians.join(' ')}`, [length, pairs], () =>
      Array.from({ length: length * pairs }, (_, index) => scale * of(angle(index))),
    );
  return {
    cosine: table('cosine', Math.cos),
    sine: table('sine', Math.sin),
    negativeSine: table('negative sine', (angle) => -Math.sin(angle)),
  };
}

/**
 * Turns the pairs (x[i], x[i + size / 2]) of every position by its angles. A rotation (times a factor), so the gradient is
 * turned back by the same angles.
 * @param x [batch, heads, length, size]
 */
export const rotaryEmbedding = operator((x: Value, tables: RotaryTables) => ({
  inputs: [x],
  output: rotate(x, tables.cosine, tables.sine),
  gradients: (dy) => [rotate(dy, tables.cosine, tables.negativeSine)],
}));

function rotate(x: Value, cosine: Value, sine: Value): Value {
  const size = x.shape[3];
  const [length, pairs] = cosine.shape;
  if (x.shape.length !== 4 || x.shape[2] !== length || size !== 2 * pairs) {
    throw new ShapeError('rotaryEmbedding', 'tables of another size', x.shape, cosine.shape);
  }
  if (x.graph.target === 'cpu' && x.type === 'float32') {
    // One position: the first; the others follow it. ONNX Runtime has this kernel in single precision only.
    const start = x.graph.integers([0]);
    return x.graph.emit('RotaryEmbedding', [x, start, cosine, sine], x.shape, { domain: onnx.MICROSOFT });
  }
  const first = onnx.sliceLast(x, 0, pairs);
  const second = onnx.sliceLast(x, pairs, size);
  return onnx.concatenateLast(
    onnx.subtract(onnx.multiply(first, cosine), onnx.multiply(second, sine)),
    onnx.add(onnx.multiply(second, cosine), onnx.multiply(first, sine)),
  );
}
