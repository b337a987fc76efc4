// PRM800K raw: at each step the completion that was taken, and the other ones that were rated.
// https://github.com/openai/prm800k
import type { Label, Step, Trace } from '../../trace.ts';
import { hasSoft, SOFT } from '../losses.ts';
import type { ExportTarget } from './target.ts';

const RATINGS: Readonly<Record<Label, number | null>> = {
  correct: 1,
  neutral: 0,
  incorrect: -1,
  unlabelled: null,
};

export const prm800k: ExportTarget = {
  name: 'prm800k',
  layout: 'prm800k',
  holdsAlternatives: true,
  columns: () => [
    { name: 'is_quality_control_question', type: 'bool' },
    { name: 'is_initial_screening_question', type: 'bool' },
    { name: 'question', type: 'struct' },
    { name: 'label', type: 'struct' },
  ],
  losses: (trace) => (hasSoft(trace) ? [SOFT] : []),
  writer:
    () =>
    (trace, { answer, alternatives }) => {
      const { problem, steps } = trace;
      const foundError = steps.at(-1)?.label === 'incorrect';
      return [
        {
          is_quality_control_question: false,
          is_initial_screening_question: false,
          question: { problem, ground_truth_answer: answer ?? null },
          label: {
            steps: steps.map((step, index) => ({
              completions: [step, ...alternativesAt(alternatives, index)].map(completionOf),
              human_completion: null,
              // Nothing was taken where the solution went wrong: the first completion is the path's own.
              chosen_completion: foundError && index === steps.length - 1 ? null : 0,
            })),
            finish_reason: foundError ? 'found_error' : 'solution',
          },
        },
      ];
    },
};

function alternativesAt(alternatives: readonly Trace[], index: number): Step[] {
  return alternatives.flatMap(({ steps, alternativeAt }) =>
    alternativeAt === index ? steps.slice(index, index + 1) : [],
  );
}

function completionOf({ text, label }: Step): object {
  return { text, rating: RATINGS[label], flagged: false };
}
