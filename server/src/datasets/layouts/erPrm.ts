// ER-PRM and OpenRLHF: one text with `ки` behind each step, and a list of values, one for each `ки`: shares, or signs.
// https://github.com/hanningzhang/ER-PRM, https://github.com/OpenRLHF/OpenRLHF
import type { Step } from '../trace.ts';
import { faultAt, listField, missing, textField } from './fields.ts';
import { isFault, type Fields, type Layout } from './layout.ts';
import { withPolicies } from './policies.ts';
import { labelledStep, splitProblem, STEP_TAG, taggedTexts } from './stepText.ts';

/** OpenRLHF takes the names of both fields as options; these are in use. */
const TEXT_FIELDS = ['text', 'input', 'inputs', 'query'];
const VALUE_FIELDS = ['value', 'values', 'label', 'labels', 'response'];

export const erPrm: Layout = {
  name: 'er-prm',
  title: 'ER-PRM / OpenRLHF',
  columns: [...TEXT_FIELDS, ...VALUE_FIELDS],
  optional: [...TEXT_FIELDS, ...VALUE_FIELDS],
  recognise(fields) {
    const { text, values } = fieldNames(fields);
    if (text === undefined || values === undefined) return undefined;
    return `\`${STEP_TAG}\` behind each step of \`${text}\`, and the list \`${values}\``;
  },
  reader: (options) =>
    withPolicies(options, (fields) => {
      const { text: textName = 'text', values: valuesName = 'value' } = fieldNames(fields);
      if (fields[textName] == null) return missing(textName);
      const text = textField(fields, textName);
      if (isFault(text)) return text;
      const values = listField(fields, valuesName);
      if (isFault(values)) return values;
      const { parts, rest } = taggedTexts(text);
      if (parts.length !== values.length) {
        const detail = `${parts.length} step tags, ${values.length} values`;
        return faultAt([valuesName], 'lists of different length', detail);
      }
      if (parts.length === 0) return faultAt([textName], 'no steps');
      const split = splitProblem(parts, [textName], { rest, problemSpansTags: true });
      if (isFault(split)) return split;
      const { problem, skipped } = split;
      const steps: Step[] = [];
      for (const [index, stepText] of split.steps.entries()) {
        const at = skipped + index;
        const step = labelledStep(stepText, values[at], [valuesName, at]);
        if (isFault(step)) return step;
        steps.push(step);
      }
      return { problem, traces: [{ problem, steps }] };
    }),
};

function fieldNames(fields: Fields): { text: string | undefined; values: string | undefined } {
  return {
    text: TEXT_FIELDS.find((name) => {
      const value = fields[name];
      return typeof value === 'string' && value.includes(STEP_TAG);
    }),
    values: VALUE_FIELDS.find((name) => Array.isArray(fields[name])),
  };
}
