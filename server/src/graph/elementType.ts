// Element types of tensors, and the typed arrays that hold them.

/** The types that gradients exist for. float64 serves exact gradient checks. */
export type FloatType = 'float32' | 'float64';
/** Half-size floats that weights are stored as. Nothing is computed in them: they are widened first. */
export type HalfType = 'bfloat16' | 'float16';
export type ElementType = FloatType | HalfType | 'int32' | 'int64' | 'bool';

interface ArrayTypes {
  float32: Float32Array;
  float64: Float64Array;
  /** Their bits. */
  bfloat16: Uint16Array;
  float16: Uint16Array;
  int32: Int32Array;
  int64: BigInt64Array;
  bool: Uint8Array;
}
/** The typed array of an element type. */
export type ElementArray<Type extends ElementType = ElementType> = ArrayTypes[Type];

/** `TensorProto.DataType` of onnx.proto3. */
export const ONNX_DATA_TYPE: Readonly<Record<ElementType, number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
};

/** Types that constants of a graph are written in. */
export type ConstantType = FloatType | 'int32' | 'int64';

/** Numbers as the typed array of an element type. */
export function arrayOf(type: ConstantType, values: ArrayLike<number>): ElementArray {
  switch (type) {
    case 'float32':
      return Float32Array.from(values);
    case 'float64':
      return Float64Array.from(values);
    case 'int32':
      return Int32Array.from(values);
    case 'int64':
      return BigInt64Array.from(values, (value) => BigInt(value));
  }
}
