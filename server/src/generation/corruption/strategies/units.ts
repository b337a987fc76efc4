// Units that people mistake for each other, and factors between them that they get wrong.

/** Each unit with one that it is mistaken for. */
const MISTAKEN: Readonly<Record<string, string>> = {
  second: 'minute',
  minute: 'hour',
  hour: 'day',
  day: 'week',
  week: 'month',
  month: 'year',
  year: 'month',
  cent: 'dollar',
  dollar: 'cent',
  inch: 'foot',
  foot: 'yard',
  yard: 'foot',
  mile: 'kilometer',
  kilometer: 'meter',
  meter: 'kilometer',
  centimeter: 'meter',
  gram: 'kilogram',
  kilogram: 'gram',
  pound: 'ounce',
  ounce: 'pound',
  cup: 'pint',
  pint: 'quart',
  quart: 'gallon',
  gallon: 'quart',
  liter: 'milliliter',
  milliliter: 'liter',
};

const PLURALS: Readonly<Record<string, string>> = { inch: 'inches', foot: 'feet' };
const pluralOf = (unit: string): string => PLURALS[unit] ?? `${unit}s`;

/** Singular for singular, plural for plural. */
const OTHER = new Map(
  Object.entries(MISTAKEN).flatMap(([unit, other]) => [
    [unit, other] as const,
    [pluralOf(unit), pluralOf(other)] as const,
  ]),
);
const BEHIND = new RegExp(`^ (${[...OTHER.keys()].join('|')})\\b(?!-)`);

/** The unit right behind a number that ends at an offset, as it is written. */
export function unitBehind(text: string, end: number): string | undefined {
  return BEHIND.exec(text.slice(end, end + LONGEST))?.[1];
}

/** Characters of the longest unit in the plural, with what is before and behind it. */
const LONGEST = 16;

/** @param unit from `unitBehind` */
export function mistakenUnit(unit: string): string {
  return OTHER.get(unit) ?? unit;
}

export function isSingular(unit: string): boolean {
  return unit in MISTAKEN;
}

/** Whether a problem is about lengths. */
export const LENGTH =
  /\b(?:foot|inch|yard|mile|squares?|long|tall|high|wide|deep|length|height|width|depth|distance)/i;

interface Factor {
  /** How many of the small unit make the large one, wrongly. */
  wrong: readonly number[];
  small: RegExp;
  large: RegExp;
}

/** By the right number. Days of a week and weeks of a year are not among them: 5 and 48 may be those that somebody works. */
export const FACTORS: ReadonlyMap<number, readonly Factor[]> = new Map([
  [
    60,
    [
      { wrong: [100, 30], small: /\bminute/i, large: /\bhour/i },
      { wrong: [100, 30], small: /\bsecond/i, large: /\bminute/i },
    ],
  ],
  [24, [{ wrong: [12, 20], small: /\bhour/i, large: /\bday/i }]],
  [
    12,
    [
      { wrong: [10], small: /\bmonth/i, large: /\b(?:year|annual)/i },
      { wrong: [10], small: /\binch/i, large: /\b(?:foot|feet)/i },
      { wrong: [10], small: /\b(?:egg|piece|each)/i, large: /\bdozen/i },
    ],
  ],
  [16, [{ wrong: [10, 12], small: /\b(?:ounce|oz)/i, large: /\b(?:pound|lb)/i }]],
  [36, [{ wrong: [12, 30], small: /\binch/i, large: /\byard/i }]],
  [100, [{ wrong: [10], small: /\bcent/i, large: /\b(?:dollar|meter)|\$/i }]],
  [1000, [{ wrong: [100], small: /\b(?:gram|meter|milli)|\b(?:ml|mg|g|m)\b/i, large: /\b(?:kilo|liter)/i }]],
  [3600, [{ wrong: [360, 60], small: /\bsecond/i, large: /\bhour/i }]],
]);
