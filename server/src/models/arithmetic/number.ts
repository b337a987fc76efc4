// Exact numbers of bounded size: fractions of BigInt, undefined where a result would be too large or does not exist.
import Fraction from 'fraction.js';

export type Value = Fraction;

/** Longer numerators or denominators count as not computable, so that no input is slow. */
const MAX_BITS = 256;
const LIMIT = 1n << BigInt(MAX_BITS);
const MAX_EXPONENT = 1000;

const small = new Map<string, Value>();

/** A decimal such as "1200", "4.875" or ".5": digits and at most one point. */
export function decimalValue(digits: string): Value {
  const known = small.get(digits);
  if (known !== undefined) return known;
  const point = digits.indexOf('.');
  const value =
    point === -1
      ? new Fraction(BigInt(digits), 1n)
      : new Fraction(
          BigInt(digits.slice(0, point) + digits.slice(point + 1)),
          10n ** BigInt(digits.length - point - 1),
        );
  // Numbers of school problems come again and again; parsing them is a good part of the whole cost.
  if (digits.length <= 6 && small.size < 10_000) small.set(digits, value);
  return value;
}

const ZERO = decimalValue('0');
export const HUNDRED = decimalValue('100');

/** Undefined operands stay undefined: what cannot be computed spoils all that is computed from it. */
type Maybe = Value | undefined;

export function add(left: Maybe, right: Maybe): Maybe {
  return left && right && bounded(left.add(right));
}

export function subtract(left: Maybe, right: Maybe): Maybe {
  return left && right && bounded(left.sub(right));
}

export function multiply(left: Maybe, right: Maybe): Maybe {
  return left && right && bounded(left.mul(right));
}

export function divide(left: Maybe, right: Maybe): Maybe {
  return left && right && right.n !== 0n ? bounded(left.div(right)) : undefined;
}

export function negate(value: Maybe): Maybe {
  return value?.neg();
}

/** Whole exponents only; 0^0 and powers too large to write down are undefined. */
export function power(base: Maybe, exponent: Maybe): Maybe {
  if (!base || exponent?.d !== 1n || exponent.n > MAX_EXPONENT) return undefined;
  const times = Number(exponent.n);
  if (base.n === 0n) return exponent.s > 0n && times > 0 ? ZERO : undefined;
  const bits = Math.max(bitLength(base.n), bitLength(base.d));
  if ((bits - 1) * times > MAX_BITS) return undefined;
  const sign = base.s < 0n && times % 2 === 1 ? -1n : 1n;
  const numerator = base.n ** BigInt(times);
  const denominator = base.d ** BigInt(times);
  return bounded(
    exponent.s < 0n
      ? new Fraction(sign * denominator, numerator)
      : new Fraction(sign * numerator, denominator),
  );
}

/** |left - right| */
export function distance(left: Value, right: Value): Value {
  return left.sub(right).abs();
}

/** As people write it: a decimal of up to six places, "≈" before it where it goes on. */
export function format(value: Value): string {
  const exact = isFiniteDecimal(value.d) && (value.d === 1n || Number(value.d) <= 1e6);
  const digits = value.round(6);
  if (digits.n === 0n && value.n !== 0n) return `≈ ${value.valueOf().toPrecision(3)}`;
  const text = plain(digits);
  return exact && digits.equals(value) ? text : `≈ ${text}`;
}

function plain(value: Value): string {
  const scaled = (value.n * 1_000_000n) / value.d;
  const whole = scaled / 1_000_000n;
  const rest = (scaled % 1_000_000n).toString().padStart(6, '0').replace(/0+$/, '');
  return `${value.s < 0n ? '-' : ''}${whole}${rest === '' ? '' : `.${rest}`}`;
}

function isFiniteDecimal(denominator: bigint): boolean {
  let rest = denominator;
  while (rest % 10n === 0n) rest /= 10n;
  while (rest % 2n === 0n) rest /= 2n;
  while (rest % 5n === 0n) rest /= 5n;
  return rest === 1n;
}

function bounded(value: Value): Maybe {
  return value.n < LIMIT && value.d < LIMIT ? value : undefined;
}

function bitLength(value: bigint): number {
  return value.toString(2).length;
}
