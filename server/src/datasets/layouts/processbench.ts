// ProcessBench: `problem`, `steps`, and `label`, the 0-based first wrong step or -1.
// https://huggingface.co/datasets/Qwen/ProcessBench
// A correct final answer can hide an error, so `final_answer_correct` labels nothing.
import { faultAt, missing, problemField, shown, textOrNumber, textsField, wholeNumber } from './fields.ts';
import { stepsWithFirstError } from './firstError.ts';
import { isFault, type Layout } from './layout.ts';
import { withPolicies } from './policies.ts';

export const processbench: Layout = {
  name: 'processbench',
  title: 'ProcessBench',
  columns: ['problem', 'steps', 'label', 'id'],
  optional: ['id'],
  recognise({ problem, steps, label }) {
    if (typeof problem !== 'string' || !Array.isArray(steps) || wholeNumber(label) === undefined)
      return undefined;
    return '`problem`, the list `steps`, and in `label` the place of the first wrong step';
  },
  reader: (options) =>
    withPolicies(options, (fields) => {
      const unwrapped = problemField(fields, 'problem');
      if (isFault(unwrapped)) return unwrapped;
      const texts = textsField(fields, 'steps');
      if (isFault(texts)) return texts;
      if (fields.label == null) return missing('label');
      const label = wholeNumber(fields.label);
      if (label === undefined || label < -1 || label >= texts.length) {
        const detail = `${shown(fields.label)}, with ${texts.length} steps`;
        return faultAt(['label'], '`label` is no step (0 is the first) and not -1', detail);
      }
      const { problem, wrapper } = unwrapped;
      const steps = stepsWithFirstError(texts, label === -1 ? undefined : label);
      return { problem, wrapper, id: textOrNumber(fields.id), traces: [{ problem, steps }] };
    }),
};
