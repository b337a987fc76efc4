// Puts values back together as rows: nulls, lists, maps and structs by their levels.
// https://github.com/apache/parquet-java/blob/master/parquet-column (the record reader of the Dremel paper, without its automaton)
import type { LeafEntries } from './leafReader.ts';
import type { ParquetLeaf, ParquetNode } from './schema.ts';

const OUT_OF_STEP = 'its lists and values do not fit together';

/** Reads one column from entry to entry. */
class Cursor {
  private readonly column: LeafEntries;
  private readonly present: number;
  private entry = 0;
  private value = 0;

  constructor(leaf: ParquetLeaf, column: LeafEntries) {
    this.column = column;
    this.present = leaf.definition;
  }

  get definition(): number {
    return this.column.definitions?.[this.entry] ?? this.present;
  }

  /** Of the next entry; 0 where there is none. */
  get repetition(): number {
    return this.column.repetitions?.[this.entry] ?? 0;
  }

  get done(): boolean {
    return this.entry === this.column.entries;
  }

  take(): unknown {
    if (this.definition !== this.present || this.entry >= this.column.entries) throw new Error(OUT_OF_STEP);
    this.entry++;
    return this.column.values[this.value++];
  }

  skip(): void {
    if (this.entry >= this.column.entries || this.definition === this.present) throw new Error(OUT_OF_STEP);
    this.entry++;
  }
}

/**
 * The values of one top-level column.
 * @param columns entries of the leaves under the node, in their order
 * @throws Error where they do not fit together
 */
export function assembleColumn(node: ParquetNode, columns: readonly LeafEntries[], rows: number): unknown[] {
  const [first] = columns;
  const plain = node.shape === 'leaf' && !node.optional && !node.repeated;
  if (plain && first?.values.length === rows) return first.values;
  const cursors = new Map<ParquetNode, Cursor>();
  node.leaves.forEach((leaf, index) => {
    const column = columns[index];
    if (column === undefined) throw new Error(OUT_OF_STEP);
    cursors.set(leaf, new Cursor(leaf, column));
  });
  const read = readerOf(node, cursors);
  const values = new Array<unknown>(rows);
  for (let row = 0; row < rows; row++) values[row] = read();
  for (const cursor of cursors.values()) if (!cursor.done) throw new Error(OUT_OF_STEP);
  return values;
}

type Reader = () => unknown;

/** Reads a node where it stands in its parent: null, absent, a list of its own, or a value. */
function readerOf(node: ParquetNode, cursors: ReadonlyMap<ParquetNode, Cursor>): Reader {
  if (node.repeated) return listReader(node, presentReader(node, cursors), cursors);
  const read = presentReader(node, cursors);
  if (!node.optional) return read;
  const { lead, skip } = underNode(node, cursors);
  return () => {
    if (lead.definition >= node.definition) return read();
    skip();
    return null;
  };
}

function presentReader(node: ParquetNode, cursors: ReadonlyMap<ParquetNode, Cursor>): Reader {
  switch (node.shape) {
    case 'leaf': {
      const { lead } = underNode(node, cursors);
      return () => lead.take();
    }
    case 'list': {
      const [repeated] = node.children;
      if (repeated === undefined || node.item === undefined) throw new Error(OUT_OF_STEP);
      const item = node.item === repeated ? presentReader(repeated, cursors) : readerOf(node.item, cursors);
      return listReader(repeated, item, cursors);
    }
    case 'map':
      return mapReader(node, cursors);
    case 'struct':
      return structReader(node, cursors);
  }
}

/** @param repeated the node whose repetition makes the items */
function listReader(
  repeated: ParquetNode,
  item: Reader,
  cursors: ReadonlyMap<ParquetNode, Cursor>,
): () => unknown[] {
  const { lead, skip } = underNode(repeated, cursors);
  return () => {
    const items: unknown[] = [];
    if (lead.definition < repeated.definition) {
      skip();
      return items;
    }
    do items.push(item());
    while (lead.repetition === repeated.repetition);
    return items;
  };
}

function mapReader(node: ParquetNode, cursors: ReadonlyMap<ParquetNode, Cursor>): Reader {
  const [repeated] = node.children;
  const [key, value] = repeated?.children ?? [];
  if (repeated === undefined || key === undefined || value === undefined) throw new Error(OUT_OF_STEP);
  const readKey = readerOf(key, cursors);
  const readValue = readerOf(value, cursors);
  const entries = listReader(repeated, () => [keyText(readKey()), readValue()], cursors);
  return () => Object.fromEntries(entries() as [string, unknown][]);
}

function keyText(key: unknown): string {
  return typeof key === 'object' && key !== null ? JSON.stringify(key) : String(key);
}

function structReader(node: ParquetNode, cursors: ReadonlyMap<ParquetNode, Cursor>): Reader {
  const fields = node.children.map((child) => ({ name: child.name, read: readerOf(child, cursors) }));
  return () => {
    const struct: Record<string, unknown> = {};
    for (const { name, read } of fields) setField(struct, name, read());
    return struct;
  };
}

/** `__proto__` is a name like any other. */
export function setField(fields: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    fields[name] = value;
  }
}

/** The first column under a node says whether the node is there; an absent node takes one entry of each. */
function underNode(
  node: ParquetNode,
  cursors: ReadonlyMap<ParquetNode, Cursor>,
): { lead: Cursor; skip: () => void } {
  const all = node.leaves.map((leaf) => cursors.get(leaf));
  const found = all.filter((cursor) => cursor !== undefined);
  const [lead] = found;
  if (lead === undefined || found.length !== all.length) throw new Error(OUT_OF_STEP);
  return {
    lead,
    skip: () => {
      for (const cursor of found) cursor.skip();
    },
  };
}
