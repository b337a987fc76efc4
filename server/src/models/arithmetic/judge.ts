// Decides whether two sides of an equation agree: exactly, after rounding, or cannot be told.
import { readSide, type PercentReading, type Side } from './expression.ts';
import type { Token } from './lexer.ts';
import { decimalValue, distance, format, multiply, type Value } from './number.ts';
import { unitsConvert } from './units.ts';

export type Verdict = 'holds' | 'fails' | 'unsure';

export interface Judgement {
  verdict: Verdict;
  /** Why, for people: empty, or a part of a sentence. */
  note: string;
}

/** One relation of a chain, with the tokens on both of its sides. */
export interface Link {
  tokens: readonly Token[];
  left: { from: number; side: Side };
  right: { from: number; to: number; side: Side };
  /** "≈" instead of "=". */
  approximate: boolean;
  /** The left side is itself the right side of a relation before it. */
  chained: boolean;
  /** Inside `<<…>>`: a calculation for sure, so that two numbers that differ are an error. */
  marked: boolean;
  /** Why the text around may change the meaning, so that inequality proves nothing. */
  doubt: string | undefined;
}

/** How near two values are. */
type Closeness = 'exact' | 'rounded' | 'near' | 'apart';

/** Percent sign readings tried in turn, left and right. */
const READINGS: readonly (readonly [PercentReading, PercentReading])[] = [
  ['hundredths', 'hundredths'],
  ['relative', 'hundredths'],
  ['hundredths', 'plain'],
  ['plain', 'plain'],
  ['plain', 'hundredths'],
];

const HALF = decimalValue('0.5');
const WHOLE = decimalValue('1');
const ONE_IN_200 = decimalValue('0.005');
/** Nobody writes so many places by hand. */
const FLOAT_PLACES = 10;
const FLOAT_NOISE = decimalValue('.000000001');
const ONE_IN_50 = decimalValue('0.02');
const ONE_IN_10 = decimalValue('0.1');
const POWERS_OF_TENTH = Array.from({ length: 45 }, (_, digits) =>
  decimalValue(digits === 0 ? '1' : `.${'0'.repeat(digits - 1)}1`),
);

/**
 * Judges one relation. `fails` only where the reading is safe and no rounding explains the difference:
 * - a side that is one decimal number of k places may be the rounded other side (|difference| <= half of 10^-k: holds);
 *   cut off instead of rounded (2/3 = 0.66), it is unsure;
 * - a whole number may be a rounded quotient (10/3 = 3, |difference| < 1) or a rounded decimal (6.3 + 126 = 132, at most
 *   one half): unsure;
 * - a product or quotient of rounded decimals (1.33 * 3 = 4) is unsure within 0.5 %;
 * - none of that where the exact value has no more places than the written one: 25 * 0.01 * 1000 = 251 fails;
 * - "≈" holds within 2 % and fails beyond 10 %.
 */
export function judge(link: Link): Judgement {
  const { left, right } = link;
  if (left.side.value === undefined) return unsure(left.side.problem);
  if (right.side.value === undefined) return unsure(right.side.problem);

  let best: Closeness = 'apart';
  for (const [leftReading, rightReading] of readingsFor(link)) {
    const closeness = compare(
      rightReading === 'hundredths' && leftReading === 'hundredths'
        ? left.side
        : reread(link, 'left', leftReading),
      rightReading === 'hundredths' ? right.side : reread(link, 'right', rightReading),
      link.approximate,
    );
    if (closeness === 'apart') continue;
    if (closeness === 'near') best = 'near';
    else if (leftReading === 'plain' && rightReading === 'hundredths' && !hasHundredPercent(link)) {
      return unsure('% can be read in more than one way');
    } else return { verdict: 'holds', note: closeness === 'rounded' ? 'rounded' : '' };
  }
  if (best === 'near')
    return unsure(
      `the exact value is ${format(left.side.operators > 0 ? left.side.value : right.side.value)}`,
    );
  return differing(link, left.side.value, right.side.value);
}

/** The sides differ: wrong, unless the reading is in doubt. */
function differing(link: Link, leftValue: Value, rightValue: Value): Judgement {
  const { left, right } = link;
  const loneLeft = left.side.decimals !== undefined;
  const loneRight = right.side.decimals !== undefined;
  const hasUnits = left.side.units.size + right.side.units.size > 0;
  const percent = left.side.hasPercent || right.side.hasPercent;
  if (link.doubt !== undefined) return unsure(link.doubt);
  if (unitsConvert([...left.side.units, ...right.side.units]))
    return unsure('its units convert into each other');
  if (loneLeft && loneRight && !link.marked && (!link.chained || hasUnits || percent)) {
    return unsure('both sides are given values');
  }
  if (loneLeft && !loneRight && (hasUnits || percent || isLabel(link)))
    return unsure('its left side may be a name');
  if (right.side.hasOf) return unsure('its right side may be a description');
  if (left.side.repeatsDivision || right.side.repeatsDivision)
    return unsure('it divides twice without parentheses');
  if (percent && additive(link)) return unsure('% can be read in more than one way');
  if (!loneRight && continues(link, leftValue)) return unsure('the sum goes on behind its result');
  if (leftValue.s < 0n && leftValue.neg().equals(rightValue)) return unsure('only the sign differs');
  if (looksLikeRange(link, leftValue, rightValue)) return unsure('it may be a range');
  const wrongSide =
    loneLeft && !loneRight ? `right side is ${format(rightValue)}` : `left side is ${format(leftValue)}`;
  return { verdict: 'fails', note: `the ${wrongSide}` };
}

