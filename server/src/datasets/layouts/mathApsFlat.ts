// MATH-APS (OpenR), flat: `reasoning_steps` lists every node of the search as the whole text from the question on.
// https://github.com/openreasoner/openr
import type { RowFault } from '../rowSource.ts';
import { faultAt, fromJson, isObject, listField, problemField, shown, textOrNumber } from './fields.ts';
import { isFault, type Layout } from './layout.ts';
import { readValue } from './mathApsTree.ts';
import { withPolicies } from './policies.ts';
import { addChild, pathsOfTree, rootNode, type StepNode } from './stepTree.ts';

export const mathApsFlat: Layout = {
  name: 'math-aps-flat',
  title: 'MATH-APS flat',
  columns: ['question', 'reasoning_steps', 'final_answer', 'question_id'],
  optional: ['final_answer', 'question_id'],
  recognise({ question, reasoning_steps: value }) {
    const nodes = fromJson(value);
    if (question == null || !Array.isArray(nodes)) return undefined;
    const [first] = nodes as unknown[];
    if (!isObject(first) || typeof first.solution_prefix !== 'string') return undefined;
    return '`question`, and in `reasoning_steps` a list of `solution_prefix` and `mc_value`';
  },
  reader: (options) =>
    withPolicies(options, (fields) => {
      const unwrapped = problemField(fields, 'question');
      if (isFault(unwrapped)) return unwrapped;
      const nodes = listField(fields, 'reasoning_steps');
      if (isFault(nodes)) return nodes;
      const { problem, wrapper } = unwrapped;
      const root = treeOf(problem, nodes);
      if (isFault(root)) return root;
      const paths = pathsOfTree(problem, root);
      if (paths === undefined) return faultAt(['reasoning_steps'], 'no steps');
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

interface Prefix {
  /** Behind the question. */
  text: string;
  values: number[];
  /** Its place in the list. */
  index: number;
  /** The longest other prefix that it continues. */
  before: Prefix | undefined;
}

/** A node's step is what its prefix adds to the longest other prefix that it continues. */
function treeOf(problem: string, items: readonly unknown[]): StepNode | RowFault {
  const prefixes = prefixesOf(problem, items);
  if (isFault(prefixes)) return prefixes;
  // In this order a prefix stands before all its continuations, and they stand together.
  const sorted = [...prefixes].sort((one, two) => (one.text < two.text ? -1 : one.text > two.text ? 1 : 0));
  const open: Prefix[] = [];
  for (const prefix of sorted) {
    let before = open.at(-1);
    while (before !== undefined && !prefix.text.startsWith(before.text)) {
      open.pop();
      before = open.at(-1);
    }
    prefix.before = before;
    open.push(prefix);
  }
  return joined(prefixes);
}

/** In the list's order; the same prefix twice is one step that was estimated again. */
function prefixesOf(problem: string, items: readonly unknown[]): Prefix[] | RowFault {
  const byText = new Map<string, Prefix>();
  for (const [index, item] of items.entries()) {
    const place = ['reasoning_steps', index];
    if (!isObject(item)) return faultAt(place, 'a step is no object', `number ${index + 1}: ${shown(item)}`);
    const { solution_prefix: whole } = item;
    if (typeof whole !== 'string') {
      return faultAt([...place, 'solution_prefix'], '`solution_prefix` is no text', shown(whole));
    }
    const value = readValue(item.mc_value);
    if (isFault(value)) return { ...value, place: [...place, 'mc_value'] };
    const start = whole.trimStart();
    const text = (start.startsWith(problem) ? start.slice(problem.length) : start).trim();
    // The question itself, whose value is no step's.
    if (text === '') continue;
    let prefix = byText.get(text);
    if (prefix === undefined) {
      prefix = { text, values: [], index, before: undefined };
      byText.set(text, prefix);
    }
    if (value !== undefined) prefix.values.push(value);
  }
  return [...byText.values()];
}

/** Children in the list's order, although a prefix may stand behind its continuations. */
function joined(prefixes: readonly Prefix[]): StepNode {
  const root = rootNode();
  const nodes = new Map<Prefix, StepNode>();
  const byLength = [...prefixes].sort(
    (one, two) => one.text.length - two.text.length || one.index - two.index,
  );
  for (const prefix of byLength) {
    const { text, values, before } = prefix;
    const parent = (before && nodes.get(before)) ?? root;
    const node = addChild(parent, text.slice(before?.text.length ?? 0), undefined);
    node.values = values;
    nodes.set(prefix, node);
  }
  const order = new Map([...nodes].map(([{ index }, node]) => [node, index]));
  for (const { children } of [root, ...nodes.values()]) {
    children.sort((one, two) => (order.get(one) ?? 0) - (order.get(two) ?? 0));
  }
  return root;
}
