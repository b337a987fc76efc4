// The ONNX operators that this project emits: one function each, with its shape rule. No gradients here.
// Semantics: https://onnx.ai/onnx/operators.
import { ONNX_DATA_TYPE } from './elementType.ts';
import type { Attribute } from './onnxModel.ts';
import type { Value } from './graph.ts';
import { broadcastShapes, elementCount, sameShape, ShapeError, type Shape } from './shape.ts';

/** ONNX Runtime's own operators. */
export const MICROSOFT = 'com.microsoft';

const binary = (type: string) => (left: Value, right: Value) =>
  left.graph.emit(type, [left, right], broadcastShapes(type, left.shape, right.shape));
const unary = (type: string) => (value: Value) => value.graph.emit(type, [value], value.shape);

export const add = binary('Add');
export const subtract = binary('Sub');
export const multiply = binary('Mul');
/** Of integers: towards zero. */
export const divide = binary('Div');

/** Whether the left element is less than the right one. Shapes broadcast. */
export function less(left: Value, right: Value): Value {
  const shape = broadcastShapes('Less', left.shape, right.shape);
  return left.graph.emit('Less', [left, right], shape, { result: 'bool' });
}

/** Elements of `yes` where the condition holds, of `no` elsewhere. Shapes broadcast. */
export function choose(condition: Value, yes: Value, no: Value): Value {
  const shape = broadcastShapes('Where', condition.shape, broadcastShapes('Where', yes.shape, no.shape));
  return condition.graph.emit('Where', [condition, yes, no], shape, { result: yes.type });
}

export const absolute = unary('Abs');
export const exponential = unary('Exp');
export const logarithm = unary('Log');
export const negate = unary('Neg');
export const reciprocal = unary('Reciprocal');
export const relu = unary('Relu');
export const sigmoid = unary('Sigmoid');
export const squareRoot = unary('Sqrt');

const reduction =
  (type: string) =>
  (value: Value, axes: readonly number[]): Value =>
    value.graph.emit(
      type,
      [value, value.graph.integers(axes)],
      value.shape.map((dimension, axis) => (axes.includes(axis) ? 1 : dimension)),
      { attributes: { keepdims: { integer: 1 } } },
    );

/** Sum over axes, which stay as dimensions of 1. */
export const sum = reduction('ReduceSum');
/** Sum of squares over axes, which stay as dimensions of 1. */
export const sumOfSquares = reduction('ReduceSumSquare');

/** A float of another type, such as a weight stored in half precision, as the graph's float type; others are themselves. */
export function widen(value: Value): Value {
  const { graph, shape, type } = value;
  if (type === graph.floatType) return value;
  const attributes = { to: { integer: ONNX_DATA_TYPE[graph.floatType] } };
  return graph.emit('Cast', [value], shape, { attributes, result: graph.floatType });
}

/** Softmax over the last axis. */
export function softmax(value: Value): Value {
  return value.graph.emit('Softmax', [value], value.shape, { attributes: { axis: { integer: -1 } } });
}

export function reshape(value: Value, shape: Shape): Value {
  if (elementCount(shape) !== elementCount(value.shape)) {
    throw new ShapeError('Reshape', 'sizes differ', value.shape, shape);
  }
  if (sameShape(value.shape, shape)) return value;
  return value.graph.emit('Reshape', [value, value.graph.integers(shape)], shape);
}

/** Axis i of the result is axis `permutation[i]` of the value. */
export function transpose(value: Value, permutation: readonly number[]): Value {
  if (
    !sameShape(
      permutation.toSorted((a, b) => a - b),
      value.shape.map((_, axis) => axis),
    )
  ) {
    throw new ShapeError('Transpose', 'not a permutation of the axes', value.shape, permutation);
  }
  const shape = permutation.map((axis) => value.shape[axis]);
  return value.graph.emit('Transpose', [value], shape, { attributes: { perm: { integers: permutation } } });
}