function compare(left: Side | undefined, right: Side | undefined, approximate: boolean): Closeness {
  const [a, b] = [left?.value, right?.value];
  if (left === undefined || right === undefined || a === undefined || b === undefined) return 'apart';
  const difference = distance(a, b);
  if (difference.n === 0n) return 'exact';
  const lone = right.decimals !== undefined ? right : left.decimals !== undefined ? left : undefined;
  const other = lone === right ? left : right;
  const loneDecimals = Math.min(left.decimals ?? Infinity, right.decimals ?? Infinity);
  const decimals = loneDecimals === Infinity ? 0 : loneDecimals;
  const unit = POWERS_OF_TENTH[decimals] ?? WHOLE;
  const half = unit.mul(HALF);
  // Binary floating point shows through: 0.1 + 0.2 = 0.30000000000000004.
  if (decimals >= FLOAT_PLACES && within(difference, b.abs(), FLOAT_NOISE)) return 'rounded';
  if (lone !== undefined && (decimals > 0 || approximate) && difference.compare(half) <= 0) return 'rounded';
  if (approximate) {
    if (within(difference, b.abs(), ONE_IN_50)) return 'rounded';
    return within(difference, b.abs(), ONE_IN_10) ? 'near' : 'apart';
  }
  if (lone === undefined) return other.inexact && within(difference, b.abs(), ONE_IN_200) ? 'near' : 'apart';
  // Written with all its places: nothing was rounded.
  if (other.value?.div(unit).d === 1n) return 'apart';
  const quotient = lone === right && (other.divides || other.hasPercent);
  if (
    decimals > 0 || quotient ? difference.compare(unit) < 0 : other.inexact && difference.compare(half) <= 0
  ) {
    return 'near';
  }
  return (quotient || (other.inexact && other.multiplies)) && within(difference, b.abs(), ONE_IN_200)
    ? 'near'
    : 'apart';
}

function within(difference: Value, size: Value, share: Value): boolean {
  const limit = multiply(size, share);
  return limit !== undefined && difference.compare(limit) <= 0;
}

function readingsFor({ left, right }: Link): readonly (readonly [PercentReading, PercentReading])[] {
  if (!left.side.hasPercent && !right.side.hasPercent) return READINGS.slice(0, 1);
  return READINGS.filter(([leftReading, rightReading]) => {
    if (leftReading === 'plain') {
      return left.side.hasPercent && right.side.hasPercent === (rightReading === 'plain');
    }
    if (leftReading === 'relative') return left.side.hasPercent;
    return rightReading === 'hundredths' || !left.side.hasPercent;
  });
}

function reread(
  { tokens, left, right }: Link,
  which: 'left' | 'right',
  reading: PercentReading,
): Side | undefined {
  return which === 'left'
    ? readSide(tokens, left.from, left.side.next, reading)
    : readSide(tokens, right.from, right.to, reading);
}

/** "3 / 18 * 100% = 16.7": times 100 %, and the sign left out of the result. */
function hasHundredPercent({ tokens, left }: Link): boolean {
  return tokens
    .slice(left.from, left.side.next)
    .some((token, index) => token.kind === 'percent' && tokens[left.from + index - 1]?.text === '100');
}

/** "Day 1 = 5 * 3": a number behind a word may name something. */
function isLabel({ tokens, left, chained }: Link): boolean {
  return !chained && tokens[left.from - 1]?.kind === 'word';
}

function additive({ tokens, left }: Link): boolean {
  return tokens
    .slice(left.from, left.side.next)
    .some((token) => token.kind === 'operator' && (token.text === '+' || token.text === '-'));
}

/** "5 + 3 = 8 + 2 = 10": the right side begins with the left side's result and goes on from there. */
function continues({ tokens, right }: Link, leftValue: Value): boolean {
  let first = right.from;
  while (tokens[first]?.kind === 'currency') first++;
  return tokens[first]?.value?.equals(leftValue) ?? false;
}

/** "pages 5-10 = 6": a minus without spaces from a smaller to a larger number. */
function looksLikeRange({ tokens, left }: Link, leftValue: Value, rightValue: Value): boolean {
  const minus = tokens[left.from + 1];
  return (
    left.side.operators === 1 &&
    minus?.text === '-' &&
    !minus.spaced &&
    leftValue.s < 0n &&
    rightValue.s >= 0n &&
    tokens[left.from]?.kind === 'number'
  );
}

function unsure(reason: string | undefined): Judgement {
  return { verdict: 'unsure', note: reason ?? 'it cannot be computed' };
}
