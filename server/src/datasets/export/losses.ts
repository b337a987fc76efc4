// What formats cannot hold, in the same words for all of them.
import type { Label, Trace } from '../trace.ts';
import type { Loss } from './targets/target.ts';

export const SOFT: Loss = { what: 'soft labels', rule: 'only the label is written' };

/** @param rule what `--lossy` makes of neutral steps */
export function neutral(rule: string): Loss {
  return { what: 'neutral labels', rule, remedy: 'or choose with --neutral correct or --neutral incorrect' };
}

export const ALTERNATIVE: Loss = {
  what: 'alternatives to a part of another path',
  rule: 'each becomes a path of its own',
  remedy: 'or leave them out with --no-alternatives',
};

export function hasLabel({ steps }: Trace, label: Label): boolean {
  return steps.some((step) => step.label === label);
}

export function hasSoft({ steps }: Trace): boolean {
  return steps.some(({ soft }) => soft !== undefined);
}
