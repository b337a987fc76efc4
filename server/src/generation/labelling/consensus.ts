// By agreement: only solutions whose first wrong step roll-outs and judge agree on are kept, the filter of Qwen's PRM report
// (Zhang et al. 2025), which kept the quality with 40 % of the data.
import type { Label } from '../../datasets/trace.ts';
import { judge } from './judge.ts';
import type { Asker, LabelMethod, LabelSettings, UnlabelledSolution, Without } from './labelMethod.ts';
import { confirmFirstWrong, costOfConfirming, rollouts } from './rollouts.ts';

export const consensus: LabelMethod = {
  name: 'consensus',
  title: 'roll-outs and judge agree on the first wrong step; other solutions are left out',
  needsAnswer: true,
  needsServer: true,
  estimates: true,
  cost: (solution, settings) =>
    judge.cost(solution, settings) +
    (settings.search === 'every' ? rollouts.cost(solution, settings) : costOfConfirming(solution, settings)),
  async label(solution, settings, asker) {
    // The judge costs less: where it gives no verdict, the roll-outs are saved; where it gives one, a search is.
    const judged = await judge.label(solution, settings, asker);
    if ('without' in judged) return judged;
    const { labels } = judged;
    const tried = await compared(solution, firstWrong(labels), settings, asker);
    if ('without' in tried) return tried;
    const { confirmed, estimates } = tried;
    return confirmed ? { labels, estimates } : { without: 'roll-outs and judge that disagree' };
  },
};

async function compared(
  solution: UnlabelledSolution,
  wrong: number | undefined,
  settings: LabelSettings,
  asker: Asker,
): Promise<{ confirmed: boolean; estimates: (number | undefined)[] } | Without> {
  if (settings.search === 'binary') return confirmFirstWrong(solution, wrong, settings, asker);
  const tried = await rollouts.label(solution, settings, asker);
  if ('without' in tried) return tried;
  return { confirmed: firstWrong(tried.labels) === wrong, estimates: tried.estimates ?? [] };
}

function firstWrong(labels: readonly Label[]): number | undefined {
  const wrong = labels.indexOf('incorrect');
  return wrong === -1 ? undefined : wrong;
}
