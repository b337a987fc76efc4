// The token embedding where it is trained: a table in the host's memory, whatever the device. A run reads and changes
// few of its rows, and sums over repeated rows are slow or wrong on devices (embedding.ts).
import type { ParameterSpec } from '../models/backbones/parameters.ts';
import { gatherEmbeddings, scatterGradients } from './embedding.ts';
import { HostStore } from './hostStore.ts';

export class EmbeddingStore extends HostStore {
  private readonly size: number;

  /** @param spec [vocabulary, size] */
  constructor(spec: ParameterSpec) {
    super([spec]);
    this.size = spec.dims[1] ?? 0;
  }

  /** @param rows written, [n, size] */
  gather(ids: Int32Array, rows: Float32Array): void {
    gatherEmbeddings(this.tensors[0].values, this.size, ids, rows);
  }

  /**
   * Adds the gradients of a run's rows to those of the table.
   * @param rows [n, size]
   * @param first whether it is the first micro-batch of a step, which starts from zero
   */
  addGradients(rows: Float32Array, ids: Int32Array, first: boolean): void {
    const { gradient } = this.tensors[0];
    if (first) gradient.fill(0);
    scatterGradients(rows, ids, gradient);
  }
}
