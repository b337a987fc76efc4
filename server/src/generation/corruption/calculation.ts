// The calculations in a solution's steps: which numbers go in, which comes out, and every place in the text that says so.
// A reader for making errors: it takes only what it understands whole. models/arithmetic judges text of any kind.
import { tokensOf, type Place, type Sign, type Token } from './tokens.ts';

export type { Place, Sign } from './tokens.ts';

/** A number or a sign, with each place that writes it: in the annotation `<<…>>`, and in the words around it. */
export interface Term<T> {
  value: T;
  places: readonly Place[];
}

export interface Calculation {
  operands: readonly Term<number>[];
  signs: readonly Term<Sign>[];
  /** As it is written: an operand by its index, a sign as −1 − index, and parentheses. */
  infix: readonly (number | '(' | ')')[];
  result: Term<number>;
  /** Whether it stands in `<<…>>`. A change then has to be made there and in the words, or the two would contradict each other. */
  annotated: boolean;
}

/** A number that no calculation has. */
export interface Mention extends Place {
  value: number;
}

export interface StepNumbers {
  /** The step. */
  text: string;
  /** Only those that come out as the text says. */
  calculations: readonly Calculation[];
  mentions: readonly Mention[];
  /** Values of digits that are no number of their own, as in 10ft and √25: they cannot be changed. */
  unclear: readonly number[];
  /** Whether every equals sign belongs to one of the calculations: then a change can be made everywhere that it shows. */
  understood: boolean;
  /** Whether an equation that is read whole says something else than it comes to, far beyond what is rounded. */
  wrong: boolean;
}

/** Equal up to the rounding of binary fractions. */
export function sameValue(left: number, right: number): boolean {
  return Math.abs(left - right) <= 1e-9 * Math.max(1, Math.abs(left), Math.abs(right));
}

/** Whether one of the numbers has this value. */
export function hasValue(numbers: readonly { value: number }[], value: number): boolean {
  for (const number of numbers) if (sameValue(number.value, value)) return true;
  return false;
}

/** The same of values alone. */
export function includesValue(values: readonly number[], value: number): boolean {
  for (const other of values) if (sameValue(other, value)) return true;
  return false;
}

/** Whether a number or sign can be changed without leaving the old one beside it. */
export function isChangeable({ annotated }: Calculation, { places }: Term<unknown>): boolean {
  return places.length === (annotated ? 2 : 1);
}

const PRECEDENCE: Readonly<Record<Sign, number>> = { '+': 1, '-': 1, '*': 2, '/': 2 };

/**
 * What a calculation comes to with these operands and signs (Dijkstra's shunting yard); NaN where it has no value or is no whole
 * expression.
 */
export function evaluate(
  infix: Calculation['infix'],
  operands: readonly number[],
  signs: readonly Sign[],
): number {
  // Two operands, as nearly all have, need no yard.
  if (infix.length === 3) return applied(operands[0] ?? NaN, signs[0], operands[1] ?? NaN);
  const values: number[] = [];
  const waiting: (number | '(')[] = [];
  const apply = (item: number): void => {
    const right = values.pop() ?? NaN;
    values.push(applied(values.pop() ?? NaN, signs[-1 - item], right));
  };
  const strength = (item: number): number => PRECEDENCE[signs[-1 - item] ?? '+'];
  for (const item of infix) {
    if (item === '(') {
      waiting.push(item);
    } else if (item === ')') {
      for (let top = waiting.pop(); top !== '('; top = waiting.pop()) {
        if (top === undefined) return NaN;
        apply(top);
      }
    } else if (item >= 0) {
      values.push(operands[item] ?? NaN);
    } else {
      for (
        let top = waiting.at(-1);
        typeof top === 'number' && strength(top) >= strength(item);
        top = waiting.at(-1)
      ) {
        apply(top);
        waiting.pop();
      }
      waiting.push(item);
    }
  }
  for (let top = waiting.pop(); top !== undefined; top = waiting.pop()) {
    if (top === '(') return NaN;
    apply(top);
  }
  return values.length === 1 ? (values[0] ?? NaN) : NaN;
}

function applied(left: number, sign: Sign | undefined, right: number): number {
  switch (sign) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0 ? NaN : left / right;
    case undefined:
      return NaN;
  }
}

const NONE: readonly never[] = [];

