// PRM800K as OpenAI published it, both phases: at each step the completions that were rated, and the one taken.
// https://github.com/openai/prm800k
import type { RowFault } from '../rowSource.ts';
import type { Label, Step, Trace } from '../trace.ts';
import {
  faultAt,
  fromJson,
  isObject,
  missing,
  type Place,
  problemField,
  shown,
  textOrNumber,
  wholeNumber,
} from './fields.ts';
import { isFault, type Fields, type Layout } from './layout.ts';
import { tooManySteps, withPolicies, type Draft } from './policies.ts';
import { readRating } from './rating.ts';

export const prm800k: Layout = {
  name: 'prm800k',
  title: 'PRM800K raw',
  columns: [
    'question',
    'label',
    'is_quality_control_question',
    'is_initial_screening_question',
    'generation',
  ],
  optional: ['is_quality_control_question', 'is_initial_screening_question', 'generation'],
  recognise(fields) {
    const question = fromJson(fields.question);
    const label = fromJson(fields.label);
    if (!isObject(question) || !isObject(label) || question.problem == null || !Array.isArray(label.steps)) {
      return undefined;
    }
    return '`question.problem` and `label.steps`';
  },
  reader: (options) => withPolicies(options, draftOf),
};

interface Completion {
  text: string;
  label: Label;
}

function draftOf(fields: Fields): Draft | RowFault {
  const question = fromJson(fields.question);
  const label = fromJson(fields.label);
  if (question == null) return missing('question');
  if (label == null) return missing('label');
  if (!isObject(question)) return faultAt(['question'], '`question` is no object', shown(question));
  if (!isObject(label)) return faultAt(['label'], '`label` is no object', shown(label));
  const unwrapped = problemField(question, 'problem');
  if (isFault(unwrapped)) {
    return { ...unwrapped, place: ['question', ...(unwrapped.place ?? [])] };
  }
  if (!Array.isArray(label.steps)) {
    return faultAt(['label', 'steps'], '`label.steps` is no list', shown(label.steps));
  }
  const { problem, wrapper } = unwrapped;
  const path = pathOf(label.steps as unknown[], question.pre_generated_steps);
  if (isFault(path)) return path;
  if (path.main.length === 0) return faultAt(['label', 'steps'], 'no steps');
  return {
    problem,
    wrapper,
    answer: textOrNumber(question.ground_truth_answer),
    traces: [{ problem, steps: path.main }],
    alternatives: () => alternativesOf(problem, path),
    // Generation -1 was the screening, see the data set's description.
    qualityControl:
      fields.is_quality_control_question === true ||
      fields.is_initial_screening_question === true ||
      wholeNumber(fields.generation) === -1,
  };
}

interface Path {
  main: Step[];
  /** By step: the completions that were rated but not taken. */
  others: Completion[][];
}

/**
 * The path goes through the chosen completion of each step, or what a person wrote where none was good enough. Where
 * nothing was taken the solution went wrong (or was given up) and ends with a completion that was rated: the model's
 * own (`pre_generated_steps`, phase 2) or the first.
 */
function pathOf(rows: readonly unknown[], generated: unknown): Path | RowFault {
  const path: Path = { main: [], others: [] };
  for (const [index, row] of rows.entries()) {
    const place = ['label', 'steps', index];
    if (!isObject(row)) return faultAt(place, 'a step is no object', `number ${index + 1}: ${shown(row)}`);
    const completions = completionsOf(row.completions, [...place, 'completions']);
    if (isFault(completions)) return completions;
    const human = humanOf(row.human_completion, [...place, 'human_completion']);
    if (isFault(human)) return human;
    const { chosen_completion: choice } = row;
    const chosen = choice == null ? undefined : wholeNumber(choice);
    if (choice != null && (chosen === undefined || completions[chosen] === undefined)) {
      const detail = `step ${index + 1}: ${shown(choice)}, with ${completions.length} completions`;
      return faultAt([...place, 'chosen_completion'], '`chosen_completion` is no completion', detail);
    }
    let taken = chosen;
    if (taken === undefined && human === undefined) {
      const own: unknown = Array.isArray(generated) ? generated[index] : undefined;
      taken = Math.max(
        completions.findIndex(({ text }) => text === own),
        0,
      );
    }
    const step = taken === undefined ? human : completions[taken];
    // No completion at all: the labeler gave up here.
    if (step === undefined) return path;
    path.main.push({ ...step });
    const others = completions.filter((other, at) => at !== taken && other.label !== 'unlabelled');
    if (human !== undefined && human !== step) others.push(human);
    path.others.push(others);
    if (chosen === undefined && human === undefined) return path;
  }
  return path;
}

function completionsOf(value: unknown, place: Place): Completion[] | RowFault {
  if (value == null) return [];
  if (!Array.isArray(value)) return faultAt(place, '`completions` is no list', shown(value));
  const completions: Completion[] = [];
  for (const [index, item] of (value as unknown[]).entries()) {
    const read = completionOf(item, [...place, index]);
    if (isFault(read)) return read;
    completions.push(read);
  }
  return completions;
}

function completionOf(item: unknown, place: Place): Completion | RowFault {
  if (!isObject(item)) return faultAt(place, 'a completion is no object', shown(item));
  const { text, rating, flagged } = item;
  if (typeof text !== 'string') return faultAt([...place, 'text'], 'a completion has no text', shown(text));
  const label = readRating(rating);
  if (label === undefined) return faultAt([...place, 'rating'], 'unknown rating', shown(rating));
  // A flag says that the labeler did not know how to rate it.
  return { text, label: flagged === true ? 'unlabelled' : label };
}

/** What a person wrote as the right step; published as an object without a rating, in some copies as text. */
function humanOf(value: unknown, place: Place): Completion | undefined | RowFault {
  if (value == null) return undefined;
  const text = isObject(value) ? value.text : value;
  if (typeof text !== 'string') return faultAt(place, '`human_completion` has no text', shown(value));
  return text.trim() === '' ? undefined : { text, label: 'correct' };
}

function alternativesOf(problem: string, { main, others }: Path): Trace[] | RowFault {
  let paths = 0;
  let total = 0;
  for (const [index, { length }] of others.entries()) {
    paths += length;
    total += length * (index + 1);
  }
  const fault = tooManySteps(paths, total);
  if (fault !== undefined) return fault;
  return others.flatMap((completions, index) =>
    completions.map((completion) => ({
      problem,
      steps: [
        ...main.slice(0, index).map(({ text }): Step => ({ text, label: 'unlabelled' })),
        { ...completion },
      ],
      alternativeAt: index,
    })),
  );
}
