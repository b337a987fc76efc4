// A Parquet schema as a tree that rows are put together by, and its types in words.
// Lists and maps, also the forms of old writers: https://github.com/apache/parquet-format/blob/master/LogicalTypes.md
import type { SchemaElement } from 'hyparquet';
import { leafTypeName } from './logical.ts';

const MOST_LEVELS = 64;
const NAMED_FIELDS = 4;

export interface ParquetNode {
  name: string;
  path: string[];
  element: SchemaElement;
  /** What a present value is. A list's `children` is its repeated child; a map's the repeated key and value. */
  shape: 'leaf' | 'struct' | 'list' | 'map';
  optional: boolean;
  repeated: boolean;
  /** Definition level at which the node is present, and repetition level of its own items. */
  definition: number;
  repetition: number;
  children: ParquetNode[];
  /** Of a list: what an item is, the repeated child itself or the only child of it. */
  item?: ParquetNode;
  /** Columns under the node, in file order. */
  leaves: ParquetLeaf[];
}

export interface ParquetLeaf extends ParquetNode {
  /** Among all leaves of the file. */
  index: number;
}

/**
 * @returns the root, whose children are the file's columns
 * @throws Error where the list of elements makes no tree
 */
export function readSchema(elements: readonly SchemaElement[]): ParquetNode {
  let next = 0;
  let leafCount = 0;

  function readNode(parent: ParquetNode | undefined, depth: number): ParquetNode {
    const element = elements[next++];
    if (element === undefined || depth > MOST_LEVELS) throw new Error('its schema makes no tree');
    const optional = parent !== undefined && element.repetition_type === 'OPTIONAL';
    const repeated = parent !== undefined && element.repetition_type === 'REPEATED';
    const node: ParquetNode = {
      name: element.name,
      path: parent === undefined ? [] : [...parent.path, element.name],
      element,
      shape: 'leaf',
      optional,
      repeated,
      definition: (parent?.definition ?? 0) + (optional || repeated ? 1 : 0),
      repetition: (parent?.repetition ?? 0) + (repeated ? 1 : 0),
      children: [],
      leaves: [],
    };
    const children = element.num_children ?? 0;
    if (element.type !== undefined && children === 0) {
      node.leaves.push(Object.assign(node, { index: leafCount++ }));
      return node;
    }
    for (let child = 0; child < children; child++) node.children.push(readNode(node, depth + 1));
    for (const child of node.children) node.leaves.push(...child.leaves);
    if (parent !== undefined) shapeGroup(node);
    else node.shape = 'struct';
    return node;
  }

  const root = readNode(undefined, 0);
  if (next !== elements.length) throw new Error('its schema makes no tree');
  return root;
}

function shapeGroup(node: ParquetNode): void {
  node.shape = 'struct';
  const { converted_type: converted, logical_type: logical } = node.element;
  const [child, ...more] = node.children;
  if (child === undefined || more.length > 0 || !child.repeated) return;
  const isMap = converted === 'MAP' || converted === 'MAP_KEY_VALUE' || logical?.type === 'MAP';
  if (isMap && child.children.length === 2) {
    node.shape = 'map';
  } else if (converted === 'LIST' || logical?.type === 'LIST') {
    node.shape = 'list';
    node.item = itemOf(node, child);
  }
}

/** The rules for lists of old writers: a repeated group may be the item, or only wrap it. */
function itemOf(list: ParquetNode, repeated: ParquetNode): ParquetNode {
  const [only, ...more] = repeated.children;
  if (only === undefined || more.length > 0 || only.repeated) return repeated;
  return repeated.name === 'array' || repeated.name === `${list.name}_tuple` ? repeated : only;
}

/** For people: `list<string>`, `struct<a: int64, …>`, `decimal(9,2)`. */
export function typeName(node: ParquetNode): string {
  const name = presentTypeName(node);
  return node.repeated ? `list<${name}>` : name;
}

function presentTypeName(node: ParquetNode): string {
  switch (node.shape) {
    case 'leaf':
      return leafTypeName(node.element);
    case 'list':
      // The repeated child is an item, not a list in the list.
      return `list<${node.item === undefined ? '' : presentTypeName(node.item)}>`;
    case 'map': {
      const [key, value] = node.children[0]?.children ?? [];
      return `map<${[key, value].map((part) => (part === undefined ? '' : typeName(part))).join(', ')}>`;
    }
    case 'struct': {
      const named = node.children.slice(0, NAMED_FIELDS).map((child) => `${child.name}: ${typeName(child)}`);
      return `struct<${named.join(', ')}${node.children.length > NAMED_FIELDS ? ', …' : ''}>`;
    }
  }
}
