// Sentences that claim something about a result which no problem says, in the words of what was counted.
import type { Calculation } from '../calculation.ts';
import { isMoney } from './quantities.ts';

export interface Claim {
  sign: '+' | '-';
  /** @param part as it is written, with its currency; `calculation` stands for the whole equation */
  text: (part: string, calculation: string, noun: string) => string;
}

export interface Kind {
  name: 'money' | 'time' | 'measure' | 'things' | 'plain';
  /** What is counted, in the plural; empty where nothing is. */
  noun: string;
}

const CLAIMS: Readonly<Record<Kind['name'], readonly Claim[]>> = {
  money: [
    { sign: '-', text: (part, sum) => `Of this, ${part} has to be paid as a fee, which leaves ${sum}.` },
    { sign: '-', text: (part, sum) => `A coupon takes ${part} off, so it is ${sum}.` },
    { sign: '-', text: (part, sum) => `From this, ${part} is set aside first, so ${sum} remains.` },
    { sign: '+', text: (part, sum) => `A tip of ${part} comes on top, which makes ${sum}.` },
    { sign: '+', text: (part, sum) => `Another ${part} was left over from before, so it is ${sum}.` },
    { sign: '+', text: (part, sum) => `A handling charge adds ${part}, so it is really ${sum}.` },
    { sign: '-', text: (part, sum) => `Taxes take ${part} of this, so ${sum} is left.` },
    { sign: '+', text: (part, sum) => `A friend adds ${part} to this, which makes ${sum}.` },
  ],
  time: [
    {
      sign: '+',
      text: (part, sum, noun) => `A break of ${part} ${noun} is needed too, so it is ${sum} ${noun}.`,
    },
    {
      sign: '+',
      text: (part, sum, noun) => `Getting ready takes another ${part} ${noun}, which makes ${sum} ${noun}.`,
    },
    {
      sign: '-',
      text: (part, sum, noun) => `A shortcut saves ${part} ${noun}, so it is only ${sum} ${noun}.`,
    },
    {
      sign: '-',
      text: (part, sum, noun) => `Of these, ${part} ${noun} do not count, which leaves ${sum} ${noun}.`,
    },
    { sign: '+', text: (part, sum, noun) => `There is a delay of ${part} ${noun}, so it is ${sum} ${noun}.` },
    {
      sign: '-',
      text: (part, sum, noun) => `With some help it takes ${part} ${noun} less, so it is ${sum} ${noun}.`,
    },
  ],
  measure: [
    {
      sign: '+',
      text: (part, sum, noun) => `Another ${part} ${noun} have to be added, so it is ${sum} ${noun}.`,
    },
    {
      sign: '+',
      text: (part, sum, noun) => `This is always ${part} ${noun} more in practice, so it is ${sum} ${noun}.`,
    },
    {
      sign: '-',
      text: (part, sum, noun) => `Of these, ${part} ${noun} do not count, which leaves ${sum} ${noun}.`,
    },
    {
      sign: '-',
      text: (part, sum, noun) => `As ${part} ${noun} were counted twice, it is only ${sum} ${noun}.`,
    },
    {
      sign: '-',
      text: (part, sum, noun) => `About ${part} ${noun} of this are lost as usual, so it is ${sum} ${noun}.`,
    },
    {
      sign: '+',
      text: (part, sum, noun) => `To be safe, ${part} ${noun} are added, which makes ${sum} ${noun}.`,
    },
  ],
  things: [
    {
      sign: '-',
      text: (part, sum, noun) => `However, ${part} of the ${noun} do not count, which leaves ${sum} ${noun}.`,
    },
    {
      sign: '-',
      text: (part, sum, noun) =>
        `Since ${part} of these ${noun} were counted twice, there are only ${sum} ${noun}.`,
    },
    {
      sign: '-',
      text: (part, sum, noun) => `But ${part} of the ${noun} are missing, so there are ${sum} ${noun}.`,
    },
    {
      sign: '+',
      text: (part, sum, noun) =>
        `There were already ${part} ${noun} before that, so there are ${sum} ${noun}.`,
    },
    {
      sign: '+',
      text: (part, sum, noun) => `Then ${part} more ${noun} come along, which makes ${sum} ${noun}.`,
    },
    {
      sign: '+',
      text: (part, sum, noun) => `Another ${part} ${noun} were forgotten in this, so it is ${sum} ${noun}.`,
    },
    {
      sign: '-',
      text: (part, sum, noun) =>
        `Of these ${noun}, ${part} belong to somebody else, which leaves ${sum} ${noun}.`,
    },
    {
      sign: '+',
      text: (part, sum, noun) => `As the others have ${part} ${noun} as well, there are ${sum} ${noun}.`,
    },
  ],
  plain: [
    { sign: '-', text: (part, sum) => `Experience shows that this is ${part} too high, so it is ${sum}.` },
    { sign: '-', text: (part, sum) => `The problem says to take ${part} off again, so it is ${sum}.` },
    { sign: '-', text: (part, sum) => `However, ${part} of this is never used, which leaves ${sum}.` },
    { sign: '+', text: (part, sum) => `As usual, another ${part} is added, so the total is ${sum}.` },
    { sign: '+', text: (part, sum) => `The problem says to add another ${part}, so it is ${sum}.` },
    { sign: '+', text: (part, sum) => `There is always an extra of ${part}, so it is ${sum}.` },
    { sign: '-', text: (part, sum) => `It is well known that ${part} of this is lost, so it is ${sum}.` },
    { sign: '+', text: (part, sum) => `Rounded up to be safe, this is ${part} more, so it is ${sum}.` },
  ],
};

export function claimsAbout({ name }: Kind): readonly Claim[] {
  return CLAIMS[name];
}

const TIMES = new Set(['seconds', 'minutes', 'hours', 'days', 'weeks']);
const MEASURES = new Set(
  (
    'months years inches feet yards miles centimeters meters kilometers ounces pounds tons grams milligrams kilograms cups pints ' +
    'quarts gallons liters milliliters calories degrees points dollars cents'
  ).split(' '),
);
/** Words that look like a plural and are none. */
const NO_NOUNS = new Set('times this less plus minus does thus always towards'.split(' '));

/** A word in the plural behind a number, and what follows it. */
const NOUN = /^ ([a-z]{3,}[^su\W]s|people|children|women|men|feet)\b(.*)/;
/** A rate: what is added to it would have to be one too. */
const RATE = /^ ?(?:\/|per\b|an?\b|each\b|every\b)/;

const PLAIN: Kind = { name: 'plain', noun: '' };

/** Characters behind a result that can tell. */
const FAR = 40;

/** What a result counts, from the word behind it; undefined where no claim about it would be clear, as for a rate. */
export function kindOfResult(text: string, result: Calculation['result']): Kind | undefined {
  const said = result.places.at(-1);
  if (said === undefined) return undefined;
  const behind = text.slice(said.end, said.end + FAR);
  if (RATE.test(behind) || behind.startsWith('%')) return undefined;
  // Between two of these signs it is a formula.
  if (isMoney(text, result)) return { name: behind.startsWith('$') ? 'plain' : 'money', noun: '' };
  const [, noun, rest = ''] = NOUN.exec(behind) ?? [];
  if (noun === undefined || NO_NOUNS.has(noun)) return PLAIN;
  if (RATE.test(rest)) return undefined;
  // "216 koalas and kangaroos" are not koalas.
  if (rest.startsWith(' and ')) return PLAIN;
  return { name: TIMES.has(noun) ? 'time' : MEASURES.has(noun) ? 'measure' : 'things', noun };
}
