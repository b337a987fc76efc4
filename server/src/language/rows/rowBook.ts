// The open documents that may be datasets.
import type { Workplace } from '../workplace.ts';
import { mayHoldRows, RowDocument } from './rowDocument.ts';

export class RowBook {
  readonly #workplace: Workplace;
  readonly #documents = new Map<string, RowDocument>();

  constructor(workplace: Workplace) {
    this.#workplace = workplace;
    workplace.onEdit((uri, { start }) => this.#documents.get(uri)?.edited(start));
    workplace.documents.onDidClose(({ document }) => this.#documents.delete(document.uri));
  }

  /** Undefined where no such document is open, or it cannot hold rows. Whether it does, `layout` tells. */
  get(uri: string): RowDocument | undefined {
    const open = this.#workplace.documents.get(uri);
    if (open === undefined || !mayHoldRows(open)) return undefined;
    let rows = this.#documents.get(uri);
    if (rows?.document !== open) {
      rows = new RowDocument(open);
      this.#documents.set(uri, rows);
    }
    return rows;
  }
}
