// GSM8K: `question` and a worked `answer` whose lines are the steps, the last one `#### N`. It labels nothing.
// https://github.com/openai/grade-school-math
import { problemField, textField } from './fields.ts';
import { isFault, type Layout } from './layout.ts';
import { withPolicies } from './policies.ts';

const FINAL_ANSWER = /^[ \t]*####[ \t]*(\S.*)$/m;

export const gsm8k: Layout = {
  name: 'gsm8k',
  title: 'GSM8K (no labels)',
  columns: ['question', 'answer'],
  recognise({ question, answer }) {
    if (typeof question !== 'string' || typeof answer !== 'string' || !FINAL_ANSWER.test(answer))
      return undefined;
    return '`question` and an `answer` that ends in `#### N`; nothing in it labels a step';
  },
  reader: (options) =>
    withPolicies(options, (fields) => {
      const unwrapped = problemField(fields, 'question');
      if (isFault(unwrapped)) return unwrapped;
      const worked = textField(fields, 'answer');
      if (isFault(worked)) return worked;
      const { problem, wrapper } = unwrapped;
      const lines = worked.split('\n');
      const steps = lines
        .filter((line) => line.trim() !== '')
        .map((text) => ({ text, label: 'unlabelled' as const }));
      return {
        problem,
        wrapper,
        answer: FINAL_ANSWER.exec(worked)?.[1]?.trim(),
        traces: [{ problem, steps }],
        blankLines: lines.length - steps.length,
      };
    }),
};
