// Our own step examples: one labelled step a row, with the steps before it.
import type { Example, Trace } from '../../trace.ts';
import { hasLabel, hasSoft, neutral, SOFT } from '../losses.ts';
import type { ExportTarget, Loss } from './target.ts';

const NO_LABEL: Loss = { what: 'no step that is correct or incorrect' };
const TAIL: Loss = {
  what: 'steps behind the last one with a label',
  rule: 'they are left out; `total_steps` still counts them',
};

export const formatted: ExportTarget = {
  name: 'formatted',
  layout: 'formatted',
  holdsAlternatives: false,
  columns: () => [
    { name: 'problem', type: 'string' },
    { name: 'step', type: 'string' },
    { name: 'previous_steps', type: 'list<string>' },
    { name: 'reasoning_path', type: 'list<string>' },
    { name: 'label', type: 'int64' },
    { name: 'step_index', type: 'int64' },
    { name: 'total_steps', type: 'int64' },
  ],
  losses(trace) {
    const losses: Loss[] = [];
    const last = trace.steps.findLastIndex(({ label }) => isHard(label));
    if (last < 0) losses.push(NO_LABEL);
    else if (last < trace.steps.length - 1) losses.push(TAIL);
    if (hasLabel(trace, 'neutral')) losses.push(neutral('written as unlabelled'));
    if (hasSoft(trace)) losses.push(SOFT);
    return losses;
  },
  writer: () => (trace) => examplesOf(trace).map((example) => ({ ...example })),
};

function isHard(label: string): label is 'correct' | 'incorrect' {
  return label === 'correct' || label === 'incorrect';
}

function examplesOf({ problem, steps }: Trace): Example[] {
  const texts = steps.map(({ text }) => text);
  return steps.flatMap(({ text, label }, index) =>
    isHard(label)
      ? [
          {
            problem,
            step: text,
            previous_steps: texts.slice(0, index),
            reasoning_path: texts.slice(0, index + 1),
            label: label === 'correct' ? 1 : 0,
            step_index: index,
            total_steps: steps.length,
          },
        ]
      : [],
  );
}
