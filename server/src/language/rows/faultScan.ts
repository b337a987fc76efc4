// Reads the rows of a document for faults: bit by bit between other work, and after an edit only what changed.
import type { RowDocument, RowText } from './rowDocument.ts';
import { findFault, type PlacedFault } from './rowFaults.ts';
import type { ReadRow } from './rowReading.ts';

/** Faults told of one document. */
export const MOST_FAULTS = 500;
/** Milliseconds of reading before other work gets its turn. */
const TURN = 12;

export interface FoundFault extends PlacedFault {
  /** Offset of the row in the document; the fault's own offsets start there. */
  rowStart: number;
  /** As people count. */
  row: number;
}

export interface ScanResult {
  faults: FoundFault[];
  /** There may be more behind the last one. */
  isCapped: boolean;
}

/** A row without a fault, or a blank line. */
const WELL = null;

export class FaultScan {
  readonly #rows: RowDocument;
  /** By line: undefined is not read yet. Offsets are those in the line, so that they hold when lines above change. */
  #lines: (PlacedFault | typeof WELL | undefined)[] = [];
  /** Of the document that `#lines` speaks of; the array itself ends at the last line that was read. */
  #lineCount = 0;
  #layoutName = '';

  constructor(rows: RowDocument) {
    this.#rows = rows;
  }

  /** Forgets the lines that an edit changed. Call it after the document took the edit. */
  edited({ start, text }: { start: number; text: string }): void {
    const { document } = this.#rows;
    const line = document.positionAt(start).line;
    const added = countLines(text);
    const removed = this.#lineCount - document.lineCount + added;
    this.#lineCount = document.lineCount;
    if (line >= this.#lines.length) return;
    const fresh = Array.from({ length: added + 1 }, () => undefined);
    this.#lines = this.#lines.slice(0, line).concat(fresh, this.#lines.slice(line + removed + 1));
    // One line more: a `\r` and a `\n` may have come together or been parted there.
    if (line + added + 1 < this.#lines.length) this.#lines[line + added + 1] = undefined;
  }

  /**
   * @returns the faults in order; undefined where the document is no dataset, or the signal ended the reading (what was
   *   read is kept)
   */
  async run(signal: AbortSignal): Promise<ScanResult | undefined> {
    const { layout, layoutName } = this.#rows;
    if (layout === undefined) return undefined;
    if (layoutName !== this.#layoutName) {
      this.#lines = [];
      this.#layoutName = layoutName;
    }
    this.#lineCount = this.#rows.document.lineCount;
    const faults: FoundFault[] = [];
    let turnEnds = performance.now() + TURN;
    for (const { row, fault } of this.#rows.isLines
      ? this.#onLines(layout.read)
      : this.#inList(layout.read)) {
      if (row !== undefined && fault != null) faults.push({ ...fault, rowStart: row.start, row: row.number });
      if (faults.length === MOST_FAULTS) return { faults, isCapped: true };
      if (performance.now() < turnEnds) continue;
      await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted) return undefined;
      turnEnds = performance.now() + TURN;
    }
    return { faults, isCapped: false };
  }

  *#onLines(read: ReadRow): Generator<Checked> {
    const { lineCount } = this.#rows.document;
    for (let line = 0; line < lineCount; line++) {
      const known = this.#lines[line];
      if (known === WELL) continue;
      const row = this.#rows.rowOnLine(line);
      const fault = known ?? (row && findFault(row.text, read)) ?? WELL;
      this.#lines[line] = fault;
      yield { row, fault };
    }
  }

  *#inList(read: ReadRow): Generator<Checked> {
    const end = this.#rows.document.getText().length;
    for (const row of this.#rows.rowsIn({ start: 0, end })) {
      // Text that is no JSON is the JSON language's business there, and marked by it.
      const fault = findFault(row.text, read);
      yield { row, fault: fault?.code === 'json' ? WELL : fault };
    }
  }
}

interface Checked {
  row: RowText | undefined;
  fault: PlacedFault | typeof WELL | undefined;
}

function countLines(text: string): number {
  return text.split(/\r\n|\r|\n/).length - 1;
}