/** Reads one step, in time linear in its length. */
export function readNumbers(text: string): StepNumbers {
  const tokens = tokensOf(text);
  const calculations: Calculation[] = [];
  const taken: number[] = [];
  let equalsLeft = 0;
  let wrong = false;
  for (let at = 0; at < tokens.length; at++) {
    if (tokens[at]?.kind !== 'equals') continue;
    equalsLeft++;
    const calculation = annotated(tokens, at) ?? plain(tokens, at);
    // Of a formula, a part alone may have been read: 2^3 + 1 = 9.
    if (calculation === 'wrong' && !isFormal(text)) wrong = true;
    if (typeof calculation !== 'object') continue;
    calculations.push(calculation);
    equalsLeft -= calculation.operands[0]?.places.length ?? 1;
    for (const { places } of calculation.operands) for (const { start } of places) taken.push(start);
    for (const { start } of calculation.result.places) taken.push(start);
  }
  const mentions: Mention[] = [];
  let unclear: number[] | undefined;
  const label = endOfLabel(text);
  for (const { kind, start, end, value } of tokens) {
    if (start < label) continue;
    if (kind === 'number' && !taken.includes(start)) mentions.push({ start, end, value });
    else if (kind === 'unclear') (unclear ??= []).push(value);
  }
  return { text, calculations, mentions, unclear: unclear ?? NONE, understood: equalsLeft === 0, wrong };
}

