// The words for making training data, apart from VS Code so that they can be tested.
import * as path from 'node:path';
import type {
  GeneratedData,
  GenerateDataParams,
  GenerationCost,
  LabelMethodName,
} from '../../protocol/src/generation.ts';

const count = (value: number): string => value.toLocaleString('en');
const answersText = (number: number): string => (number === 1 ? '1 answer' : `${count(number)} answers`);

/** What may have to be paid for, in one line. */
export function describeCost({ answers, cached, completionTokens }: GenerationCost): string {
  if (answers <= 0)
    return `Nothing to pay for: ${answersText(cached)} ${cached === 1 ? 'is' : 'are'} in the cache`;
  const known = cached === 0 ? '' : `; ${answersText(cached)} more in the cache`;
  return `At most ${answersText(answers)} to pay for, of ${count(completionTokens)} tokens together${known}`;
}

/** @param file as a person knows it */
export function describeGenerated(made: GeneratedData, file: string): string {
  const { rows, requests, cached, tokens, missing, leftOut } = made;
  return [
    `${rows === 1 ? '1 row is' : `${count(rows)} rows are`} in ${file}.`,
    ...(requests + cached === 0
      ? []
      : [
          `${requests === 1 ? '1 request' : `${count(requests)} requests`}, ${answersText(cached)} from the cache, ${count(tokens)} tokens.`,
        ]),
    ...(leftOut.length === 0 ? [] : [`Left out: ${leftOut.join('; ')}.`]),
    ...(missing.length === 0 ? [] : [`Missing: ${missing.join('; ')}.`]),
  ].join(' ');
}

type Work = Pick<GenerateDataParams, 'method' | 'dataset' | 'by' | 'model'>;

const BY: Record<LabelMethodName, string> = {
  outcome: 'outcome',
  arithmetic: 'arithmetic',
  rollouts: 'roll-outs',
  judge: 'a judge',
  consensus: 'agreement',
};

/** Over the notification while it goes on. */
export function describeWork({ method, dataset, by, model }: Work): string {
  const name = path.basename(dataset);
  switch (method) {
    case 'corrupt':
      return `putting errors into ${name}`;
    case 'sample':
      return `asking ${model} for solutions of ${name}`;
    case 'label':
      return `labelling ${name}${by === undefined ? '' : ` by ${BY[by]}`}`;
  }
}

/** What the commands call the files that they write. */
const OWN_FILES = ['corrupted', 'samples', 'labelled'];

/** A folder's name for what is made of a dataset: `gsm8k-corrupted`, `gsm8k-samples-judge`. */
export function nameOfData({ method, dataset, by }: Omit<Work, 'model'>): string {
  // A dataset of the Hub has its revision and its part behind it.
  const file = path.isAbsolute(dataset) ? dataset : dataset.replace(/[@:].*/, '');
  const { dir, name } = path.parse(file.replace(/\.gz$/, ''));
  const base = OWN_FILES.includes(name) ? path.basename(dir).replace(/-\d+$/, '') : name;
  const suffix = { corrupt: 'corrupted', sample: 'samples', label: by ?? 'labelled' }[method];
  return `${base}-${suffix}`;
}
