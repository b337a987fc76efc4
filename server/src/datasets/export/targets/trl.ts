// TRL's stepwise supervision: `prompt`, `completions`, `labels`.
// https://huggingface.co/docs/trl/dataset_formats#stepwise-supervision
import { readLabel } from '../../labels.ts';
import type { Step } from '../../trace.ts';
import { neutral } from '../losses.ts';
import type { ExportTarget, LabelsSeen, Loss } from './target.ts';

/** What TRL leaves out of the loss. */
const IGNORED = -100;

/** All labels of a file have one type: readers of tables ask for it. */
type LabelStyle = 'boolean' | 'integer' | 'number';

function styleOf({ labels, soft }: LabelsSeen): LabelStyle {
  if (soft > 0) return 'number';
  return labels.unlabelled + labels.neutral > 0 ? 'integer' : 'boolean';
}

const TYPES: Readonly<Record<LabelStyle, string>> = { boolean: 'bool', integer: 'int64', number: 'double' };

const DISAGREES: Loss = {
  what: 'soft labels that say something else than the label',
  rule: 'only the label is written',
};

export const trl: ExportTarget = {
  name: 'trl',
  layout: 'trl-stepwise',
  holdsAlternatives: false,
  columns: (seen) => [
    { name: 'prompt', type: 'string' },
    { name: 'completions', type: 'list<string>' },
    { name: 'labels', type: `list<${TYPES[styleOf(seen)]}>` },
  ],
  losses(trace) {
    const losses: Loss[] = [];
    if (trace.steps.some((step) => step.label === 'neutral' && step.soft === undefined)) {
      losses.push(neutral('written as unlabelled (-100)'));
    }
    if (trace.steps.some((step) => step.soft !== undefined && !agrees(step))) losses.push(DISAGREES);
    return losses;
  },
  writer(seen) {
    const style = styleOf(seen);
    return ({ problem, steps }) => [
      {
        prompt: problem,
        completions: steps.map(({ text }) => text),
        labels: steps.map((step) => labelOf(step, style)),
      },
    ];
  },
};

function agrees({ label, soft }: Step): boolean {
  return readLabel(soft) === label;
}

function labelOf(step: Step, style: LabelStyle): boolean | number {
  if (step.soft !== undefined && agrees(step)) return step.soft;
  if (step.label !== 'correct' && step.label !== 'incorrect') return IGNORED;
  const correct = step.label === 'correct';
  return style === 'boolean' ? correct : Number(correct);
}
