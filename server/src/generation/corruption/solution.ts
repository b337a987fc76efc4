// A correct solution, read once for all errors that are made of it.
import { readNumbers, sameValue, type Calculation, type StepNumbers } from './calculation.ts';
import { tokensOf } from './tokens.ts';

export interface SolutionStep extends StepNumbers {
  text: string;
}

export interface Solution {
  problem: string;
  steps: readonly SolutionStep[];
  /** Of all steps, in order. */
  calculations: readonly CalculationPlace[];
  /** Numbers of the problem, each once. */
  given: readonly number[];
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

const ANSWER = /^\s*####/;
const ANSWER_WORDS = /\banswer\b/i;

/** @param texts of the steps, none of them empty */
export function readSolution(problem: string, texts: readonly string[]): Solution {
  const steps = texts.map((text) => ({ text, ...readNumbers(text) }));
  const last = texts.at(-1) ?? '';
  return {
    problem,
    steps,
    calculations: steps.flatMap(({ calculations }, step) =>
      calculations.map((calculation, index) => ({ step, index, calculation })),
    ),
    given: [...new Set(tokensOf(problem).flatMap(({ kind, value }) => (kind === 'number' ? [value] : [])))],
    answerStep: ANSWER.test(last) || ANSWER_WORDS.test(last) ? texts.length - 1 : undefined,
  };
}

/** Whether a value can only mean this result: no number of the problem and no other result is the same. */
export function isOwnResult({ given, calculations }: Solution, value: number): boolean {
  if (given.some((number) => sameValue(number, value))) return false;
  let found = 0;
  for (const { calculation } of calculations) if (sameValue(calculation.result.value, value)) found++;
  return found === 1;
}
