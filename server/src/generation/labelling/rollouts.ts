// By Monte-Carlo roll-outs: a step is as good as the share of continuations from it that reach the reference answer
// (Math-Shepherd, Wang et al. 2024); a binary search finds the first wrong step with fewer of them (OmegaPRM, Luo et al. 2024).
import { finalAnswer, sameAnswer } from '../answers.ts';
import type { ChatMessage } from '../sampling/chatRequest.ts';
import {
  labelsUpTo,
  type Asker,
  type LabelMethod,
  type LabelSettings,
  type UnlabelledSolution,
} from './labelMethod.ts';

export const rollouts: LabelMethod = {
  name: 'rollouts',
  title: 'a step is correct if a continuation from it reaches the reference answer',
  needsAnswer: true,
  needsServer: true,
  cost: (steps, { rollouts: count, search }) =>
    count * (search === 'every' ? steps : Math.ceil(Math.log2(steps + 1))),
  async label(solution, settings, asker) {
    return settings.search === 'every'
      ? everyStep(solution, settings, asker)
      : binarySearch(solution, settings, asker);
  },
};

async function everyStep(solution: UnlabelledSolution, { rollouts: count }: LabelSettings, asker: Asker) {
  const estimates = await Promise.all(
    solution.steps.map((_, step) => estimate(solution, step, count, asker)),
  );
  if (estimates.includes(undefined)) return { without: MISSING };
  const labels = estimates.map((value) =>
    value === undefined ? ('unlabelled' as const) : value > 0 ? ('correct' as const) : ('incorrect' as const),
  );
  return { labels, estimates };
}

/** As of a server that failed, or a budget that is used up. */
const MISSING = 'roll-outs that could not be had';

/** If a step can still be continued to the answer, so can those before it: the first that cannot is found by halves. */
async function binarySearch(solution: UnlabelledSolution, { rollouts: count }: LabelSettings, asker: Asker) {
  const { steps } = solution;
  const estimates = steps.map((): number | undefined => undefined);
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = await estimate(solution, middle, count, asker);
    if (value === undefined) return { without: MISSING };
    estimates[middle] = value;
    if (value > 0) low = middle + 1;
    else high = middle;
  }
  return { labels: labelsUpTo(low === steps.length ? undefined : low, steps.length), estimates };
}

/** Share of continuations from a step on that come out right; the last step's own answer needs none. */
async function estimate(
  { problem, steps, answer = '' }: UnlabelledSolution,
  step: number,
  count: number,
  asker: Asker,
): Promise<number | undefined> {
  const sofar = steps.slice(0, step + 1);
  const stated = step === steps.length - 1 ? finalAnswer(steps[step] ?? '') : undefined;
  if (stated !== undefined) return sameAnswer(stated, answer) ? 1 : 0;
  const texts = await asker.ask(continuationMessages(problem, sofar), count, 'solver');
  if (texts === undefined) return undefined;
  const right = texts.filter((text) => {
    const given = finalAnswer(text);
    return given !== undefined && sameAnswer(given, answer);
  });
  return right.length / texts.length;
}

const INSTRUCTION =
  'You are given a problem and the first steps of its solution. Go on from exactly there; take the given steps as they are and do not ' +
  'repeat them. Write each further step on a line of its own, and the final answer alone on the last line, behind "#### ".';

function continuationMessages(problem: string, steps: readonly string[]): ChatMessage[] {
  return [
    { role: 'system', content: INSTRUCTION },
    { role: 'user', content: `Problem:\n${problem}\n\nFirst steps:\n${steps.join('\n')}` },
  ];
}
