// Writes the rows of a view, as they are and in its order, to a file; memory holds one chunk of rows.
import type { ExportedView, ViewFormat } from '../../../../protocol/src/datasets.ts';
import { throwIfCancelled } from '../../support/errors.ts';
import { createRowFile, type RowFile } from '../export/rowFile.ts';
import type { SourceRow } from '../rowSource.ts';
import type { Table } from '../table/table.ts';

/** Bytes of the source that a chunk of rows is to hold, about. */
const CHUNK_BYTES = 8 << 20;
const CHUNK_ROWS = 4096;
/** A view in file order with a larger share of the rows is picked out of one pass over the file. */
const SHARE_FOR_A_PASS = 1 / 50;
/** Deeper rows cannot be written: the writers go into lists and objects by calling themselves. */
const DEEPEST = 1000;
/** Rows named in a note. */
const ROWS_NAMED = 5;

interface ExportHooks {
  signal?: AbortSignal | undefined;
  /** 0 to 1 of the rows. */
  onProgress?: ((share: number) => void) | undefined;
}

/**
 * @param positions rows of the view in its order; the whole file where undefined
 * @param file absolute path; replaced where it exists
 * @throws PrmError where a file cannot be read or written; CancelledError. Either way an earlier file stays as it was.
 */
export async function exportView(
  table: Table,
  positions: Uint32Array | undefined,
  format: ViewFormat,
  file: string,
  hooks: ExportHooks = {},
): Promise<ExportedView> {
  const { signal, onProgress } = hooks;
  throwIfCancelled(signal);
  const output = await createRowFile(file, format, table.columns);
  const writer = new RowWriter(output);
  try {
    for await (const { rows, share } of rowsOf(table, positions, signal)) {
      for (const row of rows) await writer.write(row);
      throwIfCancelled(signal);
      onProgress?.(share);
    }
  } catch (error) {
    await output.abandon();
    throw error;
  }
  const { bytes, notes } = await output.finish();
  return { file, rows: writer.rows, bytes, notes: [...writer.notes(), ...notes] };
}

interface Chunk {
  rows: SourceRow[];
  /** 0 to 1. */
  share: number;
}

function rowsOf(
  table: Table,
  positions: Uint32Array | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Chunk> {
  if (positions === undefined) return pick(table, undefined, signal);
  const isDense = positions.length > table.known.rows * SHARE_FOR_A_PASS;
  return isDense && isAscending(positions) ? pick(table, positions, signal) : jump(table, positions, signal);
}

/** One pass over the file. @param positions ascending; all where undefined */
async function* pick(
  table: Table,
  positions: Uint32Array | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Chunk> {
  let position = 0;
  let next = 0;
  const isWanted = (): boolean => {
    const here = position++;
    if (positions === undefined) return true;
    const wanted = positions[next] === here;
    if (wanted) next++;
    return wanted;
  };
  for await (const batch of table.batches(undefined, signal)) {
    const rows = batch.rows.filter(isWanted);
    yield { rows, share: Math.min(1, batch.position / table.extent) };
    if (next === positions?.length) return;
  }
}

async function* jump(
  table: Table,
  positions: Uint32Array,
  signal: AbortSignal | undefined,
): AsyncGenerator<Chunk> {
  const rowBytes = table.bytes / Math.max(1, table.known.rows);
  const count = Math.max(1, Math.min(CHUNK_ROWS, Math.floor(CHUNK_BYTES / rowBytes)));
  for (let start = 0; start < positions.length; start += count) {
    throwIfCancelled(signal);
    const end = Math.min(start + count, positions.length);
    const rows = await table.rowsAt(positions.subarray(start, end), { signal });
    yield { rows, share: end / positions.length };
  }
}

function isAscending(positions: Uint32Array): boolean {
  return positions.every((position, index) => index === 0 || position > (positions[index - 1] ?? 0));
}

/** Rows that cannot be read or written are left out, and named. */
class RowWriter {
  rows = 0;
  private readonly broken = new LeftOut('cannot be read');
  private readonly deep = new LeftOut(
    `cannot be written (lists or objects in more than ${DEEPEST.toLocaleString('en')} levels)`,
  );

  constructor(private readonly output: RowFile) {}

  async write({ number, fields }: SourceRow): Promise<void> {
    if (fields === undefined) this.broken.add(number);
    else if (isDeeper(fields, DEEPEST)) this.deep.add(number);
    else {
      this.rows++;
      await this.output.write(fields);
    }
  }

  notes(): string[] {
    return [...this.broken.notes(), ...this.deep.notes()];
  }
}

class LeftOut {
  private count = 0;
  private readonly first: number[] = [];

  constructor(private readonly why: string) {}

  add(number: number): void {
    this.count++;
    if (this.first.length < ROWS_NAMED) this.first.push(number);
  }

  notes(): string[] {
    if (this.count === 0) return [];
    const rows = this.first.map((row) => row.toLocaleString('en')).join(', ');
    const places = this.count > ROWS_NAMED ? `${rows}, …` : rows;
    const what =
      this.count === 1
        ? `1 row ${this.why} and was`
        : `${this.count.toLocaleString('en')} rows ${this.why} and were`;
    return [`${what} left out: ${places}.`];
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((item) => isDeeper(item, levels - 1));
  for (const name in value) {
    if (isDeeper((value as Record<string, unknown>)[name], levels - 1)) return true;
  }
  return false;
}
