// Element types of tensors, and the typed arrays that hold them.

/** The types that gradients exist for. float64 serves exact gradient checks. */
export type FloatType = 'float32' | 'float64';
export type ElementType = FloatType | 'int32' | 'int64';

interface ArrayTypes {
  float32: Float32Array;
  float64: Float64Array;
  int32: Int32Array;
  int64: BigInt64Array;
}
/** The typed array of an element type. */
export type ElementArray<Type extends ElementType = ElementType> = ArrayTypes[Type];

/** `TensorProto.DataType` of onnx.proto3. */
export const ONNX_DATA_TYPE: Readonly<Record<ElementType, number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  float64: 11,
};

/** Numbers as the typed array of an element type. */
export function arrayOf(type: ElementType, values: ArrayLike<number>): ElementArray {
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
