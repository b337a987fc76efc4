// Surveys one input as often as it takes to know how its rows are read and which of them are chosen.
import { InputRows, type OpenInput } from './formatInput.ts';
import type { FormatOptions, PolicyChoice } from './formatOptions.ts';
import { chosenRows, type LayoutRows } from './layoutRows.ts';
import { chooseRows, seedOf } from './mixing.ts';
import type { Passes } from './passes.ts';
import { surveyRows, type Survey } from './survey.ts';

export interface SurveyedInput {
  input: OpenInput;
  survey: Survey;
  reader: InputRows;
  /** As the survey saw them. */
  rows: LayoutRows;
  warnings: string[];
}

/** @param index place of the input among the others: each draws from random numbers of its own */
export async function surveyInput(
  input: OpenInput,
  index: number,
  options: PolicyChoice &
    Pick<FormatOptions, 'completions' | 'maxExamples' | 'seed'> & { longestPath?: number | undefined },
  passes: Passes,
  signal: AbortSignal | undefined,
): Promise<SurveyedInput> {
  const { choice, source } = input;
  const { seed, maxExamples } = options;
  const reader = new InputRows(input, options);
  let rows = reader.rows({ maxRows: maxExamples, signal }, (share) => passes.report(share));
  const onePass = (): Promise<Survey> => {
    passes.begin(source);
    return surveyRows(rows, seed);
  };
  let survey = await onePass();
  if (reader.settleReading()) {
    passes.oneMore(source);
    survey = await onePass();
  }
  const warnings = readingWarnings(reader);
  const available = survey.usedRows;
  if (choice.count !== undefined && choice.count < available) {
    const wanted = choice.count;
    rows = chosenRows(rows, () => chooseRows(available, wanted, seedOf(seed, index)));
    passes.oneMore(source);
    survey = await onePass();
  } else if (choice.count !== undefined && choice.count > available) {
    warnings.push(
      `${choice.dataset} has ${available} rows that can be used, not ${choice.count}; all are taken.`,
    );
  }
  return { input, survey, reader, rows, warnings };
}

function readingWarnings({ reading, evidence }: InputRows): string[] {
  if (evidence === undefined || reading.by !== 'fallback') return [];
  if (evidence.elementsWithLines * 2 <= evidence.elements) return [];
  return ['Most completions have several lines. If each is a whole attempt, give --completions attempts.'];
}
