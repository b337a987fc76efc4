// Embedding rows in and gradients out, repeated tokens included.
import { describe, expect, it } from 'vitest';
import { gatherEmbeddings, scatterGradients } from '../../../server/src/training/embedding.ts';

const ids = Int32Array.of(2, 0, 2, 2);

describe('token embeddings', () => {
  it('are gathered by row', () => {
    const table = Float32Array.of(0, 1, 10, 11, 20, 21);
    const rows = new Float32Array(8);
    gatherEmbeddings(table, 2, ids, rows);
    expect([...rows]).toEqual([20, 21, 0, 1, 20, 21, 20, 21]);
  });

  it.each([3, -1])('refuse the id %d of another vocabulary', (id) => {
    const gather = () => gatherEmbeddings(new Float32Array(6), 2, Int32Array.of(id), new Float32Array(2));
    expect(gather).toThrow(`Token id ${id} is not in the vocabulary.`);
  });

  it('take the sum of their positions’ gradients beside what they have', () => {
    const table = new Float32Array(6).fill(7);
    scatterGradients(Float32Array.of(1, 2, 3, 4, 10, 20, 100, 200), ids, table);
    expect([...table]).toEqual([10, 11, 7, 7, 118, 229]);
  });
});
