// A Parquet file as a table: pages are read and decoded only where their rows are asked for.
import { LRUCache } from 'lru-cache';
import type { ColumnChunk, RowGroup } from 'hyparquet';
import type { FileSchema } from '../../../../../protocol/src/datasetSummary.ts';
import type { KnownRows, TableColumn } from '../../../../../protocol/src/datasets.ts';
import { messageOf, PrmError, throwIfCancelled } from '../../../support/errors.ts';
import type { RowBatch, SourceRow } from '../../rowSource.ts';
import { FileBytes } from '../fileBytes.ts';
import type { FileChange, RowsOptions, Table } from '../table.ts';
import { assembleColumn, setField } from './assemble.ts';
import { describeSchema } from './describe.ts';
import { chunkStart, damaged, readFooter, type Footer } from './footer.ts';
import { LeafReader, TooLargeError, type LeafEntries, type PageCache } from './leafReader.ts';
import { LARGE_PAGE_BYTES } from './largeTexts.ts';
import type { ReadBytes } from './pageHeader.ts';
import { typeName, type ParquetNode } from './schema.ts';
import { Turns } from './turns.ts';
import { UnsupportedError } from './unsupported.ts';

const ROWS_AT_ONCE = 8192;
/** Of a batch, unpacked: rows of 100 KB come in smaller batches. */
const BATCH_BYTES = 32 << 20;
/** One page of DuckDB's (100 MB) and the pages beside it fit. */
const CACHE_BYTES = 144 << 20;
/** Row groups whose wanted columns lie this close together are read in one go. */
const SMALL_GROUP_BYTES = 4 << 20;
/** Columns of row groups whose pages' places are kept. */
const READERS_KEPT = 16_384;
/** Scattered rows so near each other are read together. */
const NEAR_ROWS = 256;
/** Pages and fragments that `index` keeps at most, 20 to 50 bytes each: enough for 30 GB of text. */
const MOST_PLACES = 500_000;

type Fields = Record<string, unknown>;

