// BIG-Bench-Mistake: `input`, `steps`, and `mistake_index`, the 0-based first wrong step or null.
// https://github.com/WHGTyen/BIG-Bench-Mistake
import { faultAt, problemField, shown, textOrNumber, textsField, wholeNumber } from './fields.ts';
import { stepsWithFirstError } from './firstError.ts';
import { isFault, type Layout } from './layout.ts';
import { withPolicies } from './policies.ts';

export const bigbenchMistake: Layout = {
  name: 'bigbench-mistake',
  title: 'BIG-Bench-Mistake',
  columns: ['input', 'steps', 'mistake_index', 'target'],
  optional: ['target'],
  recognise(fields) {
    if (!Object.hasOwn(fields, 'mistake_index') || fields.input == null || !Array.isArray(fields.steps)) {
      return undefined;
    }
    return '`input`, the list `steps`, and `mistake_index`';
  },
  reader: (options) =>
    withPolicies(options, (fields) => {
      const unwrapped = problemField(fields, 'input');
      if (isFault(unwrapped)) return unwrapped;
      const texts = textsField(fields, 'steps');
      if (isFault(texts)) return texts;
      const { mistake_index: value } = fields;
      const index = value == null ? undefined : wholeNumber(value);
      if (value != null && (index === undefined || index < 0 || index >= texts.length)) {
        const detail = `${shown(value)}, with ${texts.length} steps`;
        return faultAt(['mistake_index'], '`mistake_index` is no step (0 is the first) and not null', detail);
      }
      const { problem, wrapper } = unwrapped;
      const steps = stepsWithFirstError(texts, index);
      return { problem, wrapper, answer: textOrNumber(fields.target), traces: [{ problem, steps }] };
    }),
};
