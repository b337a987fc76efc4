// PRM800K a completion at a time: `instruction`, `responses` before it, `next_response` and its `rating`.
// https://github.com/scottlogic-alex/prm800k-denorm (the Birchlabs data sets on the Hub)
import type { RowFault } from '../rowSource.ts';
import type { Label, Step } from '../trace.ts';
import { faultAt, listField, numbered, problemField, shown, textField, textOrNumber } from './fields.ts';
import { isFault, type Fields, type Layout } from './layout.ts';
import { withPolicies } from './policies.ts';
import { readRating } from './rating.ts';

export const prm800kCritic: Layout = {
  name: 'prm800k-critic',
  title: 'PRM800K stepwise critic',
  columns: [
    'instruction',
    'responses',
    'next_response',
    'rating',
    'is_human_response',
    'is_solution',
    'answer',
  ],
  optional: ['rating', 'is_human_response', 'is_solution', 'answer'],
  recognise(fields) {
    if (fields.instruction == null || fields.next_response == null || !Array.isArray(fields.responses)) {
      return undefined;
    }
    return Object.hasOwn(fields, 'rating')
      ? '`instruction`, the list `responses`, `next_response` and its `rating`'
      : '`instruction`, the list `responses` and `next_response`, but no `rating`: being preferred is not ' +
          'being correct, so nothing is labelled';
  },
  reader: (options) =>
    withPolicies(options, (fields) => {
      const unwrapped = problemField(fields, 'instruction');
      if (isFault(unwrapped)) return unwrapped;
      const before = listField(fields, 'responses');
      if (isFault(before)) return before;
      const steps: Step[] = [];
      for (const [index, text] of before.entries()) {
        if (typeof text !== 'string') {
          return faultAt(['responses', index], 'a step is no text', numbered(index, text));
        }
        steps.push({ text, label: 'unlabelled' });
      }
      const next = textField(fields, 'next_response');
      if (isFault(next)) return next;
      const label = labelOf(fields);
      if (isFault(label)) return label;
      const given = textOrNumber(fields.answer);
      // The data set takes the answer off the step that gives it; PRM800K writes it like this.
      steps.push({ text: given === undefined ? next : `${next}\n\n# Answer\n\n${given}`, label });
      const { problem, wrapper } = unwrapped;
      return {
        problem,
        wrapper,
        answer: fields.is_solution === true ? given : undefined,
        traces: [{ problem, steps }],
      };
    }),
};

/** A step that a person wrote has no rating and is correct. */
function labelOf({ rating, is_human_response: human }: Fields): Label | RowFault {
  if (rating == null) return human === true ? 'correct' : 'unlabelled';
  return readRating(rating) ?? faultAt(['rating'], 'unknown rating', shown(rating));
}
