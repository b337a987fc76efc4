// What is wrong with a row of a dataset, at the exact place in its text.
import { findNodeAtLocation, parse, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import type { RowFault } from '../../../../protocol/src/datasets.ts';
import { isFault } from '../../datasets/layouts/layout.ts';
import type { Region } from '../region.ts';
import { isDeeper, readJsonTree } from './jsonStrings.ts';
import type { ReadRow } from './rowReading.ts';

type FaultCode =
  | 'json'
  | 'no-object'
  | 'list-lengths'
  | 'unknown-label'
  | 'wrong-type'
  | 'missing-field'
  | 'other-layout'
  | 'row';

/** Offsets into the row's text. */
export interface PlacedFault extends Region {
  code: FaultCode;
  message: string;
  /** Whether no reader can read the row; otherwise only this layout's. */
  isBroken: boolean;
}

const DEEPEST = 500;

/** What a person must mend, by the parser's name for it; `InvalidSymbol` is told by the text itself. */
const JSON_ERRORS: Readonly<Record<string, string>> = {
  InvalidNumberFormat: 'this is no number as JSON writes it',
  PropertyNameExpected: 'a property name in double quotes is missing here',
  ValueExpected: 'a value is missing here',
  ColonExpected: 'a colon is missing here',
  CommaExpected: 'a comma is missing here',
  CloseBraceExpected: 'a closing brace } is missing here',
  CloseBracketExpected: 'a closing bracket ] is missing here',
  EndOfFileExpected: 'there is more behind the row; a line holds one row',
  InvalidCommentToken: 'comments are not allowed',
  UnexpectedEndOfString: 'this text has no closing quotation mark',
  UnexpectedEndOfNumber: 'this number is cut',
  UnexpectedEndOfComment: 'comments are not allowed',
  InvalidUnicode: 'a \\u escape needs four hexadecimal digits',
  InvalidEscapeCharacter: 'there is no such escape; a backslash itself is written \\\\',
  InvalidCharacter: 'control characters are written as escapes, a line break as \\n',
};

/** @returns undefined where the row is well */
export function findFault(text: string, read: ReadRow): PlacedFault | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return jsonFault(text, error);
    throw error;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ...whole(text), code: 'no-object', message: 'A row is a JSON object: {…}.', isBroken: true };
  }
  const row = read(value as Record<string, unknown>);
  if (!isFault(row)) return undefined;
  return {
    ...placeOf(text, row),
    code: codeOf(row),
    message: messageOf(row),
    isBroken: false,
  };
}

function jsonFault(text: string, { message }: SyntaxError): PlacedFault {
  const isBroken = true;
  if (isDeeper(text, DEEPEST)) {
    return { ...whole(text), code: 'json', message: `Not JSON: ${message}.`, isBroken };
  }
  const errors: ParseError[] = [];
  parse(text, errors, { disallowComments: true, allowTrailingComma: false });
  const [first] = errors;
  if (first === undefined)
    return { ...whole(text), code: 'json', message: `Not JSON: ${message}.`, isBroken };
  const start = Math.min(first.offset, text.length);
  const end = Math.min(Math.max(first.offset + first.length, start + 1), text.length);
  const wrong = text.slice(start, end);
  const isCut = start >= text.length;
  const told = isCut
    ? 'the row ends too early'
    : (JSON_ERRORS[printParseErrorCode(first.error)] ?? symbolText(wrong));
  // Behind the row there is nothing to underline: its last character stands for it.
  const place = isCut ? { start: Math.max(0, text.length - 1), end: text.length } : { start, end };
  return { ...place, code: 'json', message: `Not JSON: ${told}.`, isBroken };
}

function symbolText(wrong: string): string {
  const symbol = wrong.length > 20 ? `${wrong.slice(0, 20)}…` : wrong;
  if (/^-?(?:NaN|Infinity|nan|inf)$/.test(wrong))
    return `${symbol} is no JSON number; null stands for no value`;
  if (/^(?:True|False|None)$/.test(wrong)) return `${symbol} is Python; JSON has true, false and null`;
  if (wrong.startsWith("'")) return 'texts stand in double quotes';
  return `${symbol} is not allowed here`;
}

function whole(text: string): Region {
  return { start: 0, end: Math.max(1, Math.min(text.length, 200)) };
}

/** The value at the fault's place; its nearest parent where that is missing; the row's opening brace else. */
function placeOf(text: string, fault: RowFault): Region {
  const { place = [] } = fault;
  const opening = { start: 0, end: 1 };
  if (place.length === 0) return opening;
  const root = readJsonTree(text);
  if (root === undefined) return opening;
  let node = codeOf(fault) === 'list-lengths' ? shorterList(root, fault) : undefined;
  for (let length = place.length; length > 0 && node === undefined; length--) {
    node = findNodeAtLocation(root, place.slice(0, length));
  }
  if (node === undefined) return opening;
  return { start: node.offset, end: node.offset + node.length };
}

/** Of the lists beside the fault's place that its words name: it is the one that lacks something. */
function shorterList(root: Node, { place = [], detail = '' }: RowFault): Node | undefined {
  const parent = place.length > 1 ? findNodeAtLocation(root, place.slice(0, -1)) : root;
  const lists = (parent?.children ?? []).flatMap(({ children = [] }) => {
    const [name, value] = children;
    return value?.type === 'array' && detail.split(/\W+/).includes(String(name?.value)) ? [value] : [];
  });
  const lengthOf = (list: Node): number => list.children?.length ?? 0;
  return lists.sort((one, other) => lengthOf(one) - lengthOf(other))[0];
}

/** The readers of layouts give reasons in words, which group rows; here they become codes that a person can search for. */
function codeOf({ reason }: RowFault): FaultCode {
  if (reason.includes('different length')) return 'list-lengths';
  if (/unknown (?:label|rating)| is no (?:share|step) | names a step /.test(reason)) return 'unknown-label';
  if (reason.includes('another layout')) return 'other-layout';
  if (reason.includes('is missing')) return 'missing-field';
  if (/ is (?:no|neither) (?:list|text|object|tree)| has no text/.test(reason)) return 'wrong-type';
  return 'row';
}

function messageOf({ reason, detail }: RowFault): string {
  const sentence = reason.slice(0, 1).toUpperCase() + reason.slice(1);
  return detail === undefined || detail === '' ? `${sentence}.` : `${sentence} (${detail}).`;
}