const FORMULA = /[\\^_{]/;

/** Whether a text writes mathematics, not a calculation with words: LaTeX, powers, indices. */
export function isFormal(text: string): boolean {
  return FORMULA.test(text);
}

const LABEL = /^\s*(?:#+\s*)?(?:step\s+)?\(?\d+\s*[.):](?=\s+\S)/i;

/** Behind "Step 5:", "5." and "(5)" at the beginning, whose number counts steps; 0 where there is none. */
function endOfLabel(text: string): number {
  // Few steps begin with what could be one, and this runs for every step of a dataset.
  return /^[\s#(\dSs]/.test(text) ? (LABEL.exec(text)?.[0].length ?? 0) : 0;
}

/** `48 / 2 = <<48/2=24>>24`: the annotation, and where the words around it say the same. */
function annotated(tokens: readonly Token[], equals: number): Calculation | 'wrong' | undefined {
  let from = equals;
  while (from > 0 && isPartOfExpression(tokens[from - 1])) from--;
  const mark = from - 1;
  const [result, endMark] = [tokens[equals + 1], tokens[equals + 2]];
  if (tokens[mark]?.kind !== 'mark' || result?.kind !== 'number' || endMark?.kind !== 'endmark')
    return undefined;
  const calculation = calculationOf(tokens.slice(from, equals), result);
  if (typeof calculation !== 'object') return calculation;
  const { operands, signs, infix } = calculation;

  let cursor = mark - 1;
  while (tokens[cursor]?.kind === 'currency') cursor--;
  const spoken = tokens[cursor]?.kind === 'equals' ? spokenBefore(tokens, cursor, calculation) : undefined;
  let behind = equals + 3;
  while (tokens[behind]?.kind === 'currency') behind++;
  const said = tokens[behind];
  const repeats = said?.kind === 'number' && sameValue(said.value, result.value);
  return {
    operands: operands.map((term, index) => withPlace(term, spoken?.operands[index])),
    signs: signs.map((term, index) => withPlace(term, spoken?.signs[index])),
    infix,
    result: withPlace(calculation.result, repeats ? said : undefined),
    annotated: true,
  };
}

/** `48 / 2 = 24` without an annotation. */
function plain(tokens: readonly Token[], equals: number): Calculation | 'wrong' | undefined {
  let from = equals;
  while (from > 0 && (isPartOfExpression(tokens[from - 1]) || tokens[from - 1]?.kind === 'currency')) from--;
  // What stands before may belong to it: "6 + 6 = 4 * 3 = 12", and annotations have their own reader; "x = 4 * 3 = 12" names it.
  const before = tokens[from - 1]?.kind;
  if ((before === 'equals' && !isName(tokens[from - 2])) || before === 'mark' || before === 'percent')
    return undefined;
  let at = equals + 1;
  while (tokens[at]?.kind === 'currency') at++;
  const [result, behind] = [tokens[at], tokens[at + 1]?.kind];
  if (result?.kind !== 'number' || behind === 'sign' || behind === 'open' || behind === 'percent')
    return undefined;
  const calculation = calculationOf(
    tokens.slice(from, equals).filter(({ kind }) => kind !== 'currency'),
    result,
  );
  // Only a part of it may have been read: 4:2(50 + 100), 18 000.
  return calculation === 'wrong' && (before === 'unclear' || behind === 'number') ? undefined : calculation;
}

/** Whether words or a letter stand there: an x with nothing to multiply is read as a sign. */
function isName(token: Token | undefined): boolean {
  return token?.kind === 'word' || token?.kind === 'sign';
}

function isPartOfExpression(token: Token | undefined): boolean {
  const kind = token?.kind;
  return kind === 'number' || kind === 'sign' || kind === 'open' || kind === 'close';
}

function withPlace<T>(term: Term<T>, place: Place | undefined): Term<T> {
  return place === undefined ? term : { value: term.value, places: [...term.places, place] };
}

/** The same expression in the words before an annotation, read backwards from its equals sign; all or nothing. */
function spokenBefore(
  tokens: readonly Token[],
  equals: number,
  { operands, signs, infix }: Calculation,
): { operands: Place[]; signs: Place[] } | undefined {
  const found: { operands: Place[]; signs: Place[] } = { operands: [], signs: [] };
  let wanted = infix.length - 1;
  for (let at = equals - 1; wanted >= 0; at--) {
    const token = tokens[at];
    if (
      token === undefined ||
      token.kind === 'equals' ||
      token.kind === 'endmark' ||
      token.kind === 'unclear'
    )
      return undefined;
    let item = infix[wanted];
    // Words may stand for a sign ("half of 48"): then there are fewer, and none of them can be changed here.
    if (typeof item === 'number' && item < 0 && token.kind === 'number') item = infix[--wanted];
    switch (token.kind) {
      case 'number':
        if (typeof item !== 'number' || !sameValue(token.value, operands[item]?.value ?? NaN))
          return undefined;
        found.operands.push(token);
        wanted--;
        break;
      case 'sign':
        if (typeof item !== 'number' || item >= 0 || token.sign !== signs[-1 - item]?.value) return undefined;
        found.signs.push(token);
        wanted--;
        break;
      case 'open':
      case 'close':
        if (item !== (token.kind === 'open' ? '(' : ')')) return undefined;
        wanted--;
        break;
      case 'mark':
      case 'currency':
      case 'percent':
      case 'word':
        break;
    }
  }
  const whole = found.signs.length === signs.length;
  return { operands: found.operands.reverse(), signs: whole ? found.signs.reverse() : [] };
}

/** Operands and signs in turn, with parentheses; undefined where they are no whole expression or come to something else. */
function calculationOf(tokens: readonly Token[], result: Token): Calculation | 'wrong' | undefined {
  const operands: Term<number>[] = [];
  const signs: Term<Sign>[] = [];
  const infix: (number | '(' | ')')[] = [];
  const values: number[] = [];
  const operations: Sign[] = [];
  let wantsOperand = true;
  for (const token of tokens) {
    const { kind, sign } = token;
    if (kind === 'number' && wantsOperand) {
      infix.push(operands.length);
      values.push(token.value);
      operands.push({ value: token.value, places: [token] });
      wantsOperand = false;
    } else if (sign !== undefined && !wantsOperand) {
      signs.push({ value: sign, places: [token] });
      operations.push(sign);
      infix.push(-signs.length);
      wantsOperand = true;
    } else if (kind === 'open' && wantsOperand) {
      infix.push('(');
    } else if (kind === 'close' && !wantsOperand) {
      infix.push(')');
    } else {
      return undefined;
    }
  }
  if (wantsOperand || signs.length === 0) return undefined;
  const value = evaluate(infix, values, operations);
  // Only what holds: from an error in the source nobody could tell which step is the first wrong one.
  if (sameValue(value, result.value))
    return { operands, signs, infix, result: { value: result.value, places: [result] }, annotated: false };
  return mayBeMeant(value, result.value) || mayBeFraction(values, operations, value, result.value)
    ? undefined
    : 'wrong';
}

/** What a result may be written in: as it is, in per cent or cents, in thousands. */
const SCALES: readonly number[] = [1, 100, 1000];

/** Whether a number may be the other one: rounded, or on another scale. */
function mayBeMeant(value: number, said: number): boolean {
  const lastDigit = 10 ** -(String(said).split('.')[1]?.length ?? 0);
  const isRounded = (one: number, other: number, unit: number): boolean =>
    !(Math.abs(one - other) > 0.02 * other + unit);
  return SCALES.some(
    (scale) =>
      isRounded(scale * value, said, lastDigit) ||
      isRounded(value, scale * said, Math.min(1, scale * lastDigit)),
  );
}

/** Whether a fraction at the end may be meant as one number: `60 / 3/4 = 80`, and the 1/4 of `12 x 1 and 1/4 = 15`. */
function mayBeFraction(
  values: readonly number[],
  signs: readonly Sign[],
  value: number,
  said: number,
): boolean {
  if (signs.at(-1) !== '/') return false;
  const [over = NaN, under = NaN] = values.slice(-2);
  if (signs.length === 1) return over < under && said > 1;
  return signs.at(-2) === '/' && mayBeMeant(value * under * under, said);
}
