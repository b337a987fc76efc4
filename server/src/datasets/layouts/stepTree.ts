// Trees of steps with a value at each node (Monte-Carlo search), as paths from the root to the leaves.
import { readLabel, readShare } from '../labels.ts';
import type { RowFault } from '../rowSource.ts';
import type { Step, Trace } from '../trace.ts';
import { tooManySteps } from './policies.ts';

/** A step, with those that were tried behind it. Trees may be deep: nothing here calls itself. */
export interface StepNode {
  text: string;
  /** Shares of continuations that came out right, 0 to 1: one for each time that the search estimated this step. */
  values: number[];
  parent: StepNode | undefined;
  /** Steps on the way from the root, which is no step itself. */
  depth: number;
  children: StepNode[];
  /** Whether a path that was written already has the step's label. */
  told?: true;
}

export function rootNode(): StepNode {
  return { text: '', values: [], parent: undefined, depth: 0, children: [] };
}

export function addChild(parent: StepNode, text: string, value: number | undefined): StepNode {
  const values = value === undefined ? [] : [value];
  const node: StepNode = { text, values, parent, depth: parent.depth + 1, children: [] };
  parent.children.push(node);
  return node;
}

/** Several estimates of one step are averaged. */
function valueOf({ values }: StepNode): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * The main path is the one whose last step has the highest value, among equals the longest, then the first. Every
 * other path is an alternative from where it leaves the paths before it, so that each step is labelled once.
 */
export function pathsOfTree(
  problem: string,
  root: StepNode,
): { main: Trace; alternatives: () => Trace[] | RowFault } | undefined {
  const leaves = leavesOf(root);
  let best: StepNode | undefined;
  let bestValue = -1;
  for (const leaf of leaves) {
    const value = valueOf(leaf) ?? -1;
    if (best === undefined || value > bestValue || (value === bestValue && leaf.depth > best.depth)) {
      best = leaf;
      bestValue = value;
    }
  }
  if (best === undefined) return undefined;
  const mainLeaf = best;
  const main = traceTo(problem, mainLeaf);
  return {
    main: { problem: main.problem, steps: main.steps },
    alternatives: () => {
      const total = leaves.reduce((sum, { depth }) => sum + depth, 0);
      const fault = tooManySteps(leaves.length, total);
      if (fault !== undefined) return fault;
      return leaves.filter((leaf) => leaf !== mainLeaf).map((leaf) => traceTo(problem, leaf));
    },
  };
}

function leavesOf(root: StepNode): StepNode[] {
  const leaves: StepNode[] = [];
  const waiting = [...root.children].reverse();
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.children.length === 0) leaves.push(node);
    for (let index = node.children.length - 1; index >= 0; index--) {
      const child = node.children[index];
      if (child !== undefined) waiting.push(child);
    }
  }
  return leaves;
}

function traceTo(problem: string, leaf: StepNode): Trace {
  const steps: Step[] = [];
  let alternativeAt = 0;
  for (let node: StepNode | undefined = leaf; node?.parent !== undefined; node = node.parent) {
    if (node.told) {
      alternativeAt = Math.max(alternativeAt, node.depth);
      steps.push({ text: node.text, label: 'unlabelled' });
    } else {
      node.told = true;
      steps.push(stepOf(node));
    }
  }
  return { problem, steps: steps.reverse(), alternativeAt };
}

function stepOf(node: StepNode): Step {
  const { text } = node;
  const value = valueOf(node);
  const label = readLabel(value) ?? 'unlabelled';
  const soft = readShare(value);
  return soft === undefined ? { text, label } : { text, label, soft };
}
