// Static tensor shapes: sizes, broadcasting, and errors that name the operator and the shapes.

/** Dimensions, outermost first. [] is a scalar. */
export type Shape = readonly number[];

/** Two shapes that an operator cannot take together: a mistake in a model's definition, or weights of another model. */
export class ShapeError extends Error {
  constructor(operator: string, problem: string, ...shapes: readonly Shape[]) {
    super(`${operator}: ${problem}: ${shapes.map(formatShape).join(' and ')}.`);
    this.name = 'ShapeError';
  }
}

/** A shape as people write it: [2, 3]. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Number of elements. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

export function sameShape(left: Shape, right: Shape): boolean {
  return left.length === right.length && left.every((dimension, axis) => dimension === right[axis]);
}

/**
 * The shape of an elementwise result, by the rule of numpy and ONNX: shapes are aligned at their last axis, and a
 * dimension of 1 stretches.
 * @throws ShapeError where two dimensions differ and neither is 1
 */
export function broadcastShapes(operator: string, left: Shape, right: Shape): Shape {
  const rank = Math.max(left.length, right.length);
  return Array.from({ length: rank }, (_, axis) => {
    const a = left[left.length - rank + axis] ?? 1;
    const b = right[right.length - rank + axis] ?? 1;
    if (a !== b && a !== 1 && b !== 1) throw new ShapeError(operator, 'shapes do not broadcast', left, right);
    return a === 1 ? b : a;
  });
}
