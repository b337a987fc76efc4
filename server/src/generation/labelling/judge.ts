// By a judge: a model is shown the numbered steps and says which is the first wrong one.
import type { ChatMessage } from '../sampling/chatRequest.ts';
import { labelsUpTo, type LabelMethod } from './labelMethod.ts';

export const judge: LabelMethod = {
  name: 'judge',
  title: 'a model names the first wrong step, by majority of its votes',
  needsAnswer: false,
  needsServer: true,
  cost: (_, { votes }) => votes,
  async label({ problem, steps, answer }, { votes }, asker) {
    const texts = await asker.ask(judgeMessages(problem, steps, answer), votes, 'judge');
    if (texts === undefined) return { without: 'verdicts that could not be had' };
    const verdicts = texts
      .map((text) => verdictOf(text, steps.length))
      .filter((verdict) => verdict !== undefined);
    const chosen = majority(verdicts);
    if (chosen === undefined) {
      return { without: verdicts.length === 0 ? 'no verdict that can be read' : 'votes without a majority' };
    }
    return { labels: labelsUpTo(chosen === 0 ? undefined : chosen - 1, steps.length) };
  },
};

const INSTRUCTION =
  'Check a solution step by step. Think about each step, then write alone on the last line "VERDICT: " and the number of the first wrong ' +
  'step, or 0 where all are right.';

function judgeMessages(problem: string, steps: readonly string[], answer: string | undefined): ChatMessage[] {
  const numbered = steps.map((step, index) => `Step ${index + 1}: ${step}`).join('\n');
  const reference = answer === undefined ? '' : `\n\nReference answer: ${answer}`;
  return [
    { role: 'system', content: INSTRUCTION },
    { role: 'user', content: `Problem:\n${problem}${reference}\n\nSolution:\n${numbered}` },
  ];
}

/** @returns the number of the first wrong step, 0 for none; undefined where the text does not say */
function verdictOf(text: string, steps: number): number | undefined {
  const digits = [...text.matchAll(/VERDICT\W*(?:step\s*)?(\d+)/gi)].at(-1)?.[1];
  const number = Number(digits);
  return digits === undefined || number > steps ? undefined : number;
}

/** What more than half say. */
function majority(verdicts: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const verdict of verdicts) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  const [best] = [...counts].sort((a, b) => b[1] - a[1]);
  return best !== undefined && 2 * best[1] > verdicts.length ? best[0] : undefined;
}
