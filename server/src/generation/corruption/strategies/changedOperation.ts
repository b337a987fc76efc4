// Another operation: the sign and the word for it change together.
import { sameValue, type Calculation, type Place, type Sign } from '../calculation.ts';
import { changedCalculation } from '../changedCalculation.ts';
import { firstThat, oneOf, type Strategy } from '../corruption.ts';
import { isFraction } from '../fractions.ts';
import { matchesOf } from '../matches.ts';
import type { CalculationPlace, Solution } from '../solution.ts';

/** What one operation is mistaken for. */
const MISTAKEN: Readonly<Record<Sign, readonly Sign[]>> = {
  '+': ['-', '*'],
  '-': ['+'],
  '*': ['+', '/'],
  '/': ['*', '-'],
};

/** Words that say what a sign says. Only those whose opposite fits into the same sentence. */
const WORDS: Readonly<Record<Sign, Readonly<Partial<Record<Sign, Readonly<Record<string, string>>>>>>> = {
  '+': {
    '-': { plus: 'minus', 'more than': 'less than', 'added to': 'taken from' },
    '*': { plus: 'times' },
  },
  '-': {
    '+': { minus: 'plus', 'less than': 'more than', 'fewer than': 'more than' },
  },
  '*': {
    '+': { times: 'plus', 'multiplied by': 'plus' },
    '/': { times: 'divided by', 'multiplied by': 'divided by' },
  },
  '/': {
    '*': { 'divided by': 'multiplied by' },
    '-': { 'divided by': 'minus' },
  },
};

/** Nouns for a result. */
const NAMED = /\b(?:sum|difference|product|quotient)\b/i;

/** "3 times 4" is a product, "3 times as many" is not; "3 times more than" and the "plus ones" of a party are no sums. */
const EXACT: Readonly<Record<string, string>> = {
  times: 'times(?= \\$?\\d)',
  'more than': '(?<!times )more than',
  plus: 'plus(?! ones?\\b)',
};

/** The same, ready to look for; by the two signs. */
const FINDERS = new Map(
  Object.entries(WORDS).flatMap(([from, others]) =>
    Object.entries(others).map(([to, words]) => [
      from + to,
      {
        pattern: new RegExp(
          // Not in the sign itself: \times.
          `(?<!\\\\)\\b(?:${Object.keys(words)
            .map((word) => EXACT[word] ?? word)
            .join('|')})`,
          'g',
        ),
        others: new Map(Object.entries(words)),
      },
    ]),
  ),
);

export const changedOperation: Strategy = {
  name: 'change-operation',
  title: 'another operation, sign and word together',
  corrupt(solution, random, consistent) {
    return firstThat(solution.calculations, random, (place) =>
      firstThat(place.calculation.signs, random, (sign) => {
        const value = oneOf(MISTAKEN[sign.value], random);
        const index = place.calculation.signs.indexOf(sign);
        if (value === undefined || !canBeMistaken(place.calculation, index, value)) return undefined;
        const words = wordChanges(solution, place, index, value);
        if (words === undefined) return undefined;
        // "Three more than 102 is 105" is true, though three less were asked for.
        const isKept = words.length > 0 || random.float() < 0.3;
        const outcome = consistent ? 'carried' : isKept ? 'kept' : 'computed';
        return changedCalculation(solution, place, { sign: { index, value }, words }, outcome);
      }),
    );
  },
};

/** Where a product is larger by more than this factor, nobody takes it for a sum. */
const FARTHEST = 10;

function canBeMistaken(calculation: Calculation, index: number, to: Sign): boolean {
  const { operands, signs } = calculation;
  if (isFraction(calculation, index)) return false;
  const [left, right] = [operands[index]?.value ?? 0, operands[index + 1]?.value ?? 0];
  return signs[index]?.value !== '+' || to !== '*' || left * right <= FARTHEST * (left + right);
}

/** The word of one sign, with the word for another; undefined where it is not clear which of several words belongs to it. */
function wordChanges(
  { steps, texts }: Solution,
  { step, calculation: { operands, signs } }: CalculationPlace,
  index: number,
  to: Sign,
): { place: Place; text: string }[] | undefined {
  const from = signs[index]?.value;
  const text = texts[step] ?? '';
  // "The product of 7 and 10 is 70" is true, also where their sum was asked for.
  if (NAMED.test(text)) return undefined;
  const finder = from === undefined ? undefined : FINDERS.get(from + to);
  if (finder === undefined) return [];
  const found = matchesOf(finder.pattern, text);
  if (found.length === 0) return [];
  const same = signs.filter(({ value }) => value === from);
  if (same.length !== found.length || steps[step]?.calculations.length !== 1) return undefined;
  const match = found[signs.slice(0, index).filter(({ value }) => value === from).length];
  if (match === undefined || !standsBehind(text.slice(0, match.index), operands)) return undefined;
  const { index: start, word } = match;
  return [{ place: { start, end: start + word.length }, text: finder.others.get(word) ?? word }];
}

const LAST_NUMBER = /([\d,]*\.?\d+)\D*$/;

/** Whether the last number before a word, if there is one, is in the calculation: in "55 / 5 = 11 is divided by 5" it is not. */
function standsBehind(before: string, operands: Calculation['operands']): boolean {
  const number = LAST_NUMBER.exec(before)?.[1]?.replaceAll(',', '');
  return number === undefined || operands.some(({ value }) => sameValue(value, Number(number)));
}
