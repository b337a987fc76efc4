// By agreement: only solutions whose first wrong step roll-outs and judge agree on are kept, the filter of Qwen's PRM report
// (Zhang et al. 2025), which kept the quality with 40 % of the data.
import type { Label } from '../../datasets/trace.ts';
import { judge } from './judge.ts';
import type { LabelMethod } from './labelMethod.ts';
import { rollouts } from './rollouts.ts';

export const consensus: LabelMethod = {
  name: 'consensus',
  title: 'roll-outs and judge agree on the first wrong step; other solutions are left out',
  needsAnswer: true,
  needsServer: true,
  cost: (steps, settings) => rollouts.cost(steps, settings) + judge.cost(steps, settings),
  async label(solution, settings, asker) {
    // The judge costs less: where it gives no verdict, the roll-outs are saved.
    const judged = await judge.label(solution, settings, asker);
    if ('without' in judged) return judged;
    const tried = await rollouts.label(solution, settings, asker);
    if ('without' in tried) return tried;
    return firstWrong(judged.labels) === firstWrong(tried.labels)
      ? { ...tried, labels: judged.labels }
      : { without: 'roll-outs and judge that disagree' };
  },
};

function firstWrong(labels: readonly Label[]): number {
  return labels.indexOf('incorrect');
}
