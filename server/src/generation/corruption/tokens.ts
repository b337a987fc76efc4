// Numbers, signs and words of a step, with their borders: "1" is never found inside "12", nor "3" in "3rd".
// Scanned by hand: it runs for every step of a dataset, and a regular expression took six times as long.

/** Half-open range of UTF-16 offsets in a step. */
export interface Place {
  start: number;
  end: number;
}

export type Sign = '+' | '-' | '*' | '/';

export interface Token extends Place {
  /** `unclear`: digits that are no number of their own, as in 3rd and 10ft. */
  kind:
    | 'number'
    | 'sign'
    | 'open'
    | 'close'
    | 'equals'
    | 'mark'
    | 'endmark'
    | 'currency'
    | 'percent'
    | 'unclear'
    | 'word';
  /** Of a number, a clear one or not. */
  value: number;
  sign: Sign | undefined;
}

const SIGNS: Readonly<Record<string, Sign>> = {
  '+': '+',
  '-': '-',
  '−': '-',
  '–': '-',
  '*': '*',
  '×': '*',
  '·': '*',
  '/': '/',
  '÷': '/',
};

const KINDS: Readonly<Record<string, Token['kind']>> = {
  '=': 'equals',
  '(': 'open',
  ')': 'close',
  '%': 'percent',
  $: 'currency',
  '€': 'currency',
  '£': 'currency',
};

interface Meaning {
  kind: Token['kind'];
  sign: Sign | undefined;
}

function meaningOf(character: string): Meaning {
  const sign = SIGNS[character];
  return { kind: sign === undefined ? (KINDS[character] ?? 'word') : 'sign', sign };
}

/** The same for the first 128 characters: looked up once for all. */
const ASCII = Array.from({ length: 0x80 }, (_, code) => meaningOf(String.fromCharCode(code)));

/** Everything but white space; words that follow each other are one token. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let word: Token | undefined;
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code <= 32 || code === NO_BREAK_SPACE) {
      at++;
      continue;
    }
    const start = at;
    let kind: Token['kind'] = 'word';
    let value = 0;
    let sign: Sign | undefined;
    if (isLetter(code)) {
      at++;
      if (isTimesLetter(text, start)) {
        kind = 'sign';
        sign = '*';
      } else {
        while (at < text.length && isLetter(text.charCodeAt(at))) at++;
      }
    } else if (isDigit(code) || (code === DOT && isDigit(unitAt(text, at + 1)))) {
      at = endOfNumber(text, at);
      kind = isFree(text, start, at) ? 'number' : 'unclear';
      value = numberOf(text, start, at);
    } else if (code === BACKSLASH && lengthOfSpace(text, at) > 0) {
      at += lengthOfSpace(text, at);
      continue;
    } else if (code === BACKSLASH && lengthOfSign(text, at) > 0) {
      sign = text.startsWith('\\div', at) ? '/' : '*';
      at += lengthOfSign(text, at);
      kind = 'sign';
    } else {
      at++;
      const meaning = ASCII[code] ?? meaningOf(String.fromCharCode(code));
      kind = meaning.kind;
      sign = meaning.sign;
      if ((code === LESS || code === GREATER) && unitAt(text, at) === code) {
        kind = code === LESS ? 'mark' : 'endmark';
        at++;
      }
    }
    if (kind === 'word' && word !== undefined) {
      word.end = at;
      continue;
    }
    const token = { kind, start, end: at, value, sign };
    tokens.push(token);
    word = kind === 'word' ? token : undefined;
  }
  return tokens;
}

/** The values of a text's numbers, each once, those with a unit right behind them (25ft) too. */
export function numbersOf(text: string): number[] {
  const values: number[] = [];
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (!isDigit(code) && !(code === DOT && isDigit(unitAt(text, at + 1)))) {
      at++;
      continue;
    }
    const start = at;
    at = endOfNumber(text, at);
    if (isLetter(unitAt(text, start - 1)) && !isDigitTimes(text, start - 1)) continue;
    const value = numberOf(text, start, at);
    if (!values.includes(value)) values.push(value);
  }
  return values;
}

const ZERO = 0x30;
const DOT = 0x2e;
const APOSTROPHE = 0x27;
const COMMA = 0x2c;
const LESS = 0x3c;
const GREATER = 0x3e;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const UNDERSCORE = 0x5f;
const NO_BREAK_SPACE = 0xa0;

