// The columns of a text file, from the fields of its first rows, with types for people.
import type { TableColumn } from '../../../../../protocol/src/datasets.ts';
import type { SourceRow } from '../../rowSource.ts';

/** Items of a list, or fields of a struct, that are looked at, and levels that are named. */
const ITEMS = 16;
const NAMED_FIELDS = 4;
const LEVELS = 3;

/** What was seen of a value; kinds of several rows are joined. */
interface Shape {
  kinds: Set<'string' | 'number' | 'boolean' | 'list' | 'struct'>;
  items?: Shape;
  fields?: Map<string, Shape>;
}

/** Fields in the order of their first appearance; `mixed` where rows differ, `null` where nothing else was seen. */
export function columnsOf(rows: readonly SourceRow[]): TableColumn[] {
  const whole: Shape = { kinds: new Set() };
  for (const { fields } of rows) {
    if (fields !== undefined) see(whole, fields, 0, Number.POSITIVE_INFINITY);
  }
  return [...(whole.fields ?? [])].map(([name, shape]) => ({ name, type: typeName(shape) }));
}

function see(shape: Shape, value: unknown, level: number, limit = ITEMS): void {
  if (value === null || value === undefined) return;
  if (Array.isArray(value)) {
    shape.kinds.add('list');
    if (level < LEVELS) {
      shape.items ??= { kinds: new Set() };
      for (const item of value.slice(0, ITEMS)) see(shape.items, item, level + 1);
    }
  } else if (typeof value === 'object') {
    shape.kinds.add('struct');
    if (level >= LEVELS) return;
    shape.fields ??= new Map();
    for (const [name, field] of Object.entries(value)) {
      let known = shape.fields.get(name);
      if (known === undefined && shape.fields.size < limit)
        shape.fields.set(name, (known = { kinds: new Set() }));
      if (known !== undefined) see(known, field, level + 1);
    }
  } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    shape.kinds.add(typeof value as 'string' | 'number' | 'boolean');
  }
}

function typeName({ kinds, items, fields }: Shape): string {
  const [kind, another] = kinds;
  if (kind === undefined) return 'null';
  if (another !== undefined) return 'mixed';
  if (kind === 'list')
    return items === undefined || items.kinds.size === 0 ? 'list' : `list<${typeName(items)}>`;
  if (kind !== 'struct') return kind;
  if (fields === undefined || fields.size === 0) return 'struct';
  const named = [...fields].slice(0, NAMED_FIELDS).map(([name, shape]) => `${name}: ${typeName(shape)}`);
  return `struct<${named.join(', ')}${fields.size > NAMED_FIELDS ? ', …' : ''}>`;
}
