// Token embeddings outside the graph: rows gathered before a run, gradients summed by row after it. ONNX Runtime's
// ScatterND with reduction "add" loses updates on the CPU with two or more threads where rows repeat.

/**
 * Copies the rows of the given tokens.
 * @param table [vocabulary, size]
 * @param ids [n], below the vocabulary's size
 * @param rows written, [n, size]
 * @throws RangeError where an id is outside the table
 */
export function gatherEmbeddings(
  table: Float32Array,
  size: number,
  ids: Int32Array,
  rows: Float32Array,
): void {
  for (let row = 0; row < ids.length; row++) {
    const start = ids[row] * size;
    if (start < 0 || start >= table.length)
      throw new RangeError(`Token id ${ids[row]} is not in the vocabulary.`);
    rows.set(table.subarray(start, start + size), row * size);
  }
}

/**
 * Adds the gradients of all positions of a token to the token's row.
 * @param rows [n, size]
 * @param ids [n]
 * @param table added to, [vocabulary, size]
 */
export function scatterGradients(rows: Float32Array, ids: Int32Array, table: Float32Array): void {
  const size = rows.length / ids.length;
  for (let row = 0; row < ids.length; row++) {
    const from = row * size;
    const to = ids[row] * size;
    for (let column = 0; column < size; column++) table[to + column] += rows[from + column];
  }
}