/** The UTF-16 unit; 0 before the beginning and behind the end, where V8 would give up its fast code. */
function unitAt(text: string, at: number): number {
  return at >= 0 && at < text.length ? text.charCodeAt(at) : 0;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** ASCII letters, the underscore, and whatever is neither ASCII nor a sign: no number may touch it. */
function isLetter(code: number): boolean {
  if (code < 0x80)
    return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === UNDERSCORE;
  const character = String.fromCharCode(code);
  return code !== NO_BREAK_SPACE && !(character in SIGNS) && !(character in KINDS);
}

/** Of LaTeX that stands for nothing: thin spaces, and the backslash of an escaped dollar or percent sign. */
function lengthOfSpace(text: string, at: number): number {
  const next = text.charAt(at + 1);
  if (next === '$' || next === '%') return 1;
  return next === ',' || next === ';' || next === '!' || next === ' ' ? 2 : 0;
}

const LATEX_SIGN = /^\\(?:times|cdot|div)(?![a-zA-Z])/;

function lengthOfSign(text: string, at: number): number {
  return LATEX_SIGN.exec(text.slice(at, at + 7))?.[0].length ?? 0;
}

function isX(code: number): boolean {
  return (code | 0x20) === 0x78;
}

/** The x of `3 x 4`, `3x4` and `3 x (4`. */
function isTimesLetter(text: string, at: number): boolean {
  return isX(text.charCodeAt(at)) && !isLetter(unitAt(text, at - 1)) && !isLetter(unitAt(text, at + 1));
}

/** Thousands in groups of three, then decimals. */
function endOfNumber(text: string, start: number): number {
  let at = digitsFrom(text, start);
  if (at - start <= 3) while (unitAt(text, at) === COMMA && digitsFrom(text, at + 1) === at + 4) at += 4;
  if (unitAt(text, at) === DOT && isDigit(unitAt(text, at + 1))) at = digitsFrom(text, at + 1);
  return at;
}

function digitsFrom(text: string, start: number): number {
  let at = start;
  while (at < text.length && isDigit(text.charCodeAt(at))) at++;
  return at;
}

function numberOf(text: string, start: number, end: number): number {
  // Digits alone, as nearly all are, need no text of their own.
  let value = 0;
  for (let at = start; at < end && end - start < 16; at++) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) break;
    value = 10 * value + code - 0x30;
    if (at === end - 1) return value;
  }
  const written = text.slice(start, end);
  return Number(written.includes(',') ? written.replaceAll(',', '') : written);
}

/** Whether a number stands alone: no letter, digit or further group touches it, but for the times sign of `3x4`, and it is no time. */
function isFree(text: string, start: number, end: number): boolean {
  const before = unitAt(text, start - 1);
  const after = unitAt(text, end);
  if (isDigit(before) || isDigit(after)) return false;
  if (isInNumber(after) && isDigit(unitAt(text, end + 1))) return false;
  if (isInNumber(before) && isDigit(unitAt(text, start - 2))) return false;
  if (isLetter(before) && !isDigitTimes(text, start - 1)) return false;
  // Of a time or a code, as 0730: it could not be written again.
  if (text.charCodeAt(start) === ZERO && isDigit(unitAt(text, start + 1))) return false;
  if (isTimeOfDay(text, after === 0x20 ? end + 1 : end)) return false;
  return !isLetter(after) || isDigitTimes(text, end);
}

/** Whether a sign between digits makes them one number of another way of writing: 1,2 and 8:20 and 1'200. */
function isInNumber(code: number): boolean {
  return code === DOT || code === COMMA || code === COLON || code === APOSTROPHE;
}

/** Whether what stands behind a number makes it a time: a.m., pm. */
function isTimeOfDay(text: string, at: number): boolean {
  const code = unitAt(text, at) | 0x20;
  if (code !== 0x61 && code !== 0x70) return false;
  const m = unitAt(text, at + 1) === DOT ? at + 2 : at + 1;
  return (unitAt(text, m) | 0x20) === 0x6d && !isLetter(unitAt(text, m + 1));
}

/** The x of `3x4` and `3 x4`: a number or a parenthesis stands on both sides. */
function isDigitTimes(text: string, at: number): boolean {
  if (!isX(unitAt(text, at))) return false;
  let before = at - 1;
  while (unitAt(text, before) === 0x20) before--;
  const left = unitAt(text, before);
  const right = unitAt(text, at + 1);
  return (isDigit(left) || left === 0x29) && (isDigit(right) || right === 0x20 || right === 0x28);
}
