// Math-Shepherd: one text with the problem and numbered steps, `ки` behind each, and the same text with + or -.
// https://huggingface.co/datasets/peiyi9979/Math-Shepherd
import { STEP_TAG } from '../../layouts/stepText.ts';
import type { Step, Trace } from '../../trace.ts';
import { hasLabel, hasSoft, neutral, SOFT } from '../losses.ts';
import type { ExportTarget, Loss } from './target.ts';

const UNLABELLED: Loss = {
  what: 'steps without a label',
  rule: 'the path ends before the first of them',
};
const NOTHING_LABELLED: Loss = { what: 'no label at the first step' };

export const mathShepherd: ExportTarget = {
  name: 'math-shepherd',
  layout: 'math-shepherd',
  holdsAlternatives: false,
  columns: () => [
    { name: 'input', type: 'string' },
    { name: 'label', type: 'string' },
    { name: 'task', type: 'string' },
  ],
  losses(trace) {
    const losses: Loss[] = [];
    if (trace.steps[0]?.label === 'unlabelled') losses.push(NOTHING_LABELLED);
    else if (hasLabel(trace, 'unlabelled') && !onlyLastUnlabelled(trace)) losses.push(UNLABELLED);
    if (hasLabel(trace, 'neutral')) losses.push(neutral('written as +, since they are not wrong'));
    if (hasSoft(trace)) losses.push(SOFT);
    return losses;
  },
  writer: () => (trace) => {
    const { problem, steps } = trace;
    const first = steps.findIndex(({ label }) => label === 'unlabelled');
    const held = first < 0 || onlyLastUnlabelled(trace) ? steps : steps.slice(0, first);
    if (held.length === 0) return [];
    const input = held.map((step, index) => stepText(step, index, STEP_TAG));
    const label = held.map((step, index) => stepText(step, index, step.label === 'incorrect' ? '-' : '+'));
    return [{ input: `${problem} ${input.join('\n')}`, label: `${problem} ${label.join('\n')}`, task: null }];
  },
};

/** Text behind the last tag is a step that nothing labels. */
function onlyLastUnlabelled({ steps }: Trace): boolean {
  return steps.findIndex(({ label }) => label === 'unlabelled') === steps.length - 1 && steps.length > 1;
}

function stepText({ text, label }: Step, index: number, mark: string): string {
  const numbered = `Step ${index + 1}: ${text}`;
  return label === 'unlabelled' ? numbered : `${numbered} ${mark}`;
}
