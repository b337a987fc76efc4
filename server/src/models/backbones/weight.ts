// A weight of a backbone: numbers in memory, or where they lie in a file, so that gigabytes need not be copied.

/** In memory. */
export interface HeldWeight {
  dims: readonly number[];
  values: Float32Array;
}

/** In a safetensors file, little-endian, at a byte offset; ONNX Runtime maps it from there. */
export interface StoredWeight {
  dims: readonly number[];
  type: 'F32' | 'F16' | 'BF16';
  /** Absolute, links resolved: ONNX Runtime refuses links that leave their folder. */
  file: string;
  /** Bytes from the start of the file. */
  offset: number;
  /** Bytes. */
  length: number;
}

export type Weight = HeldWeight | StoredWeight;

/** By Hugging Face name. */
export type Weights = ReadonlyMap<string, Weight>;
