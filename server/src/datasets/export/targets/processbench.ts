// ProcessBench: `problem`, `steps`, and `label`, the 0-based first wrong step or -1.
// https://huggingface.co/datasets/Qwen/ProcessBench
import type { Trace } from '../../trace.ts';
import { hasSoft, neutral, SOFT } from '../losses.ts';
import type { ExportTarget, Loss } from './target.ts';

const BEHIND: Loss = {
  what: 'labels behind the first wrong step',
  rule: 'only the first wrong step is written',
  remedy: 'or drop them with --after-error unlabelled',
};
/** To write -1, or a later step, would say that they are correct. */
const UNLABELLED: Loss = { what: 'steps without a label before the first wrong one' };

export const processbench: ExportTarget = {
  name: 'processbench',
  layout: 'processbench',
  holdsAlternatives: false,
  columns: () => [
    { name: 'id', type: 'string' },
    { name: 'generator', type: 'string' },
    { name: 'problem', type: 'string' },
    { name: 'steps', type: 'list<string>' },
    { name: 'final_answer_correct', type: 'bool' },
    { name: 'label', type: 'int64' },
  ],
  losses(trace) {
    const losses: Loss[] = [];
    const first = firstError(trace);
    const before = first < 0 ? trace.steps : trace.steps.slice(0, first);
    const behind = first < 0 ? [] : trace.steps.slice(first + 1);
    if (before.some(({ label }) => label === 'unlabelled')) losses.push(UNLABELLED);
    if (behind.some(({ label }) => label !== 'unlabelled')) losses.push(BEHIND);
    if (before.some(({ label }) => label === 'neutral')) {
      losses.push(neutral('those before the first wrong step count as correct'));
    }
    if (hasSoft(trace)) losses.push(SOFT);
    return losses;
  },
  // Who generated the solution and whether its answer is right, the traces do not say.
  writer: () => (trace, about) => [
    {
      id: about.id,
      generator: null,
      problem: trace.problem,
      steps: trace.steps.map(({ text }) => text),
      final_answer_correct: null,
      label: firstError(trace),
    },
  ],
};

function firstError({ steps }: Trace): number {
  return steps.findIndex(({ label }) => label === 'incorrect');
}