/** @throws PrmError where the file is not Parquet, cut short, encrypted or damaged */
export async function openParquetTable(path: string): Promise<Table> {
  const file = await FileBytes.open(path);
  try {
    return new ParquetTable(file, await readFooter(file));
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface Group {
  metadata: RowGroup;
  /** Row of the file. */
  start: number;
  end: number;
}

class ParquetTable implements Table {
  readonly kind = 'parquet';
  readonly columns: readonly TableColumn[];
  private readonly file: FileBytes;
  private readonly footer: Footer;
  private readonly groups: Group[] = [];
  private readonly cache: PageCache = new LRUCache({
    maxSize: CACHE_BYTES,
    sizeCalculation: (kept) => Math.max(1, Buffer.isBuffer(kept) ? kept.length : kept.bytes),
  });
  /** Bytes that were read in one go. */
  private block = { start: 0, bytes: Buffer.alloc(0) as Buffer };
  private readonly readers = new LRUCache<string, LeafReader>({ max: READERS_KEPT });

  private readonly turns = new Turns();
  private readonly closing = new AbortController();

  constructor(file: FileBytes, footer: Footer) {
    this.file = file;
    this.footer = footer;
    this.columns = footer.schema.children.map((node) => ({ name: node.name, type: typeName(node) }));
    let start = 0;
    for (const metadata of footer.metadata.row_groups) {
      const end = start + Number(metadata.num_rows);
      if (end > start) this.groups.push({ metadata, start, end });
      start = end;
    }
  }

  get path(): string {
    return this.file.path;
  }

  get bytes(): number {
    return this.file.size;
  }

  /** The sum over row groups: some writers leave the footer's own number at 0. */
  get extent(): number {
    return this.groups.at(-1)?.end ?? 0;
  }

  get known(): KnownRows {
    return { rows: this.extent, complete: true, share: 1 };
  }

  rows(start: number, end: number, options: RowsOptions = {}): Promise<SourceRow[]> {
    return this.turns.first(this.readRows(start, end, options));
  }

  private async readRows(start: number, end: number, { columns, signal }: RowsOptions): Promise<SourceRow[]> {
    const nodes = this.nodes(columns);
    const rows: SourceRow[] = [];
    const last = Math.min(end, this.extent);
    for (let at = Math.max(0, start); at < last;) {
      const group = this.groupOf(at);
      const until = Math.min(last, group.end);
      for (const row of await this.read(group, nodes, at, until, signal)) rows.push(row);
      at = until;
    }
    return rows;
  }

  async rowsAt(positions: ArrayLike<number>, options: RowsOptions = {}): Promise<SourceRow[]> {
    const asked = Array.from(positions);
    const ascending = [...new Set(asked)].sort((a, b) => a - b);
    const found = new Map<number, SourceRow>();
    for (let at = 0; at < ascending.length;) {
      const start = ascending[at] ?? 0;
      let end = start + 1;
      let next = at + 1;
      while ((ascending[next] ?? Number.POSITIVE_INFINITY) - end < NEAR_ROWS && end - start < ROWS_AT_ONCE) {
        end = (ascending[next++] ?? 0) + 1;
      }
      const rows = await this.rows(start, end, options);
      for (; at < next; at++) {
        const position = ascending[at] ?? 0;
        const row = rows[position - start];
        if (row === undefined) throw new RangeError(`row ${position + 1} is not known`);
        found.set(position, row);
      }
    }
    return asked.flatMap((position) => found.get(position) ?? []);
  }

  async *batches(columns: readonly string[] | undefined, signal?: AbortSignal): AsyncGenerator<RowBatch> {
    const nodes = this.nodes(columns);
    for (const group of this.groups) {
      const stride = strideOf(group, nodes);
      for (let start = group.start; start < group.end; start += stride) {
        const end = Math.min(start + stride, group.end);
        yield { rows: await this.read(group, nodes, start, end, signal), position: end };
      }
    }
  }

  /**
   * Reads through the columns whose rows have no index in the file, so that any page of rows is quick from then on.
   * A column that is damaged is left out: whoever asks for its rows is told.
   */
  async index({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    const ended = AbortSignal.any([this.closing.signal, ...(signal === undefined ? [] : [signal])]);
    let places = 0;
    for (const group of this.groups) {
      for (const { index: leaf } of this.footer.schema.leaves) {
        await this.turns.pause(ended);
        const chunk = group.metadata.columns[leaf];
        if (!isWorthIndexing(chunk) || places > MOST_PLACES) continue;
        try {
          places += await this.reader(group, leaf).prepare(this.turns, ended);
        } catch {
          throwIfCancelled(ended);
        }
      }
    }
  }

  schema(): FileSchema {
    return { kind: 'parquet', columns: [...this.columns], parquet: describeSchema(this.footer.metadata) };
  }

  async look(): Promise<FileChange> {
    const change = await this.file.look();
    // Its description stands at its end: nothing can be appended.
    return change === 'grown' ? 'replaced' : change;
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.cache.clear();
    await this.file.close();
  }

  private nodes(columns: readonly string[] | undefined): ParquetNode[] {
    const { children } = this.footer.schema;
    return columns === undefined ? children : children.filter(({ name }) => columns.includes(name));
  }

  private groupOf(row: number): Group {
    let low = 0;
    for (let high = this.groups.length; high - low > 1;) {
      const middle = (low + high) >>> 1;
      if ((this.groups[middle]?.start ?? 0) <= row) low = middle;
      else high = middle;
    }
    const group = this.groups[low];
    if (group === undefined) throw new RangeError(`row ${row + 1} is not known`);
    return group;
  }

  /** Rows of one row group; a row that would not fit into memory comes as a fault. */
  private async read(
    group: Group,
    nodes: readonly ParquetNode[],
    start: number,
    end: number,
    signal: AbortSignal | undefined,
  ): Promise<SourceRow[]> {
    throwIfCancelled(signal);
    try {
      const rows = await this.readFields(group, nodes, start, end, signal);
      return rows.map((fields, index) => ({ number: start + index + 1, fields }));
    } catch (error) {
      if (!(error instanceof TooLargeError)) throw error;
      if (end - start === 1) {
        const fault = { reason: 'the row is too large to be read', detail: error.message };
        return [{ number: start + 1, fields: undefined, fault }];
      }
      const middle = (start + end) >>> 1;
      const before = await this.read(group, nodes, start, middle, signal);
      return [...before, ...(await this.read(group, nodes, middle, end, signal))];
    }
  }

  private async readFields(
    group: Group,
    nodes: readonly ParquetNode[],
    start: number,
    end: number,
    signal: AbortSignal | undefined,
  ): Promise<Fields[]> {
    const rows = Array.from({ length: end - start }, (): Fields => ({}));
    await this.preload(group, nodes);
    for (const node of nodes) {
      throwIfCancelled(signal);
      let values: unknown[];
      try {
        const entries: LeafEntries[] = [];
        for (const leaf of node.leaves) {
          entries.push(await this.reader(group, leaf.index).rows(start - group.start, end - group.start));
        }
        values = assembleColumn(node, entries, end - start);
      } catch (error) {
        if (error instanceof TooLargeError) throw error;
        const place = end - start === 1 ? `row ${end}` : `rows ${start + 1} to ${end}`;
        const why = `${place} cannot be read (${messageOf(error)} in the column ${node.name})`;
        if (!(error instanceof UnsupportedError)) throw damaged(this.path, why, error);
        const remedy = 'Write the file again with smaller pages or another codec.';
        throw new PrmError({ where: this.path, what: why, remedy, cause: error });
      }
      rows.forEach((fields, row) => {
        setField(fields, node.name, values[row]);
      });
    }
    return rows;
  }

  private reader(group: Group, leaf: number): LeafReader {
    const key = `${group.start} ${leaf}`;
    let reader = this.readers.get(key);
    if (reader === undefined) {
      const column = group.metadata.columns[leaf];
      const node = this.footer.schema.leaves[leaf];
      if (column?.meta_data === undefined || node === undefined)
        throw new Error('a column has no description');
      const rows = group.end - group.start;
      reader = new LeafReader(
        this.readBytes,
        (from, to) => this.file.readNow(from, to),
        this.cache,
        column,
        column.meta_data,
        node,
        rows,
        this.footer.start,
      );
      this.readers.set(key, reader);
    }
    return reader;
  }

  /** Many small columns are read with one call instead of two for each. */
  private async preload(group: Group, nodes: readonly ParquetNode[]): Promise<void> {
    let start = Number.POSITIVE_INFINITY;
    let end = 0;
    for (const { index } of nodes.flatMap(({ leaves }) => leaves)) {
      const chunk = group.metadata.columns[index]?.meta_data;
      if (chunk === undefined) continue;
      const from = Number(chunkStart(chunk));
      start = Math.min(start, from);
      end = Math.max(end, from + Number(chunk.total_compressed_size));
    }
    const { block } = this;
    const there = start >= block.start && end <= block.start + block.bytes.length;
    if (there || end - start > SMALL_GROUP_BYTES || end <= start) return;
    try {
      this.block = { start, bytes: await this.file.read(start, end) };
    } catch (error) {
      throw damaged(
        this.path,
        `rows ${group.start + 1} to ${group.end} cannot be read (${messageOf(error)})`,
        error,
      );
    }
  }

  private readonly readBytes: ReadBytes = async (start, end) => {
    const { block } = this;
    const from = start - block.start;
    if (from >= 0 && end - block.start <= block.bytes.length && start <= end) {
      return block.bytes.subarray(from, end - block.start);
    }
    return this.file.read(start, end);
  };
}

/** Whether finding a place in it for the first time may take long. */
function isWorthIndexing(column: ColumnChunk | undefined): boolean {
  const bytes = Number(column?.meta_data?.total_uncompressed_size ?? 0);
  return bytes >= LARGE_PAGE_BYTES && column?.offset_index_offset === undefined;
}

/** Rows of a batch. */
function strideOf({ metadata, start, end }: Group, nodes: readonly ParquetNode[]): number {
  const rows = end - start;
  let bytes = 0;
  for (const { index } of nodes.flatMap(({ leaves }) => leaves)) {
    bytes += Number(metadata.columns[index]?.meta_data?.total_uncompressed_size ?? 0);
  }
  return Math.max(1, Math.min(ROWS_AT_ONCE, Math.floor((BATCH_BYTES * rows) / Math.max(bytes, 1))));
}
