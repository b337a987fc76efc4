// A correct solution, read once for all errors that are made of it.
import { includesValue, readNumbers, sameValue, type Calculation, type StepNumbers } from './calculation.ts';
import { numberWords } from './numberWords.ts';
import { numbersOf } from './tokens.ts';

export interface Solution {
  problem: string;
  steps: readonly StepNumbers[];
  /** Of the steps. */
  texts: readonly string[];
  /** Of all steps, in order. */
  calculations: readonly CalculationPlace[];
  /** Numbers of the problem, each once. */
  given: readonly number[];
  /** Values that the problem writes in words: twelve, a dozen. */
  spoken: readonly number[];
  /** Whether no step holds an equation that is far off: from it, nobody could tell which step is the first wrong one. */
  isSound: boolean;
  /** Index of the step that states the final answer; undefined where none does. */
  answerStep: number | undefined;
}

/** Where a calculation stands. */
export interface CalculationPlace {
  step: number;
  /** In `StepNumbers.calculations`. */
  index: number;
  calculation: Calculation;
}

/** What the answer stands behind. */
const ANSWER = /^\s*(?:####|A:)|\banswer\b|\\boxed\b/i;

/** @param lines the steps' texts, none of them empty */
export function readSolution(problem: string, lines: readonly string[]): Solution {
  // A list from another thread may have holes for all that V8 knows: with a copy that has none, what is made of it takes a fifth.
  const texts: string[] = [];
  const steps: StepNumbers[] = [];
  const calculations: CalculationPlace[] = [];
  for (const [step, text] of lines.entries()) {
    const read = readNumbers(text);
    texts.push(text);
    steps.push(read);
    for (const [index, calculation] of read.calculations.entries())
      calculations.push({ step, index, calculation });
  }
  const last = texts.at(-1) ?? '';
  return {
    problem,
    steps,
    texts,
    calculations,
    given: numbersOf(problem),
    spoken: numberWords(problem),
    isSound: !steps.some(({ wrong }) => wrong),
    answerStep: ANSWER.test(last) ? texts.length - 1 : undefined,
  };
}

/** What steps use without a word: units of time, length and money, half and twice, one more. A result may be such a number by chance. */
const EVERYDAY: readonly number[] = [1, 2, 3, 4, 7, 10, 12, 24, 30, 31, 36, 52, 60, 100, 365, 1000, 3600];

/** Whether a value can only mean this result: no number of the problem, nothing that everybody knows and no other result is the same. */
export function isOwnResult({ given, spoken, calculations }: Solution, value: number): boolean {
  if (EVERYDAY.includes(value) || spoken.includes(value) || includesValue(given, value)) return false;
  let found = 0;
  for (const { calculation } of calculations) if (sameValue(calculation.result.value, value)) found++;
  return found === 1;
}
