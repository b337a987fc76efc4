// Evaluates an arithmetic expression over tokens: precedence as usual, units skipped, percentages as hundredths.
import * as number from './number.ts';
import type { Value } from './number.ts';
import { isUnitWord } from './units.ts';
import type { Token } from './lexer.ts';

/**
 * What `%` means. "hundredths": 25% is 0.25. "plain": 25% is 25 ("100% - 20% = 80%"). "relative": behind + or - a
 * share of what stands before ("80 + 10% = 88").
 */
export type PercentReading = 'hundredths' | 'plain' | 'relative';

/** One side of an equation. */
export interface Side {
  /** Undefined where it cannot be computed; `problem` then says why. */
  value: Value | undefined;
  problem: string | undefined;
  /** Index of the first token behind it. */
  next: number;
  operators: number;
  divides: boolean;
  multiplies: boolean;
  /** Holds a number with a fractional part, or a percentage: its own digits may be rounded. */
  inexact: boolean;
  hasPercent: boolean;
  units: Set<string>;
  /** "1/3 of $150": on the right it may describe the result instead of computing it. */
  hasOf: boolean;
  /** "14 / 1 / 4": some mean 14 / (1/4). */
  repeatsDivision: boolean;
  /** Digits after the point of a side that is one number, undefined for other sides. */
  decimals: number | undefined;
}

const MAX_DEPTH = 64;
const MAX_UNIT_WORDS = 5;

/**
 * Reads the longest expression that begins at token `from`.
 *
 * @param to index behind the last token that may be read
 * @returns undefined where no expression begins there
 */
export function readSide(
  tokens: readonly Token[],
  from: number,
  to: number,
  reading: PercentReading,
): Side | undefined {
  const reader = new SideReader(tokens, from, to, reading);
  return reader.run();
}

/** Index behind a run of unit words that starts at `from`, `from` itself where there is none. */
export function endOfUnits(tokens: readonly Token[], from: number, to: number): number {
  let next = from;
  while (next < to && next - from < MAX_UNIT_WORDS && isUnit(tokens[next])) next++;
  return next;
}

export function isUnit(token: Token | undefined): boolean {
  return token?.kind === 'word' && isUnitWord(token.text);
}

class SideReader {
  private readonly tokens: readonly Token[];
  private readonly to: number;
  private readonly reading: PercentReading;
  private position: number;
  private depth = 0;
  private numbers = 0;
  private operators = 0;
  private divides = false;
  private multiplies = false;
  private hasOf = false;
  private repeatsDivision = false;
  private inexact = false;
  private hasPercent = false;
  private decimals = 0;
  private problem: string | undefined;
  private readonly units = new Set<string>();
  /** The factor that was read last was a percentage or a fraction: "of" multiplies it. */
  private shareBefore = false;

  constructor(tokens: readonly Token[], from: number, to: number, reading: PercentReading) {
    this.tokens = tokens;
    this.position = from;
    this.to = to;
    this.reading = reading;
  }

  run(): Side | undefined {
    const start = this.position;
    const value = this.sum();
    if (this.position === start || this.numbers === 0) return undefined;
    if (value === undefined) this.problem ??= 'a value in it cannot be computed';
    return {
      value: this.problem === undefined ? value : undefined,
      problem: this.problem,
      next: this.position,
      operators: this.operators,
      divides: this.divides,
      multiplies: this.multiplies,
      hasOf: this.hasOf,
      repeatsDivision: this.repeatsDivision,
      inexact: this.inexact,
      hasPercent: this.hasPercent,
      units: this.units,
      decimals: this.operators === 0 && this.numbers === 1 ? this.decimals : undefined,
    };
  }

  private token(offset = 0): Token | undefined {
    const index = this.position + offset;
    return index < this.to ? this.tokens[index] : undefined;
  }

  /** The operator at the position, if something that it can work on follows. */
  private operatorAhead(): string | undefined {
    const token = this.token();
    if (token?.kind !== 'operator') return undefined;
    let next = this.position + 1;
    for (let signs = 0; signs < 3 && isSign(this.tokens[next]); signs++) next++;
    while (this.tokens[next]?.kind === 'currency') next++;
    return next < this.to && startsOperand(this.tokens[next]) ? token.text : undefined;
  }

