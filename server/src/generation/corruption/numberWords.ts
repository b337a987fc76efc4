// Numbers that a text writes in words.
import { matchesOf } from './matches.ts';

const VALUES_BY_WORD: Readonly<Record<string, number>> = {
  ...valuesFrom(
    0,
    'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen',
  ),
  ...valuesFrom(16, 'sixteen seventeen eighteen nineteen'),
  ...{ twenty: 20, thirty: 30, forty: 40, fifty: 50, sixty: 60, seventy: 70, eighty: 80, ninety: 90 },
  ...{ dozen: 12, hundred: 100, thousand: 1000, quarter: 0.25, half: 0.5, score: 20 },
};

const VALUES: ReadonlyMap<string, number> = new Map(Object.entries(VALUES_BY_WORD));

/** The longest first, so that sixteen is not read as six. */
const WORDS = [...VALUES.keys()].sort((a, b) => b.length - a.length);
const WORD = new RegExp(`\\b(?:${WORDS.join('|')})`, 'gi');

/** The value of each such word, and of two that belong together as in "twenty-five"; "tenth" counts as ten. */
export function numberWords(text: string): number[] {
  const values: number[] = [];
  let tens = 0;
  for (const { word } of matchesOf(WORD, text)) {
    const value = VALUES.get(word.toLowerCase()) ?? 0;
    values.push(value);
    if (tens > 0 && value < 10) values.push(tens + value);
    tens = value >= 20 && value < 100 ? value : 0;
  }
  return values;
}

/** What a whole number up to 99 looks like in words. */
const IN_WORDS = new Map<number, RegExp>();
for (const [word, value] of VALUES) {
  if (!Number.isInteger(value) || value > 90 || IN_WORDS.has(value)) continue;
  IN_WORDS.set(value, new RegExp(`\\b${word}\\b`, 'i'));
  if (value < 20) continue;
  for (const [unit, one] of VALUES) {
    if (one >= 1 && one < 10) IN_WORDS.set(value + one, new RegExp(`\\b${word}[- ]${unit}\\b`, 'i'));
  }
}

/** Whether a text has this number in words: 8 in "the eight of them". */
export function saysNumber(text: string, value: number): boolean {
  return IN_WORDS.get(value)?.test(text) ?? false;
}

function valuesFrom(first: number, words: string): Record<string, number> {
  return Object.fromEntries(words.split(' ').map((word, index) => [word, first + index]));
}
