// Math-Shepherd: `input` has problem and steps with `ки` behind each step; `label` is the same text with `+` or `-`.
// https://huggingface.co/datasets/peiyi9979/Math-Shepherd
import type { RowFault } from '../rowSource.ts';
import type { Label, Step } from '../trace.ts';
import { faultAt, shown, textField } from './fields.ts';
import { isFault, type Layout } from './layout.ts';
import { withPolicies } from './policies.ts';
import { splitProblem, STEP_TAG, taggedTexts } from './stepText.ts';

export const mathShepherd: Layout = {
  name: 'math-shepherd',
  title: 'Math-Shepherd',
  columns: ['input', 'label'],
  recognise({ input, label }) {
    if (typeof input !== 'string' || typeof label !== 'string' || !input.includes(STEP_TAG)) return undefined;
    return `\`${STEP_TAG}\` behind each step of \`input\`, and a \`label\` text`;
  },
  reader: (options) =>
    withPolicies(options, (fields) => {
      const input = textField(fields, 'input');
      if (isFault(input)) return input;
      const label = textField(fields, 'label');
      if (isFault(label)) return label;
      const { parts, rest } = taggedTexts(input);
      if (parts.length === 0)
        return faultAt(['input'], `no step tag (${STEP_TAG}) in \`input\``, shown(input));
      const labels = labelsOf(parts, rest, label);
      if (isFault(labels)) return labels;
      const split = splitProblem(parts, ['input'], { rest, problemSpansTags: true });
      if (isFault(split)) return split;
      const { problem, skipped } = split;
      const steps: Step[] = split.steps.map((text, index) => ({
        text,
        // Behind the last tag the solution goes on, but nothing labels it.
        label: labels[skipped + index] ?? 'unlabelled',
      }));
      return { problem, traces: [{ problem, steps }] };
    }),
};

/** Walks through both texts side by side, since `+` and `-` stand in the steps, too. */
function labelsOf(parts: readonly string[], rest: string, label: string): Label[] | RowFault {
  const labels: Label[] = [];
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const sign = label.charAt(at + part.length);
    if (!label.startsWith(part, at)) return disagree(index, label.slice(at));
    if (sign !== '+' && sign !== '-') {
      return faultAt(['label'], 'unknown label', `number ${index + 1}: ${shown(sign)}`);
    }
    labels.push(sign === '+' ? 'correct' : 'incorrect');
    at += part.length + 1;
  }
  return label.slice(at).trim() === rest.trim() ? labels : disagree(parts.length, label.slice(at));
}

function disagree(index: number, text: string): RowFault {
  const detail = `from step tag ${index} on, \`label\` reads ${shown(text.trim())}`;
  return faultAt(['label'], '`input` and `label` are different texts', detail);
}
