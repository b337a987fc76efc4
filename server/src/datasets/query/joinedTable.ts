// The files of one dataset (a dataset of the Hub is often cut into several) as one table, in their order.
import type { FileSchema } from '../../../../protocol/src/datasetSummary.ts';
import type { KnownRows, TableColumn, TableKind } from '../../../../protocol/src/datasets.ts';
import type { RowBatch, SourceRow } from '../rowSource.ts';
import { openTable } from '../table/openTable.ts';
import type { FileChange, RowsOptions, Table } from '../table/table.ts';

/** Row groups that a schema lists. */
const ROW_GROUPS_LISTED = 1000;

/**
 * @param files at least one path
 * @throws PrmError where one of them cannot be opened
 */
export async function openTables(files: readonly string[]): Promise<Table> {
  const tables: Table[] = [];
  try {
    for (const file of files) tables.push(await openTable(file));
  } catch (error) {
    for (const table of tables) await table.close();
    throw error;
  }
  const [first, ...others] = tables;
  if (first === undefined) throw new Error('a dataset has at least one file');
  return others.length === 0 ? first : new JoinedTable(first, tables);
}

/**
 * Numbers go on from file to file, as `prm format` counts: the number of the last row before is added, which for JSONL is its
 * line.
 */
class JoinedTable implements Table {
  readonly kind: TableKind;
  readonly columns: readonly TableColumn[];
  /** Numbers of the last rows of parts that are known as a whole. */
  private readonly lastNumbers = new Map<Table, number>();

  constructor(
    private readonly first: Table,
    private readonly parts: readonly Table[],
  ) {
    this.kind = first.kind;
    const byName = new Map<string, TableColumn>();
    for (const column of parts.flatMap(({ columns }) => columns)) {
      if (!byName.has(column.name)) byName.set(column.name, column);
    }
    this.columns = [...byName.values()];
  }

  get path(): string {
    return `${this.first.path} and ${this.parts.length - 1} more`;
  }

  get bytes(): number {
    return this.parts.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get extent(): number {
    return this.parts.reduce((sum, { extent }) => sum + extent, 0);
  }

  /** Rows behind a file that is not counted yet have no place yet. */
  get known(): KnownRows {
    let rows = 0;
    for (const { known } of this.parts) {
      rows += known.rows;
      if (!known.complete) return { rows, complete: false, share: 0 };
    }
    return { rows, complete: true, share: 1 };
  }

  async rows(start: number, end: number, options?: RowsOptions): Promise<SourceRow[]> {
    const rows: SourceRow[] = [];
    let before = 0;
    let numbersBefore = 0;
    for (const part of this.parts) {
      const [from, to] = [Math.max(start - before, 0), Math.min(end - before, part.known.rows)];
      if (from < to) rows.push(...renumbered(await part.rows(from, to, options), numbersBefore));
      before += part.known.rows;
      if (before >= end || !part.known.complete) break;
      numbersBefore += await this.lastNumberOf(part, options);
    }
    return rows;
  }

  private async lastNumberOf(part: Table, options: RowsOptions | undefined): Promise<number> {
    const { rows } = part.known;
    if (part.kind === 'parquet') return rows;
    let number = this.lastNumbers.get(part);
    if (number === undefined) {
      const [last] = rows === 0 ? [] : await part.rows(rows - 1, rows, options);
      number = last?.number ?? 0;
      this.lastNumbers.set(part, number);
    }
    return number;
  }

  async rowsAt(positions: ArrayLike<number>, options?: RowsOptions): Promise<SourceRow[]> {
    const rows: SourceRow[] = [];
    for (const position of Array.from(positions)) {
      rows.push(...(await this.rows(position, position + 1, options)));
    }
    return rows;
  }

  async *batches(columns: readonly string[] | undefined, signal?: AbortSignal): AsyncGenerator<RowBatch> {
    let numbersBefore = 0;
    let positionBefore = 0;
    for (const part of this.parts) {
      let last = 0;
      for await (const { rows, position } of part.batches(columns, signal)) {
        last = rows.at(-1)?.number ?? last;
        yield { rows: renumbered(rows, numbersBefore), position: positionBefore + position };
      }
      numbersBefore += last;
      positionBefore += part.extent;
    }
  }

  async index(options?: Parameters<Table['index']>[0]): Promise<void> {
    for (const part of this.parts) await part.index({ signal: options?.signal });
    options?.onProgress?.(this.known);
  }

  schema(): FileSchema {
    const { kind, columns } = this;
    const schemas = this.parts.flatMap((part) => part.schema().parquet ?? []);
    const [parquet] = schemas;
    if (parquet === undefined) return { kind, columns: [...columns] };
    const rowGroups = schemas.flatMap((schema) => schema.rowGroups);
    return {
      kind,
      columns: [...columns],
      parquet: {
        ...parquet,
        codecs: [...new Set(schemas.flatMap(({ codecs }) => codecs))],
        rowGroups: rowGroups.slice(0, ROW_GROUPS_LISTED),
        moreRowGroups:
          Math.max(0, rowGroups.length - ROW_GROUPS_LISTED) +
          schemas.reduce((sum, { moreRowGroups }) => sum + moreRowGroups, 0),
      },
    };
  }

  async look(): Promise<FileChange> {
    for (const part of this.parts) {
      const change = await part.look();
      if (change !== 'same') return change;
    }
    return 'same';
  }

  async close(): Promise<void> {
    for (const part of this.parts) await part.close();
  }
}

function renumbered(rows: readonly SourceRow[], before: number): SourceRow[] {
  return rows.map((row) => ({ ...row, number: before + row.number }));
}
