// PRMBench: a correct solution (`original_process`) and the same with errors put in (`modified_process`), whose wrong
// steps `error_steps` counts from 1. https://github.com/ssmisya/PRMBench
import type { RowFault } from '../rowSource.ts';
import type { Trace } from '../trace.ts';
import {
  faultAt,
  listField,
  numbered,
  problemField,
  textOrNumber,
  textsField,
  wholeNumber,
} from './fields.ts';
import { isFault, type Fields, type Layout } from './layout.ts';
import { withPolicies } from './policies.ts';

export const prmbench: Layout = {
  name: 'prmbench',
  title: 'PRMBench',
  columns: [
    'modified_question',
    'modified_process',
    'error_steps',
    'original_question',
    'original_process',
    'classification',
    'idx',
  ],
  optional: ['original_question', 'original_process', 'classification', 'idx'],
  recognise({ modified_process: process, error_steps: errors }) {
    if (!Array.isArray(process) || !Array.isArray(errors)) return undefined;
    return '`modified_process` with the list `error_steps`';
  },
  reader: (options) =>
    withPolicies(options, (fields) => {
      const unwrapped = problemField(fields, 'modified_question');
      if (isFault(unwrapped)) return unwrapped;
      const texts = textsField(fields, 'modified_process');
      if (isFault(texts)) return texts;
      const wrong = errorSteps(fields, texts.length);
      if (isFault(wrong)) return wrong;
      const { problem, wrapper } = unwrapped;
      const main: Trace = {
        problem,
        steps: texts.map((text, index) => ({ text, label: wrong.has(index + 1) ? 'incorrect' : 'correct' })),
      };
      return {
        problem,
        wrapper,
        id: keyOf(fields),
        traces: [main],
        alternatives: () => originalOf(fields, main),
      };
    }),
};

/** @returns 1-based */
function errorSteps(fields: Fields, steps: number): Set<number> | RowFault {
  const list = listField(fields, 'error_steps');
  if (isFault(list)) return list;
  const wrong = new Set<number>();
  for (let index = 0; index < list.length; index++) {
    const step = wholeNumber(list[index]);
    if (step === undefined || step < 1 || step > steps) {
      const detail = `${numbered(index, list[index])}, with ${steps} steps`;
      return faultAt(['error_steps', index], '`error_steps` names a step that is not there', detail);
    }
    wrong.add(step);
  }
  return wrong;
}

/** An `idx` comes once in each classification. */
function keyOf({ classification, idx }: Fields): string | undefined {
  const index = textOrNumber(idx);
  return typeof classification === 'string' && index !== undefined ? `${classification}_${index}` : index;
}

/**
 * The solution before the change, all correct. Where the question is the same it is an alternative from the first
 * step that differs, so that the steps in common count once; with a question of its own it stands by itself.
 */
function originalOf(fields: Fields, main: Trace): Trace[] | RowFault {
  if (fields.original_question == null || fields.original_process == null) return [];
  const unwrapped = problemField(fields, 'original_question');
  if (isFault(unwrapped)) return unwrapped;
  const texts = textsField(fields, 'original_process');
  if (isFault(texts)) return texts;
  const { problem } = unwrapped;
  if (problem !== main.problem) {
    return [{ problem, steps: texts.map((text) => ({ text, label: 'correct' })) }];
  }
  let from = 0;
  while (from < texts.length && texts[from] === main.steps[from]?.text) from++;
  if (from === texts.length) return [];
  return [
    {
      problem,
      steps: texts.map((text, index) => ({ text, label: index < from ? 'unlabelled' : 'correct' })),
      alternativeAt: from,
    },
  ];
}
