// MR-GSM8K and Mr-Ben: a model's solution and the first wrong step in it, counted from 1, often as text, or "N/A".
// https://github.com/dvlab-research/MR-GSM8K, https://huggingface.co/datasets/Randolphzeng/Mr-Ben
import type { RowFault } from '../rowSource.ts';
import type { Step } from '../trace.ts';
import { faultAt, missing, problemField, shown, textOrNumber, textsOf, wholeNumber } from './fields.ts';
import { stepsWithFirstError } from './firstError.ts';
import { isFault, type Fields, type Layout } from './layout.ts';
import { withPolicies } from './policies.ts';

/** What each of the two data sets calls its fields. */
const NAMES = [
  {
    problem: 'question',
    steps: 'model_output_steps',
    firstError: 'model_output_solution_first_error_step',
    correctness: 'model_output_solution_correctness',
    answer: 'ground_truth_answer',
    id: 'uuid',
  },
  {
    problem: 'Question',
    steps: 'Model_Solution_Steps',
    firstError: 'Model_Solution_First_Error_Step',
    correctness: 'Model_Solution_Correctness',
    answer: 'Ground_Truth_Answer',
    id: 'Question_UUID',
  },
] as const;
type Names = (typeof NAMES)[number];

const COLUMNS = NAMES.flatMap((names) => Object.values(names));

export const mrGsm8k: Layout = {
  name: 'mr-gsm8k',
  title: 'MR-GSM8K / Mr-Ben',
  columns: COLUMNS,
  optional: COLUMNS,
  recognise(fields) {
    const names = NAMES.find(({ steps, firstError }) => {
      return fields[steps] != null && Object.hasOwn(fields, firstError);
    });
    return names && `\`${names.steps}\` and \`${names.firstError}\``;
  },
  reader: (options) =>
    withPolicies(options, (fields) => {
      const names = NAMES.find(({ steps }) => fields[steps] != null) ?? NAMES[0];
      const unwrapped = problemField(fields, names.problem);
      if (isFault(unwrapped)) return unwrapped;
      const texts = solutionSteps(fields, names.steps);
      if (isFault(texts)) return texts;
      const steps = labelled(texts, fields, names);
      if (isFault(steps)) return steps;
      const { problem, wrapper } = unwrapped;
      const { [names.answer]: answer, [names.id]: id } = fields;
      return {
        problem,
        wrapper,
        answer: textOrNumber(answer),
        id: textOrNumber(id),
        traces: [{ problem, steps }],
      };
    }),
};

/** A list of texts, or one text with a step a line, or from each `Step N:` to the next. */
function solutionSteps(fields: Fields, name: string): string[] | RowFault {
  const value = fields[name];
  if (value == null) return missing(name);
  if (Array.isArray(value)) return textsOf(value as unknown[], [name]);
  if (typeof value !== 'string') {
    return faultAt([name], `\`${name}\` is neither a list nor text`, shown(value));
  }
  const marked = /^\s*Step \d+\s*:/.test(value);
  const texts = value
    .split(marked ? /\n(?=[ \t]*Step \d+[ \t]*:)/ : '\n')
    .filter((text) => text.trim() !== '');
  return texts.length === 0 ? faultAt([name], 'no steps') : texts;
}

function labelled(texts: string[], fields: Fields, names: Names): Step[] | RowFault {
  const value = fields[names.firstError];
  if (value == null || (typeof value === 'string' && /^(?:n\/?a|none|)$/i.test(value.trim()))) {
    // A solution that is wrong without saying where: nothing is known about any of its steps.
    return saysIncorrect(fields[names.correctness])
      ? texts.map((text) => ({ text, label: 'unlabelled' }))
      : stepsWithFirstError(texts, undefined);
  }
  const first = wholeNumber(value);
  if (first === undefined || first < 1 || first > texts.length) {
    const detail = `${shown(value)}, with ${texts.length} steps`;
    return faultAt(
      [names.firstError],
      'the first wrong step is no step (1 is the first) and not "N/A"',
      detail,
    );
  }
  return stepsWithFirstError(texts, first - 1);
}

function saysIncorrect(value: unknown): boolean {
  return value === false || (typeof value === 'string' && /^\s*(incorrect|wrong|false)\s*$/i.test(value));
}
