// By a judge: a model is shown the numbered steps and says which is the first wrong one, asked as ProcessBench asks its critics
// (Zheng et al. 2024): steps between tags, the number in a box, -1 for none.
import type { ChatMessage } from '../sampling/chatRequest.ts';
import { labelsUpTo, type LabelMethod } from './labelMethod.ts';

export const judge: LabelMethod = {
  name: 'judge',
  title: 'a model names the first wrong step, by majority of its votes that can be read',
  needsAnswer: false,
  needsServer: true,
  estimates: false,
  cost: (_, { votes }) => votes,
  async label({ problem, steps, answer }, { votes }, asker) {
    const asked = await asker.ask(judgeMessages(problem, steps, answer), votes, 'judge');
    if ('without' in asked) return asked;
    const verdicts = asked.answers
      // In thoughts that were cut, a box need not be the last word.
      .map(({ text, finish }) => (finish === 'length' ? undefined : verdictOf(text, steps.length)))
      .filter((verdict) => verdict !== undefined);
    if (verdicts.length === 0) return { without: 'no verdict that can be read' };
    const chosen = majority(verdicts);
    if (chosen === undefined) return { without: 'votes without a majority' };
    return { labels: labelsUpTo(chosen === NONE ? undefined : chosen - 1, steps.length) };
  },
};

/** The verdict that no step is wrong. */
const NONE = -1;

const INSTRUCTION =
  'You are given a problem and a solution in numbered steps. Check the steps one after the other. Then give the number of the first ' +
  'step that is wrong, alone, in \\boxed{}; where all steps are right, give \\boxed{-1}.';

function judgeMessages(problem: string, steps: readonly string[], answer: string | undefined): ChatMessage[] {
  const tag = tagBeside(steps);
  const numbered = steps.map((step, index) => `<${tag}_${index + 1}>\n${step}\n</${tag}_${index + 1}>`);
  const reference = answer === undefined ? '' : `\n\nReference answer:\n${answer}`;
  return [
    { role: 'system', content: INSTRUCTION },
    { role: 'user', content: `Problem:\n${problem}${reference}\n\nSolution:\n${numbered.join('\n')}` },
  ];
}

/** A name that no step uses as one: what stands in a step cannot end it. */
function tagBeside(steps: readonly string[]): string {
  let tag = 'step';
  while (steps.some((step) => step.includes(`${tag}_`))) tag += 's';
  return tag;
}

const BOXED = /\\boxed\s*\{((?:[^{}]|\{[^{}]*\})*)\}/g;
/** Without a box: a last line that is nothing but the number and what leads to it. */
const LAST_LINE =
  /^[^\w-]*(?:(?:the|final|answer|first|wrong|step|index|verdict|number|is)[^\w-]+)*(-?\d+)[^\w-]*$/i;

/** @returns the number of the first wrong step, or NONE; undefined where the text does not say, or names no step of the solution */
function verdictOf(text: string, steps: number): number | undefined {
  const boxed = [...text.matchAll(BOXED)].at(-1)?.[1];
  const digits =
    boxed === undefined
      ? LAST_LINE.exec(text.trim().split('\n').at(-1) ?? '')?.[1]
      : /^\D*?(-?\d+)\D*$/.exec(boxed)?.[1];
  const verdict = Number(digits);
  const isOne = digits !== undefined && (verdict === NONE || (verdict >= 1 && verdict <= steps));
  return isOne ? verdict : undefined;
}

/** What more than half say. */
function majority(verdicts: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const verdict of verdicts) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  const [best] = [...counts].sort((a, b) => b[1] - a[1]);
  return best !== undefined && 2 * best[1] > verdicts.length ? best[0] : undefined;
}
