// Cuts text into what arithmetic is made of: numbers, operators, relations, words. One pass, linear time.
import { readCommand } from './latex.ts';
import { decimalValue, type Value } from './number.ts';
import { isUnitLetter } from './units.ts';

export type TokenKind =
  | 'number'
  | 'operator'
  | 'open'
  | 'close'
  | 'fraction' // \frac, followed by two groups or digits
  | 'percent'
  | 'currency'
  | 'relation'
  | 'word'
  | 'variable'
  | 'unknown' // mathematics that we do not compute
  | 'break'; // here an expression ends

export type Operator = '+' | '-' | '*' | '/' | '^';

export interface Token {
  kind: TokenKind;
  /** UTF-16 offsets. */
  start: number;
  end: number;
  /** Lower case for words. */
  text: string;
  /** Of a number. */
  value?: Value;
  /** Digits after a number's point. */
  decimals: number;
  /** White space before it. */
  spaced: boolean;
  /** Index of the other parenthesis, -1 where there is none. */
  partner: number;
}

/** `<<48/2=24>>`, as GSM8K marks its calculations. */
export interface Annotation {
  start: number;
  end: number;
}

export interface Lexed {
  tokens: Token[];
  annotations: Annotation[];
}

const MAX_DIGITS = 40;
const MAX_ANNOTATION = 1000;

