// Finds where the left side of an equation begins: backwards from its relation, as far as an expression reaches.
import { isUnit } from './expression.ts';
import type { Token } from './lexer.ts';
import { spoilsBefore } from './units.ts';

const MAX_UNIT_WORDS = 5;

/**
 * Index of the first token of the longest expression that ends just before token `end`; `end` where there is none.
 *
 * @param floor tokens before this index belong to something else
 */
export function startOfLeftSide(tokens: readonly Token[], floor: number, end: number): number {
  let start = end;
  let position = end;
  for (;;) {
    const operand = startOfOperand(tokens, floor, position);
    if (operand === position) return start;
    start = operand;
    position = operand;
    const before = position > floor ? tokens[position - 1] : undefined;
    if (before === undefined) return start;
    if (before.kind === 'operator') {
      position--;
      while (isSign(tokens[position]) && position - 1 >= floor && isOperator(tokens[position - 1]))
        position--;
      // A sign before the first number: "-5 + 3", not "profit - 5".
      if (startOfOperand(tokens, floor, position) === position) {
        const sign = tokens[position];
        const first = tokens[position - 1];
        const leads =
          position === floor || first === undefined || first.kind === 'break' || first.kind === 'open';
        const glued = tokens[position + 1]?.spaced === false && sign?.spaced === true;
        return isSign(sign) && (leads || glued) ? position : start;
      }
    } else if (!joins(tokens, position)) {
      if (before.text !== 'of' || before.kind !== 'word') return start;
      const share = startOfShare(tokens, floor, position - 1);
      if (share === position - 1) return start;
      position--;
    }
  }
}

/** Whether the expression may be a part of a longer one that was not read: then it must not count as wrong. */
export function isDoubtfulStart(tokens: readonly Token[], floor: number, start: number): boolean {
  const before = start > floor ? tokens[start - 1] : undefined;
  switch (before?.kind) {
    case undefined:
    case 'relation':
    case 'currency':
      return false;
    case 'break':
      return before.text === 'bullet' || before.text === '->' || isSplitNumber(tokens, start);
    case 'open':
      return before.text === '{' || before.partner === -1;
    case 'word':
      return (
        spoilsBefore(before.text) ||
        (tokens[start]?.kind === 'open' && tokens[start]?.spaced === false) ||
        // "25 classmates + his 1 teacher = 26"
        tokens[start - 2]?.kind === 'operator' ||
        // "1 and 1/4"
        (before.text === 'and' && tokens[start - 2]?.kind === 'number' && tokens[start + 1]?.text === '/')
      );
    case 'number':
    case 'operator':
    case 'close':
    case 'fraction':
    case 'percent':
    case 'variable':
    case 'unknown':
      return true;
  }
}

/** "14, 400 / 80": a thousands separator with a space. */
function isSplitNumber(tokens: readonly Token[], start: number): boolean {
  const comma = tokens[start - 1]?.text === ',' && tokens[start - 2]?.kind === 'number';
  return comma && /^\d{3}$/.test(tokens[start]?.text ?? '');
}

/** Start of the operand that ends just before `end`, units, percent signs and parentheses taken in. */
function startOfOperand(tokens: readonly Token[], floor: number, end: number): number {
  let position = end;
  let words = 0;
  while (position > floor && words < MAX_UNIT_WORDS && isUnit(tokens[position - 1])) {
    if (tokens[position - 1]?.text === 'of') break;
    position--;
    words++;
  }
  while (position > floor && tokens[position - 1]?.kind === 'currency') position--; // "24$", "$24$"
  if (position > floor && tokens[position - 1]?.kind === 'percent') position--;
  const last = position > floor ? tokens[position - 1] : undefined;
  if (last === undefined) return end;
  if (last.kind === 'close') {
    if (last.partner < floor || last.partner === -1) return end;
    position = startOfGroups(tokens, floor, last.partner);
  } else if (last.kind === 'number' || last.kind === 'variable' || last.kind === 'unknown') {
    position--;
    if (position > floor && tokens[position - 1]?.kind === 'fraction') position--; // "\\frac12"
  } else return end;
  while (position > floor && tokens[position - 1]?.kind === 'currency') position--;
  return position;
}

/** `\frac{1}{2}` is one operand: from the group at `open` back to the command. */
function startOfGroups(tokens: readonly Token[], floor: number, open: number): number {
  if (tokens[open]?.text !== '{') return open;
  const before = open > floor ? tokens[open - 1] : undefined;
  if (before?.kind === 'fraction') return open - 1;
  const other = before?.kind === 'close' ? before.partner : -1;
  return other > floor && tokens[other - 1]?.kind === 'fraction' ? other - 1 : open;
}

/** Whether token `index` belongs to the one before it without an operator: "2(3+4)", "2x", "1 1/2". */
function joins(tokens: readonly Token[], index: number): boolean {
  const [before, after] = [tokens[index - 1], tokens[index]];
  if (before === undefined || after === undefined) return false;
  if (after.kind === 'open') {
    return !after.spaced && ['number', 'close', 'variable'].includes(before.kind);
  }
  if (after.kind === 'variable') return !after.spaced && before.kind === 'number';
  if (before.kind !== 'number' || after.kind !== 'number') return false;
  const [slash, denominator] = [tokens[index + 1], tokens[index + 2]];
  return after.text === 'vulgar' || (slash?.text === '/' && !slash.spaced && denominator?.kind === 'number');
}

function startOfShare(tokens: readonly Token[], floor: number, end: number): number {
  const last = end > floor ? tokens[end - 1] : undefined;
  if (last?.kind === 'percent' || last?.kind === 'close') return startOfOperand(tokens, floor, end);
  const slash = end - 2 > floor ? tokens[end - 2] : undefined;
  const fraction = last?.kind === 'number' && (slash?.text === '/' || last.text === 'vulgar');
  return fraction ? end - 1 : end;
}

function isOperator(token: Token | undefined): boolean {
  return token?.kind === 'operator';
}

function isSign(token: Token | undefined): boolean {
  return token?.kind === 'operator' && (token.text === '-' || token.text === '+');
}
