// By Monte-Carlo roll-outs: a step is as good as the share of continuations from it that reach the reference answer
// (Math-Shepherd, Wang et al. 2024); a binary search finds the first wrong step with fewer of them (OmegaPRM, Luo et al. 2024).
import {
  labelsUpTo,
  type Asker,
  type Labelling,
  type LabelMethod,
  type LabelSettings,
  type UnlabelledSolution,
  type Without,
} from './labelMethod.ts';
import { statedShare, Tries } from './tries.ts';

export const rollouts: LabelMethod = {
  name: 'rollouts',
  title: 'a step is correct if a continuation from it reaches the reference answer',
  needsAnswer: true,
  needsServer: true,
  estimates: true,
  cost(solution, { rollouts: count, search }) {
    const steps = solution.steps.length;
    const stated = statedShare(solution);
    if (search === 'binary' && stated === 1) return 0;
    const open = stated === undefined ? steps : steps - 1;
    // Where the first step seems wrong, the problem itself is tried too.
    return open === 0 ? 0 : count * (1 + (search === 'every' ? open : Math.ceil(Math.log2(open + 1))));
  },
  async label(solution, settings, asker) {
    const tries = new Tries(solution, settings.rollouts, asker);
    return settings.search === 'every' ? everyStep(solution, tries) : binarySearch(solution, tries);
  },
};

/** What the most that `confirmFirstWrong` costs is, in answers. */
export function costOfConfirming(solution: UnlabelledSolution, { rollouts: count }: LabelSettings): number {
  const stated = statedShare(solution);
  return stated === 1 || (stated === 0 && solution.steps.length === 1) ? 0 : 2 * count;
}

/**
 * Whether a search by halves would come to the same first wrong step: no continuation from it is right, and one from the step before
 * is. Two steps are tried, where a search tries more.
 * @param wrong undefined: no step is wrong
 */
export async function confirmFirstWrong(
  solution: UnlabelledSolution,
  wrong: number | undefined,
  settings: LabelSettings,
  asker: Asker,
): Promise<{ confirmed: boolean; estimates: (number | undefined)[] } | Without> {
  const tries = new Tries(solution, settings.rollouts, asker);
  const { estimates } = tries;
  if (wrong === undefined) {
    const share = await tries.at(solution.steps.length - 1);
    return typeof share === 'number' ? { confirmed: share > 0, estimates } : share;
  }
  if (tries.stated === 1) return { confirmed: false, estimates };
  const share = await tries.at(wrong);
  if (typeof share !== 'number') return share;
  if (share > 0) return { confirmed: false, estimates };
  if (wrong === 0) return (await tries.failureOfProblem()) ?? { confirmed: true, estimates };
  const before = await tries.at(wrong - 1);
  return typeof before === 'number' ? { confirmed: before > 0, estimates } : before;
}

async function everyStep({ steps }: UnlabelledSolution, tries: Tries): Promise<Labelling> {
  const missing = (await Promise.all(steps.map((_, step) => tries.at(step)))).find(
    (share) => typeof share !== 'number',
  );
  if (missing !== undefined) return missing;
  const { estimates } = tries;
  const labels = estimates.map((share = 0) => (share > 0 ? ('correct' as const) : ('incorrect' as const)));
  return labels[0] === 'incorrect'
    ? ((await tries.failureOfProblem()) ?? { labels, estimates })
    : { labels, estimates };
}

/** If a step can still be continued to the answer, so can those before it: the first that cannot is found by halves. */
async function binarySearch({ steps }: UnlabelledSolution, tries: Tries): Promise<Labelling> {
  let low = 0;
  let high = steps.length;
  // What the last step says costs nothing.
  if (tries.stated !== undefined) {
    await tries.at(high - 1);
    if (tries.stated > 0) low = high;
    else high--;
  }
  while (low < high) {
    const middle = (low + high) >> 1;
    const share = await tries.at(middle);
    if (typeof share !== 'number') return share;
    if (share > 0) low = middle + 1;
    else high = middle;
  }
  const labels = labelsUpTo(low === steps.length ? undefined : low, steps.length);
  const { estimates } = tries;
  return low === 0 ? ((await tries.failureOfProblem()) ?? { labels, estimates }) : { labels, estimates };
}