  private sum(): Value | undefined {
    let value = this.term();
    for (
      let operator = this.operatorAhead();
      operator === '+' || operator === '-';
      operator = this.operatorAhead()
    ) {
      this.position++;
      this.operators++;
      const from = this.position;
      let right = this.term();
      if (this.position === from) break;
      if (this.reading === 'relative' && this.endedInPercent) right = number.multiply(value, right);
      value = operator === '+' ? number.add(value, right) : number.subtract(value, right);
    }
    return value;
  }

  private term(): Value | undefined {
    let value = this.factor();
    let divided = false;
    for (;;) {
      const operator = this.operatorAhead();
      if (operator === '*' || operator === '/') {
        if (operator === '/' && divided) this.repeatsDivision = true;
        divided = operator === '/';
        this.position++;
        value = this.scaled(value, operator);
      } else if (this.ofAhead() || this.productAhead()) {
        const from = this.position;
        const product = this.scaled(value, '*');
        // "24 (eggs)": no factor.
        if (this.position === from) {
          this.operators--;
          return value;
        }
        value = product;
      } else return value;
    }
  }

  private scaled(value: Value | undefined, operator: '*' | '/'): Value | undefined {
    this.operators++;
    const plainFraction = operator === '/' && !this.shareBefore;
    const right = operator === '/' ? this.divisor() : this.factor();
    this.shareBefore = plainFraction || this.endedInPercent;
    if (operator === '*') {
      this.multiplies = true;
      return number.multiply(value, right);
    }
    this.divides = true;
    if (right?.n === 0n) this.problem ??= 'it divides by zero';
    return number.divide(value, right);
  }

  /** "25 / 1/3": what is written without spaces behind a space is one divisor. */
  private divisor(): Value | undefined {
    const [top, slash, bottom] = [this.token(), this.token(1), this.token(2)];
    const one =
      top?.kind === 'number' &&
      top.spaced &&
      slash?.kind === 'operator' &&
      slash.text === '/' &&
      !slash.spaced &&
      bottom?.kind === 'number' &&
      !bottom.spaced;
    if (!one) return this.factor();
    this.position += 3;
    this.operators++;
    this.numbers += 2;
    this.repeatsDivision = true;
    this.readUnits();
    return number.divide(top.value, bottom.value);
  }

  /** "25% of 80", "3/4 of $12": "of" multiplies a share, nothing else. */
  private ofAhead(): boolean {
    if (this.token()?.text !== 'of' || this.token()?.kind !== 'word') return false;
    const share = this.endedInPercent || this.shareBefore;
    const offset = this.token(1)?.kind === 'currency' ? 2 : 1;
    if (!share || !startsOperand(this.token(offset))) return false;
    this.hasOf = true;
    this.position++;
    return true;
  }

  /** "2(3+4)", "(3)(4)", "2x": a product without a sign, nothing between its factors. */
  private productAhead(): boolean {
    const token = this.token();
    if (token === undefined || token.spaced || token.text === '{') return false;
    const before = this.tokens[this.position - 1]?.kind;
    if (token.kind === 'variable') return before === 'number' || before === 'close';
    return token.kind === 'open' && (before === 'number' || before === 'close' || before === 'variable');
  }

  private factor(): Value | undefined {
    let negative = false;
    while (isSign(this.token())) {
      if (this.token()?.text === '-') negative = !negative;
      this.position++;
    }
    const value = this.powered();
    return negative ? number.negate(value) : value;
  }

  private powered(): Value | undefined {
    const base = this.operand();
    if (this.operatorAhead() !== '^') return base;
    this.position++;
    this.operators++;
    if (++this.depth > MAX_DEPTH) this.problem ??= 'it is nested too deeply';
    // A tower is read from the right: 2^3^2 = 2^9. Beyond the limit the rest is left unread.
    const exponent = this.depth > MAX_DEPTH ? undefined : this.factor();
    this.depth--;
    return number.power(base, exponent);
  }

  private endedInPercent = false;

  private operand(): Value | undefined {
    this.endedInPercent = false;
    while (this.token()?.kind === 'currency') {
      this.units.add(this.token()?.text ?? '');
      this.position++;
    }
    let value = this.primary();
    if (this.token()?.kind === 'percent') {
      this.position++;
      this.hasPercent = true;
      this.inexact = true;
      this.endedInPercent = true;
      this.decimals += this.reading === 'plain' ? 0 : 2;
      if (this.reading !== 'plain') value = number.divide(value, number.HUNDRED);
      if (startsOperand(this.token())) this.problem ??= '% may mean a remainder here';
    }
    this.readUnits();
    return value;
  }

