// Our own formatted examples: one labelled step a line, with the steps before it. `prm format` writes them.
import { exampleFault } from '../formattedTraces.ts';
import type { Step } from '../trace.ts';
import type { Layout } from './layout.ts';
import { withPolicies } from './policies.ts';

const COLUMNS = [
  'problem',
  'step',
  'previous_steps',
  'reasoning_path',
  'label',
  'step_index',
  'total_steps',
] as const;

export const formatted: Layout = {
  name: 'formatted',
  title: 'formatted step examples',
  columns: [...COLUMNS, 'soft'],
  optional: ['soft'],
  recognise(fields) {
    if (!COLUMNS.every((name) => fields[name] != null) || !Array.isArray(fields.reasoning_path))
      return undefined;
    return '`reasoning_path`, `step_index`, `total_steps` and a `label`: one step of a path a row';
  },
  reader: (options) =>
    withPolicies(options, (fields) => {
      const fault = exampleFault(fields);
      if (fault !== undefined) return fault;
      const {
        problem,
        reasoning_path: path,
        label,
        soft,
      } = fields as {
        problem: string;
        reasoning_path: string[];
        label: unknown;
        soft?: number | null;
      };
      const last = path.length - 1;
      const steps = path.map((text, index): Step => {
        if (index < last) return { text, label: 'unlabelled' };
        const read: Step = { text, label: Number(label) === 1 ? 'correct' : 'incorrect' };
        return soft == null ? read : { ...read, soft };
      });
      return { problem, traces: [{ problem, steps }] };
    }),
};
