// Stops before anything is written where the surveys show that there is nothing to write.
import { PrmError } from '../../support/errors.ts';
import type { SurveyedInput } from './surveyInput.ts';
import type { Survey } from './survey.ts';

/** @throws PrmError where an input has no rows that can be used, or no labels */
export function checkSurveys(inputs: readonly SurveyedInput[]): void {
  for (const { input, survey } of inputs) {
    const { dataset } = input.choice;
    checkRows(survey, dataset, input.layout.title);
    if (hasLabels(survey)) continue;
    if (input.layout.name === 'gsm8k') throw noLabelsAtAll(dataset);
    throw new PrmError({
      where: dataset,
      what: `no step has a label that says correct or incorrect (${survey.labels.neutral + survey.labels.unlabelled} have none)`,
      remedy: 'Give a labelled dataset.',
    });
  }
}

/** @throws PrmError where no row can be used */
export function checkRows({ rows, problems, skipped }: Survey, dataset: string, layout: string): void {
  if (rows === 0) {
    throw new PrmError({ where: dataset, what: 'the dataset has no rows', remedy: 'Give one with rows.' });
  }
  if (problems.size > 0) return;
  const reasons = skipped
    .toSorted((a, b) => b.count - a.count)
    .map(({ reason, count, firstRows, firstDetail }) => {
      const detail = firstDetail === undefined ? '' : ` (${firstDetail})`;
      return `${count} × ${reason}, first in row ${firstRows[0] ?? 0}${detail}`;
    });
  throw new PrmError({
    where: dataset,
    what: `none of the ${rows} rows can be used, read as ${layout}: ${reasons.join('; ')}`,
    remedy: 'Give a dataset with step labels, or its layout with --layout.',
  });
}

function hasLabels({ problems }: Survey): boolean {
  return [...problems].some(({ correct, incorrect }) => correct + incorrect > 0);
}

function noLabelsAtAll(dataset: string): PrmError {
  return new PrmError({
    where: dataset,
    what: 'the dataset has problems and solutions, but no step labels (the layout of GSM8K)',
    remedy:
      'Such data is what labelled traces are made from, by corrupting or sampling solutions. To format, give a dataset with step labels.',
  });
}
