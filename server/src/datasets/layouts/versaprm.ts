// VersaPRM: `question` and `chain_of_thoughts`, each with `steps`, `labels`, and `augs` (other steps at a place). The
// Hub has it a chain a row instead: `chain_of_thoughts` is its steps, `labels` stands beside it, both as Python's text.
// https://github.com/mtzig/MultiDomainPRM, https://huggingface.co/datasets/UW-Madison-Lee-Lab/MMLU-Pro-CoT-Train-Labeled
import type { RowFault } from '../rowSource.ts';
import type { Label, Step, Trace } from '../trace.ts';
import {
  faultAt,
  fromJson,
  isObject,
  listField,
  numbered,
  type Place,
  problemField,
  shown,
  textOrNumber,
  textsOf,
  wholeNumber,
} from './fields.ts';
import { isFault, type Fields, type Layout } from './layout.ts';
import { tooManySteps, withPolicies } from './policies.ts';
import { readPythonList } from './pythonList.ts';
import { readRating } from './rating.ts';

const CHAINS = 'chain_of_thoughts';

export const versaprm: Layout = {
  name: 'versaprm',
  title: 'VersaPRM',
  columns: ['question', CHAINS, 'labels', 'answer', 'id', 'cot_id'],
  optional: ['labels', 'answer', 'id', 'cot_id'],
  recognise(fields) {
    if (fields.question == null) return undefined;
    const chains = chainsOf(fields[CHAINS]);
    if (!Array.isArray(chains)) return undefined;
    if (!isOneChain(chains)) return `\`question\` and \`${CHAINS}\``;
    return Object.hasOwn(fields, 'labels')
      ? `\`question\`, the steps \`${CHAINS}\` and their \`labels\``
      : undefined;
  },
  reader: (options) =>
    withPolicies(options, (fields) => {
      const unwrapped = problemField(fields, 'question');
      if (isFault(unwrapped)) return unwrapped;
      const { problem, wrapper } = unwrapped;
      const about = { problem, wrapper, answer: textOrNumber(fields.answer), id: idOf(fields) };
      const chains = listField({ [CHAINS]: chainsOf(fields[CHAINS]) }, CHAINS);
      if (isFault(chains)) return chains;
      if (isOneChain(chains)) {
        const steps = labelled(chains, fromJson(fields.labels), { steps: [CHAINS], labels: ['labels'] });
        return isFault(steps) ? steps : { ...about, traces: [{ problem, steps }] };
      }
      const traces: Trace[] = [];
      for (const [index, chain] of chains.entries()) {
        const place = [CHAINS, index];
        if (!isObject(chain)) return faultAt(place, 'a chain is no object', numbered(index, chain));
        const texts = listAt(chain.steps, [...place, 'steps']);
        if (isFault(texts)) return texts;
        const places = { steps: [...place, 'steps'], labels: [...place, 'labels'] };
        const steps = labelled(texts, chain.labels, places);
        if (isFault(steps)) return steps;
        traces.push({ problem, steps });
      }
      if (traces.length === 0) return faultAt([CHAINS], 'no steps');
      return { ...about, traces, alternatives: () => alternativesOf(problem, chains) };
    }),
};

/** A list, or a list that was stored as text. */
function chainsOf(value: unknown): unknown {
  const chains = fromJson(value);
  return typeof chains === 'string' ? (readPythonList(chains) ?? chains) : chains;
}

function isOneChain([first]: readonly unknown[]): boolean {
  return typeof first === 'string';
}

/** `cot_id` counts the chains of a question. */
function idOf({ id, cot_id: chain }: Fields): string | undefined {
  const name = textOrNumber(id);
  const number = textOrNumber(chain);
  return name === undefined || number === undefined ? name : `${name}_${number}`;
}

function labelled(
  texts: readonly unknown[],
  given: unknown,
  places: { steps: Place; labels: Place },
): Step[] | RowFault {
  const checked = textsOf(texts, places.steps);
  if (isFault(checked)) return checked;
  // Labelling by a model failed for this chain.
  if (given == null) return checked.map((text) => ({ text, label: 'unlabelled' }));
  const labels = listAt(given, places.labels);
  if (isFault(labels)) return labels;
  if (labels.length !== checked.length) {
    const detail = `${checked.length} steps, ${labels.length} labels`;
    return faultAt(places.labels, 'lists of different length', detail);
  }
  const steps: Step[] = [];
  for (const [at, text] of checked.entries()) {
    const label = readChainLabel(labels[at]);
    if (label === undefined) {
      return faultAt([...places.labels, at], 'unknown label', numbered(at, labels[at]));
    }
    steps.push({ text, label });
  }
  return steps;
}

/** Unlike PRM800K's ratings, 0 is incorrect here: the authors' training takes everything but 1 as wrong. */
function readChainLabel(value: unknown): Label | undefined {
  const rating = readRating(value);
  return rating === 'neutral' ? 'incorrect' : rating;
}

/** `augs`: another step at `aug_idx` (0-based), rated 1, 0 or -1 as PRM800K does. */
function alternativesOf(problem: string, chains: readonly unknown[]): Trace[] | RowFault {
  const found: { before: readonly string[]; text: string; label: Label }[] = [];
  let total = 0;
  for (const [index, chain] of chains.entries()) {
    if (!isObject(chain) || chain.augs == null) continue;
    const place = [CHAINS, index, 'augs'];
    const augs = listAt(chain.augs, place);
    if (isFault(augs)) return augs;
    // Checked when the chain's own steps were read.
    const texts = chain.steps as readonly string[];
    for (const [at, aug] of augs.entries()) {
      const read = readAug(aug, texts.length, [...place, at]);
      if (isFault(read)) return read;
      found.push({ before: texts.slice(0, read.from), text: read.text, label: read.label });
      total += read.from + 1;
      const fault = tooManySteps(found.length, total);
      if (fault !== undefined) return fault;
    }
  }
  return found.map(({ before, text, label }) => ({
    problem,
    steps: [...before.map((step): Step => ({ text: step, label: 'unlabelled' })), { text, label }],
    alternativeAt: before.length,
  }));
}

function readAug(
  aug: unknown,
  steps: number,
  place: Place,
): { from: number; text: string; label: Label } | RowFault {
  if (!isObject(aug)) return faultAt(place, 'an item of `augs` is no object', shown(aug));
  const { aug_step: text, aug_idx: index, aug_type: type } = aug;
  if (typeof text !== 'string') return faultAt([...place, 'aug_step'], 'a step is no text', shown(text));
  const from = wholeNumber(index);
  if (from === undefined || from < 0 || from > steps) {
    return faultAt(
      [...place, 'aug_idx'],
      '`aug_idx` is no place in the chain',
      `${shown(index)}, with ${steps} steps`,
    );
  }
  const label = readRating(type);
  return label === undefined
    ? faultAt([...place, 'aug_type'], 'unknown rating', shown(type))
    : { from, text, label };
}

function listAt(value: unknown, place: Place): readonly unknown[] | RowFault {
  if (Array.isArray(value)) return value as unknown[];
  const name = place.at(-1);
  return value == null
    ? faultAt(place, `\`${name}\` is missing`)
    : faultAt(place, `\`${name}\` is no list`, shown(value));
}
