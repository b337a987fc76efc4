// A training batch: paths of equal padded length, with a label and a weight at every position.

/** Padded on the right: under causal attention a position never sees the padding behind it, so no mask is needed. */
export interface TokenBatch {
  /** Paths in the batch. */
  batch: number;
  /** Tokens of every path, padding included. One graph is built for each (batch, length) pair, so use few. */
  length: number;
  /** Token ids, [batch * length], path after path. */
  ids: Int32Array;
  /** Probability that the step is correct, [batch * length]: 1 or 0, or between for a soft label; read only where the weight is above 0. */
  targets: Float32Array;
  /** Weight of each position in the loss, [batch * length]: 0 where no step is scored. */
  weights: Float32Array;
}