const NUMBER = /(?:\d{1,3}(?:(?:,|\{,\}|\\,|,\\!)\d{3})+(?!\d)|\d+)?(?:\.\d+)?/y;
/** What is left of a number that is no plain number: "1.2.3", "1,2", "5:30", "1e5". */
const ODD_NUMBER_REST = /(?:[.,:]?\d+)+/y;
const WORD = /[\p{L}\p{M}]+(?:[-'’]\p{L}+)*/uy;
const DIGITS_IN_WORD = /[\p{L}\p{M}\p{N}_]+/uy;
const SPACE = /[ \t\r\v\f\u00A0\u2000-\u200B\u202F\u3000]/;
const OPERATORS: Readonly<Record<string, Operator>> = {
  '+': '+',
  '-': '-',
  '*': '*',
  '/': '/',
  '^': '^',
  '×': '*',
  '✕': '*',
  '✖': '*',
  '·': '*',
  '⋅': '*',
  '∙': '*',
  '∗': '*',
  '÷': '/',
  '∕': '/',
  '⁄': '/',
  '−': '-',
  '–': '-',
  '＋': '+',
};
const VULGAR = '½¼¾⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞';
const VULGAR_VALUES = '1/2 1/4 3/4 1/3 2/3 1/5 2/5 3/5 4/5 1/6 5/6 1/8 3/8 5/8 7/8'.split(' ').map((text) => {
  const [top = '', bottom = ''] = text.split('/');
  return decimalValue(top).div(decimalValue(bottom));
});
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const CURRENCIES = '$€£¥₹';

/** Writes the tokens of one text. LaTeX commands are read by latex.ts, which calls back into it. */
export class Lexer {
  readonly tokens: Token[] = [];
  readonly annotations: Annotation[] = [];
  readonly text: string;
  readonly end: number;
  position: number;
  private spaced = true;
  private readonly open: number[] = [];
  private noClosingBefore = -1;

  constructor(text: string, start: number, end: number) {
    this.text = text;
    this.position = start;
    this.end = end;
  }

  run(): Lexed {
    while (this.position < this.end) this.step();
    return { tokens: this.tokens, annotations: this.annotations };
  }

  /** Adds a token that ends at `end` and goes on behind it. */
  push(kind: TokenKind, end: number, text = '', value?: Value, decimals = 0): void {
    const token: Token = {
      kind,
      start: this.position,
      end,
      text,
      decimals,
      spaced: this.spaced,
      partner: -1,
    };
    if (value !== undefined) token.value = value;
    if (kind === 'open') this.open.push(this.tokens.length);
    if (kind === 'close') this.pair(token);
    this.tokens.push(token);
    this.position = end;
    this.spaced = false;
  }

  /** Goes on at `end` without a token: the characters mean nothing for arithmetic. */
  skip(end: number, spaced = this.spaced): void {
    this.position = end;
    this.spaced = spaced;
  }

  /** A line's end: an expression goes on behind it only with a relation ("\n= 24"). */
  lineBreak(end: number): void {
    let next = end;
    while (next < this.end && (SPACE.test(this.text.charAt(next)) || '\n&'.includes(this.text.charAt(next))))
      next++;
    const relation = /[=≈]/.test(this.text.charAt(next)) && this.text.charAt(next + 1) !== '>';
    if (relation && next < this.end) this.skip(next, true);
    else this.push('break', end, '\n');
    this.spaced = true;
  }

  get previous(): Token | undefined {
    return this.tokens.at(-1);
  }

  private pair(token: Token): void {
    const opened = this.open.pop();
    if (opened === undefined) return;
    token.partner = opened;
    const partner = this.tokens[opened];
    if (partner !== undefined) partner.partner = this.tokens.length;
  }

  private step(): void {
    const { text, position } = this;
    const character = text.charAt(position);
    const next = text.charAt(position + 1);
    if (SPACE.test(character)) this.skip(position + 1, true);
    else if (character === '\n') this.lineBreak(position + 1);
    else if (isDigit(character) || (character === '.' && isDigit(next))) this.number();
    else if (character === '\\') readCommand(this);
    else if (character === '<' && next === '<') this.annotation();
    else if ('=≈≅≃~<>!:≠≤≥≡'.includes(character)) this.relation(character, next);
    else if (character in OPERATORS) this.operator(character, next);
    else if ('([{'.includes(character)) this.push('open', position + 1, character);
    else if (')]}'.includes(character)) this.push('close', position + 1, character);
    else if (CURRENCIES.includes(character)) this.push('currency', position + 1, character);
    else if (character === '%') this.push('percent', position + 1, '%');
    else if (character === '°') this.push('word', position + 1, 'degree');
    else if (character === '&') this.skip(position + 1);
    else if (VULGAR.includes(character)) {
      this.push('number', position + 1, 'vulgar', VULGAR_VALUES[VULGAR.indexOf(character)]);
    } else if (SUPERSCRIPTS.includes(character)) this.superscript(character);
    else this.wordOrSymbol();
  }

  private number(): void {
    const { text, position } = this;
    NUMBER.lastIndex = position;
    const written = NUMBER.exec(text)?.[0] ?? '';
    const end = position + written.length;
    ODD_NUMBER_REST.lastIndex = end;
    const digits = written.replace(/[^\d.]/g, '');
    if (ODD_NUMBER_REST.test(text))
      this.push('unknown', Math.min(this.end, ODD_NUMBER_REST.lastIndex), 'number');
    else if (digits.length > MAX_DIGITS || /^0\d/.test(digits)) this.push('unknown', end, 'number');
    else {
      const point = digits.indexOf('.');
      this.push('number', end, written, decimalValue(digits), point === -1 ? 0 : digits.length - point - 1);
    }
  }

  /** `=` and its relatives. Only equality and "about equal" are relations; an inequality ends an expression. */
  private relation(character: string, next: string): void {
    const { position } = this;
    if (character === '=') {
      if (next === '>') this.push('break', position + 2, '=>');
      else if (next === '=') this.push('relation', position + 2, '=');
      else this.push('relation', position + 1, '=');
    } else if ('≈≅≃'.includes(character)) this.push('relation', position + 1, '≈');
    else if (character === '~') {
      if (next === '=') this.push('relation', position + 2, '≈');
      else {
        // "= ~24": about 24.
        if (this.previous?.kind === 'relation') this.previous.text = '≈';
        this.skip(position + 1);
      }
    } else if (next === '=' && character !== '≠') this.push('break', position + 2, character);
    else if (character === '!' && this.isFactorial()) this.push('unknown', position + 1, '!');
    else this.push('break', position + 1, character);
  }

  private isFactorial(): boolean {
    if (this.spaced || !['number', 'close', 'variable'].includes(this.previous?.kind ?? '')) return false;
    return /^\s*[=+\-*/)^≈×÷]/.test(this.text.slice(this.position + 1, this.position + 8));
  }

  private operator(character: string, next: string): void {
    const { text, position } = this;
    const before = this.previous;
    const afterOperand = before !== undefined && isOperand(before);
    const nextSpaced = next === '' || SPACE.test(next) || next === '\n';
    if (character === '*' && next === '*') {
      if (
        afterOperand &&
        /^ ?[\d(-]/.test(text.slice(position + 2, position + 4)) &&
        this.spaced === (text.charAt(position + 2) === ' ')
      ) {
        this.push('operator', position + 2, '^');
      } else this.skip(position + 2); // bold
      return;
    }
    if (character === '/' && next === '/') return this.push('operator', position + 2, '/'); // Python's quotient
    if (character === '-' && (next === '>' || next === '-')) return this.push('break', position + 2, '->');
    const lineStart = before === undefined || before.text === '\n';
    if ('*-+•'.includes(character) && lineStart && nextSpaced)
      return this.push('break', position + 1, 'bullet');
    if (character === '-' && !this.spaced && before?.kind === 'number' && /\p{L}/u.test(next)) {
      return this.skip(position + 1, false); // "3-page"
    }
    if ('/∕⁄'.includes(character) && this.perUnit()) return this.push('word', position + 1, 'per');
    this.push('operator', position + 1, OPERATORS[character]);
  }

  /** "$18/hour", "60 km/h": a slash that a unit follows, not a number or a variable. */
  private perUnit(): boolean {
    const rest = this.text.slice(this.position + 1, this.position + 4);
    return /^ ?\p{L}\p{L}/u.test(rest) || (/^\p{L}(?!\p{L})/u.test(rest) && isUnitLetter(rest.charAt(0)));
  }

  private superscript(first: string): void {
    let end = this.position + 1;
    let digits = String(SUPERSCRIPTS.indexOf(first));
    while (end < this.end && SUPERSCRIPTS.includes(this.text.charAt(end)) && digits.length < 5) {
      digits += SUPERSCRIPTS.indexOf(this.text.charAt(end++));
    }
    this.push('operator', this.position, '^');
    this.push('number', end, digits, decimalValue(digits));
  }

  private wordOrSymbol(): void {
    const { text, position } = this;
    WORD.lastIndex = position;
    const word = WORD.exec(text)?.[0] ?? '';
    if (word === '') {
      const symbol = String.fromCodePoint(text.codePointAt(position) ?? 0);
      const mathematics = symbol === '_' || /[\p{Sm}\p{N}]/u.test(symbol);
      this.push(mathematics ? 'unknown' : 'break', position + symbol.length, symbol);
      return;
    }
    if (this.isTimes(word)) return this.push('operator', position + 1, '*');
    DIGITS_IN_WORD.lastIndex = position;
    const joined = DIGITS_IN_WORD.exec(text)?.[0] ?? '';
    if (joined.length > word.length)
      return this.push('variable', Math.min(this.end, position + joined.length), joined);
    const lower = word.toLowerCase();
    const end = position + word.length;
    const afterNumber = this.previous?.kind === 'number';
    if (lower === 'percent' && afterNumber) this.push('percent', end, '%');
    else if (!this.spaced && afterNumber && word.length > 1 && /^\p{Lu}\p{Ll}/u.test(word)) {
      this.push('variable', end, word); // "3/4Papillon = 12": a quantity's name
    } else if (word.length > 1 || (afterNumber && isUnitLetter(word)) || (this.spaced && /[aAI]/.test(word)))
      this.push('word', end, lower);
    else this.push('variable', end, word);
  }

  /** `x` between numbers: "3/4 x 8", "2x3". Elsewhere it is a variable. */
  private isTimes(word: string): boolean {
    if (!/^[xX]/.test(word) || word.length > 1) return false;
    const before = this.previous;
    if (before === undefined || !(isOperand(before) || before.kind === 'word')) return false;
    const after = this.text.slice(this.position + 1, this.position + 9);
    // "3x-5", "2x(3)": a variable, as likely as not.
    if (!this.spaced) return /^ ?\\?[$€£]?[\d.]/.test(after);
    return /^ {0,2}\\?[$€£]? ?[-(]?[\d.(½¼¾\\]/.test(after);
  }

  private annotation(): void {
    const { text, position } = this;
    const close = this.noClosingBefore > position ? -1 : text.indexOf('>>', position + 2);
    if (close === -1) this.noClosingBefore = this.end;
    const inner = close === -1 || close - position > MAX_ANNOTATION ? '' : text.slice(position + 2, close);
    if (close + 2 > this.end || inner === '' || /[<\n]/.test(inner)) {
      this.push('break', position + 2, '<<');
      return;
    }
    this.annotations.push({ start: position, end: close + 2 });
    this.skip(close + 2);
  }
}

function isOperand(token: Token): boolean {
  return ['number', 'close', 'percent', 'variable', 'unknown'].includes(token.kind);
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}