  /** Takes in unit words where the expression goes on behind them; notes them where it ends. */
  private readUnits(): void {
    const end = endOfUnits(this.tokens, this.position, this.to);
    // "25% of 80": not a unit.
    if (this.token()?.text === 'of') return;
    for (let index = this.position; index < end; index++) this.units.add(this.tokens[index]?.text ?? '');
    if (this.tokens[this.position]?.kind === 'currency') this.units.add('$'); // "24$"
    const follower = this.tokens[end];
    const goesOn =
      follower === undefined
        ? false
        : (end < this.to && follower.kind === 'operator' && startsOperandOrSign(this.tokens[end + 1])) ||
          follower.kind === 'relation' ||
          (end < this.to && follower.kind === 'close');
    if (end > this.position && goesOn) this.position = end;
  }

  private primary(): Value | undefined {
    const token = this.token();
    switch (token?.kind) {
      case 'number':
        return this.plainOrMixed(token);
      case 'open':
        return this.group();
      case 'fraction':
        return this.latexFraction();
      case 'variable':
        this.position++;
        this.problem ??= `it contains the variable ${token.text}`;
        return undefined;
      case 'unknown':
        this.position++;
        if (token.text === 'number') this.numbers++;
        this.problem ??= 'it contains more than arithmetic';
        return undefined;
      case undefined:
      case 'operator':
      case 'close':
      case 'percent':
      case 'currency':
      case 'relation':
      case 'word':
      case 'break':
        return undefined;
    }
  }

  private plainOrMixed(token: Token): Value | undefined {
    this.position++;
    this.numbers++;
    this.decimals = token.decimals;
    if (token.decimals > 0) this.inexact = true;
    const { value } = token;
    const numerator = this.token();
    if (value?.d !== 1n || numerator?.kind !== 'number' || numerator.value === undefined) return value;
    // "1½", "1 1/2": a whole number and a proper fraction.
    if (numerator.text === 'vulgar') {
      this.position++;
      this.numbers++;
      return number.add(value, numerator.value);
    }
    const [slash, denominator] = [this.token(1), this.token(2)];
    if (slash?.text !== '/' || slash.kind !== 'operator' || slash.spaced) return value;
    if (denominator?.kind !== 'number' || denominator.spaced || denominator.value === undefined) return value;
    if (token.decimals + numerator.decimals + denominator.decimals > 0) return value;
    if (numerator.value.compare(denominator.value) >= 0) return value;
    this.position += 3;
    this.numbers += 2;
    this.divides = true;
    return number.add(value, number.divide(numerator.value, denominator.value));
  }

  private group(): Value | undefined {
    const token = this.token();
    const close = token?.partner ?? -1;
    if (token === undefined || close === -1 || close >= this.to) return undefined;
    if (this.depth >= MAX_DEPTH) {
      this.problem ??= 'it is nested too deeply';
      this.position = close + 1;
      return undefined;
    }
    const start = this.position;
    this.position++;
    this.depth++;
    const numbersBefore = this.numbers;
    const value = this.sum();
    this.depth--;
    if (this.position === close) {
      this.position++;
      return value;
    }
    if (this.numbers === numbersBefore) {
      // Words in parentheses: a remark, not arithmetic.
      this.position = start;
      return undefined;
    }
    this.position = close + 1;
    this.problem ??= 'the words in its parentheses are not arithmetic';
    return undefined;
  }

  /** `\frac{1}{2}`, `\frac12`. */
  private latexFraction(): Value | undefined {
    this.position++;
    this.operators++;
    this.divides = true;
    const digits = this.token();
    if (digits?.kind === 'number' && digits.value?.d === 1n && /^\d\d$/.test(digits.text)) {
      this.position++;
      this.numbers += 2;
      return number.divide(
        number.decimalValue(digits.text.charAt(0)),
        number.decimalValue(digits.text.charAt(1)),
      );
    }
    const numerator = this.primary();
    const denominator = this.primary();
    this.shareBefore = true;
    if (denominator?.n === 0n) this.problem ??= 'it divides by zero';
    return number.divide(numerator, denominator);
  }
}

function isSign(token: Token | undefined): boolean {
  return token?.kind === 'operator' && (token.text === '-' || token.text === '+');
}

function startsOperand(token: Token | undefined): boolean {
  return token !== undefined && ['number', 'open', 'fraction', 'variable', 'unknown'].includes(token.kind);
}

function startsOperandOrSign(token: Token | undefined): boolean {
  return startsOperand(token) || isSign(token) || token?.kind === 'currency';
}
