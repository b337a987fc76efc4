// Another operation: the sign and the word for it change together.
import type { Sign } from '../calculation.ts';
import { changedCalculation } from '../changedCalculation.ts';
import { firstThat, oneOf, type Strategy } from '../corruption.ts';
import type { Revision } from '../revision.ts';
import type { CalculationPlace, Solution } from '../solution.ts';

/** What one operation is mistaken for, the likeliest first. */
const MISTAKEN: Readonly<Record<Sign, readonly Sign[]>> = {
  '+': ['-', '*'],
  '-': ['+'],
  '*': ['+', '/'],
  '/': ['*', '-'],
};

/** Words that say what a sign says. Only those whose opposite fits into the same sentence. */
const WORDS: Readonly<Record<Sign, Readonly<Partial<Record<Sign, readonly (readonly [RegExp, string])[]>>>>> =
  {
    '+': {
      '-': [
        [/\bplus\b/g, 'minus'],
        [/\bsum\b/g, 'difference'],
        [/\bmore than\b/g, 'less than'],
        [/\badded to\b/g, 'taken from'],
      ],
      '*': [
        [/\bplus\b/g, 'times'],
        [/\bsum\b/g, 'product'],
      ],
    },
    '-': {
      '+': [
        [/\bminus\b/g, 'plus'],
        [/\bdifference\b/g, 'sum'],
        [/\bless than\b/g, 'more than'],
        [/\bfewer than\b/g, 'more than'],
      ],
    },
    '*': {
      '+': [
        [/\btimes\b/g, 'plus'],
        [/\bmultiplied by\b/g, 'plus'],
        [/\bproduct\b/g, 'sum'],
      ],
      '/': [[/\bmultiplied by\b/g, 'divided by']],
    },
    '/': {
      '*': [[/\bdivided by\b/g, 'multiplied by']],
      '-': [[/\bdivided by\b/g, 'minus']],
    },
  };

export const changedOperation: Strategy = {
  name: 'change-operation',
  title: 'another operation, sign and word together',
  corrupt(solution, random, consistent) {
    return firstThat(solution.calculations, random, (place) =>
      firstThat(place.calculation.signs, random, (sign) => {
        const value = oneOf(MISTAKEN[sign.value], random);
        if (value === undefined) return undefined;
        const index = place.calculation.signs.indexOf(sign);
        const words = (revision: Revision): void => {
          changeWords(solution, place, revision, sign.value, value);
        };
        const outcome = consistent ? 'carried' : random.float() < 0.3 ? 'kept' : 'computed';
        return changedCalculation(solution, place, { sign: { index, value }, words }, outcome);
      }),
    );
  },
};

/** A step with several calculations keeps its words: they may speak of another one. */
function changeWords(
  { steps }: Solution,
  { step }: CalculationPlace,
  revision: Revision,
  from: Sign,
  to: Sign,
): void {
  const { text = '', calculations = [] } = steps[step] ?? {};
  if (calculations.length > 1) return;
  for (const [word, other] of WORDS[from][to] ?? []) {
    for (const match of text.matchAll(word)) {
      revision.replace(step, { start: match.index, end: match.index + match[0].length }, other);
    }
  }
}