/** Rows of a table by their numbers: [rows, size] and int32 [n] to [n, size]. */
export function gatherRows(table: Value, rows: Value): Value {
  return table.graph.emit('Gather', [table, rows], [...rows.shape, ...table.shape.slice(1)]);
}

/** The part [from, to) of the last axis. */
export function sliceLast(value: Value, from: number, to: number): Value {
  const { graph, shape } = value;
  const ranges = [[from], [to], [shape.length - 1]].map((list) => graph.integers(list));
  return graph.emit('Slice', [value, ...ranges], [...shape.slice(0, -1), to - from]);
}

/** Joins two values along the last axis. */
export function concatenateLast(left: Value, right: Value): Value {
  const axis = left.shape.length - 1;
  const outer = left.shape.slice(0, -1);
  if (!sameShape(outer, right.shape.slice(0, -1))) {
    throw new ShapeError('Concat', 'outer axes differ', left.shape, right.shape);
  }
  const shape = [...outer, left.shape[axis] + right.shape[axis]];
  return left.graph.emit('Concat', [left, right], shape, { attributes: { axis: { integer: axis } } });
}

/** Which operands of a product are taken transposed in their last two axes, and a factor on the result. */
export interface ProductOptions {
  transposeLeft?: boolean;
  transposeRight?: boolean;
  scale?: number;
}

/** Shape of a product over the last two axes; outer axes must be equal. */
function productShape(type: string, left: Shape, right: Shape, options: ProductOptions): Shape {
  const [rows, inner] = matrixShape(left, options.transposeLeft);
  const [innerRight, columns] = matrixShape(right, options.transposeRight);
  const outer = left.slice(0, -2);
  if (left.length < 2 || inner !== innerRight || !sameShape(outer, right.slice(0, -2))) {
    throw new ShapeError(type, 'not multipliable', left, right);
  }
  return [...outer, rows, columns];
}

function matrixShape(shape: Shape, transposed = false): [rows: number, columns: number] {
  const [rows, columns] = shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}

function productAttributes(options: ProductOptions): Record<string, Attribute> {
  return {
    transA: { integer: options.transposeLeft ? 1 : 0 },
    transB: { integer: options.transposeRight ? 1 : 0 },
    alpha: { float: options.scale ?? 1 },
  };
}

/** Product of two matrices. */
export function gemm(left: Value, right: Value, options: ProductOptions = {}): Value {
  if (left.shape.length !== 2) throw new ShapeError('Gemm', 'a matrix is needed', left.shape);
  const shape = productShape('Gemm', left.shape, right.shape, options);
  return left.graph.emit('Gemm', [left, right], shape, { attributes: productAttributes(options) });
}

/** Products of equally many matrices, over the last two axes. */
export function batchedMatmul(left: Value, right: Value, options: ProductOptions = {}): Value {
  const { graph } = left;
  const shape = productShape('MatMul', left.shape, right.shape, options);
  if (graph.target === 'cpu') {
    const attributes = productAttributes(options);
    return graph.emit('FusedMatMul', [left, right], shape, { attributes, domain: MICROSOFT });
  }
  const operands: [Value, Value] = [
    options.transposeLeft ? swapLastAxes(left) : left,
    options.transposeRight ? swapLastAxes(right) : right,
  ];
  const product = graph.emit('MatMul', operands, shape);
  return options.scale === undefined ? product : multiply(product, graph.scalar(options.scale));
}

function swapLastAxes(value: Value): Value {
  const axes = value.shape.map((_, axis) => axis);
  return transpose(value, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

/** Undoes broadcasting in a gradient: sums over the axes that were stretched, so that it has `shape` again. */
export function sumTo(gradient: Value, shape: Shape): Value {
  const added = gradient.shape.length - shape.length;
  const stretched = gradient.shape.flatMap((dimension, axis) =>
    axis < added || (shape[axis - added] === 1 && dimension !== 1) ? [axis] : [],
  );
  return reshape(stretched.length === 0 ? gradient : sum(gradient, stretched), shape);
}
