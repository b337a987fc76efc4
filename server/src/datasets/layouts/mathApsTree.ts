// MATH-APS (OpenR) as a tree: `reasoning_steps` is the question's node, each `children` the steps tried behind it.
// https://github.com/openreasoner/openr
import type { RowFault } from '../rowSource.ts';
import { faultAt, fromJson, isObject, problemField, shown, textOrNumber } from './fields.ts';
import { isFault, type Fields, type Layout } from './layout.ts';
import { withPolicies } from './policies.ts';
import { addChild, pathsOfTree, rootNode, type StepNode } from './stepTree.ts';

export const mathApsTree: Layout = {
  name: 'math-aps-tree',
  title: 'MATH-APS tree',
  columns: ['question', 'reasoning_steps', 'final_answer', 'question_id'],
  optional: ['final_answer', 'question_id'],
  recognise({ question, reasoning_steps: value }) {
    const tree = fromJson(value);
    if (question == null || !isObject(tree) || !Array.isArray(tree.children)) return undefined;
    return '`question`, and in `reasoning_steps` a tree of `text`, `mc_value` and `children`';
  },
  reader: (options) =>
    withPolicies(options, (fields) => {
      const unwrapped = problemField(fields, 'question');
      if (isFault(unwrapped)) return unwrapped;
      const { problem, wrapper } = unwrapped;
      const root = treeOf(fromJson(fields.reasoning_steps));
      if (isFault(root)) return root;
      const paths = pathsOfTree(problem, root);
      if (paths === undefined) return faultAt(['reasoning_steps', 'children'], 'no steps');
      return {
        problem,
        wrapper,
        answer: textOrNumber(fields.final_answer),
        id: textOrNumber(fields.question_id),
        traces: [paths.main],
        alternatives: paths.alternatives,
      };
    }),
};

/** The place of a node, kept as a chain so that a deep tree costs no more than its size. */
interface Waiting {
  item: unknown;
  parent: StepNode;
  above: Waiting | undefined;
  /** Among the children of `above`. */
  index: number;
}

function treeOf(top: unknown): StepNode | RowFault {
  const root = rootNode();
  if (!isObject(top)) {
    return top == null
      ? faultAt(['reasoning_steps'], '`reasoning_steps` is missing')
      : faultAt(['reasoning_steps'], '`reasoning_steps` is no tree', shown(top));
  }
  const first: Waiting = { item: top, parent: root, above: undefined, index: 0 };
  const waiting: Waiting[] = [];
  /** Siblings with the same text are one step that was estimated again. */
  const siblings = new Map<StepNode, Map<string, StepNode>>();
  for (let at: Waiting | undefined = first; at !== undefined; at = waiting.pop()) {
    const read = readNode(at.item);
    if ('reason' in read) return { ...read, place: [...placeOf(at), ...(read.place ?? [])] };
    const { text, value, children } = read;
    // The top is the question itself; its value is no step's.
    const node = at === first ? root : stepBehind(at.parent, text, value, siblings);
    for (let index = children.length - 1; index >= 0; index--) {
      waiting.push({ item: children[index], parent: node, above: at, index });
    }
  }
  return root;
}

function stepBehind(
  parent: StepNode,
  text: string,
  value: number | undefined,
  siblings: Map<StepNode, Map<string, StepNode>>,
): StepNode {
  let byText = siblings.get(parent);
  if (byText === undefined) siblings.set(parent, (byText = new Map<string, StepNode>()));
  const key = text.trim();
  const known = byText.get(key);
  if (known !== undefined) {
    if (value !== undefined) known.values.push(value);
    return known;
  }
  const node = addChild(parent, text, value);
  byText.set(key, node);
  return node;
}

function readNode(
  item: unknown,
): { text: string; value: number | undefined; children: readonly unknown[] } | RowFault {
  if (!isObject(item)) return faultAt([], 'a node of the tree is no object', shown(item));
  const { text, children }: Fields = item;
  if (typeof text !== 'string') return faultAt(['text'], 'a step is no text', shown(text));
  const value = readValue(item.mc_value);
  if (isFault(value)) return value;
  if (children != null && !Array.isArray(children)) {
    return faultAt(['children'], '`children` is no list', shown(children));
  }
  return { text, value, children: (children ?? []) as readonly unknown[] };
}

/** @returns undefined where the step was not estimated */
export function readValue(value: unknown): number | undefined | RowFault {
  if (value == null) return undefined;
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && number >= 0 && number <= 1
    ? number
    : faultAt(['mc_value'], '`mc_value` is no share from 0 to 1', shown(value));
}

function placeOf(node: Waiting): (string | number)[] {
  const place: (string | number)[] = [];
  let at: Waiting = node;
  while (at.above !== undefined) {
    place.push(at.index, 'children');
    at = at.above;
  }
  place.push('reasoning_steps');
  return place.reverse();
}
