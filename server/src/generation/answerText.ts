// An answer as it is written, without what only surrounds it, and the parts of one that has several.
import { numberWords, saysNumber } from './corruption/numberWords.ts';

/** Longer texts are no lists of numbers, and would be slow to compare. */
const LONGEST_LIST = 1000;

/** Without LaTeX's delimiters, emphasis, a full stop, "x =", "about", a currency's name; numbers as `valueOf` reads them. */
export function cleaned(answer: string): string {
  const bare = unwrapped(answer)
    .replace(/\*\*|`/g, '')
    // As MATH writes 11,111.
    .replace(/,\\!\s*(?=\d{3})/g, ',')
    .replace(/\\(?:text|mbox)\s*\{\s*(and|or)\s*\}/g, ' $1 ')
    .replace(/^[a-zA-Z]\s*(?:\\in(?![a-zA-Z])|∈)\s*(?=[[(])/, '')
    .replace(/\\(?:left|right|displaystyle)(?![a-zA-Z])/g, '')
    .replace(/^(?:about|approximately|roughly|exactly)\s+/i, '')
    .replace(/^\s*(?:USD|EUR|GBP|US\$)\s*(?=\d)/, '')
    .replace(/\^\s*\{?\\circ\}?/g, '')
    .replace(/[.,;]$/, '')
    .trim();
  const value = isEquation(bare) ? lastSide(bare) : bare;
  return inDigits(
    unwrapped(value)
      // A whole number before a fraction is added to it.
      .replace(/(\d)\s*\\[dt]?frac\s*\{(\d+)\}\s*\{(\d+)\}/g, '$1 $2/$3')
      .replace(/^([-+−]?\d+(?:\.\d+)?)[eE]([-+]?\d{1,3})$/, '$1 * 10^$2')
      .replace(/(?<=[\d})])\s*percent$/i, '%')
      .replace(/^\((\p{L})\)$/u, '$1')
      .trim(),
  );
}

/** Without the dollars, brackets, boxes and text groups around the whole. */
function unwrapped(answer: string): string {
  let text = answer.trim();
  for (;;) {
    const inner = text
      .replace(/^\$+([^$]*)\$+$/, '$1')
      .replace(/^\\\((.*)\\\)$/s, '$1')
      .replace(/^\\\[(.*)\\\]$/s, '$1')
      .replace(/^\\(?:boxed|fbox|text|textbf|mathrm|mbox|mathbf)\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}$/, '$1')
      .trim();
    if (inner === text) return text;
    text = inner;
  }
}

/** One sign of equality with a name or a calculation before it: what is asked for stands behind it. */
function isEquation(text: string): boolean {
  return (
    /^[^=<>≤≥,;]+=[^=<>≤≥]+$/.test(text) &&
    /^(?:[a-zA-Z]|[a-zA-Z]\([a-zA-Z]\)|[\d\s+*/().$^×·÷−-]+)\s*=/.test(text)
  );
}

function lastSide(text: string): string {
  return text.slice(text.lastIndexOf('=') + 1).trim();
}

/** "twelve" and "twenty-five" are numbers too. */
function inDigits(text: string): string {
  if (!/^[a-z]+(?:-[a-z]+)?$/i.test(text)) return text;
  const value = numberWords(text).at(-1);
  return value !== undefined && saysNumber(text, value) ? String(value) : text;
}

export interface Parts {
  items: string[];
  /** Tuples, points and intervals are; sets and what people list are not. */
  isOrdered: boolean;
  /** Of what is ordered: open and closed intervals differ. */
  delimiters: string;
}

/** Of a cleaned answer: the parts of a tuple, interval, set or list; undefined where it is one value. */
export function partsOf(text: string): Parts | undefined {
  if (text.length > LONGEST_LIST) return undefined;
  const set = /^(?:[a-zA-Z]\s*\\in\s*)?\\?\{(.*?)\\?\}$/s.exec(text)?.[1];
  if (set !== undefined && !text.includes('\\frac{')) return unordered(split(set));
  const ordered = /^([([])(.*)([)\]])$/s.exec(text);
  if (ordered !== null) {
    const [, open = '', inside = '', close = ''] = ordered;
    const items = split(inside);
    if (items.length > 1) return { items, isOrdered: true, delimiters: open + close };
  }
  const items = split(text, /(?<!\\)(?:,\s+|;\s*|,(?!\d{3}(?!\d)))|\s+(?:and|or)\s+/);
  return items.length > 1 && items.every((item) => /[\d\\]|^[a-zA-Z]$/.test(item))
    ? unordered(items)
    : undefined;
}

function unordered(items: string[]): Parts {
  return { items, isOrdered: false, delimiters: '' };
}

/** At separators outside of brackets. */
function split(text: string, separator = /(?<!\\)[,;]\s*/): string[] {
  const items: string[] = [];
  const at = new RegExp(separator, 'y');
  let depth = 0;
  let start = 0;
  for (let position = 0; position < text.length; position++) {
    const character = text.charAt(position);
    if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    if (depth !== 0) continue;
    at.lastIndex = position;
    const length = at.exec(text)?.[0].length ?? 0;
    if (length === 0) continue;
    items.push(text.slice(start, position).trim());
    start = position + length;
    position = start - 1;
  }
  items.push(text.slice(start).trim());
  return items.filter((item) => item !== '');
}

/** Behind a number: words, `\text{…}`, a currency, letters that are units after a space, with powers and "per". */
const UNIT =
  /(?<=[\d%)}])(?:\\[,;! ]|\s)*(?:[€£¥]|°|\\(?:text|mathrm|mbox)\s*\{[^{}]*\}|\p{L}{2}[\p{L} .]*|(?<=\s)[mghsLl])(?:\s*\^\s*\{?[23]\}?|[²³])?(?:\s*(?:\/|per)\s*\p{L}+)?$/u;
const PER = /(?<=\d)\s*(?:\/|per)\s*\p{L}{2,}$/u;

export function hasWords(text: string): boolean {
  return /\p{L}{2}/u.test(text.replace(/\\[a-zA-Z]+/g, ''));
}

export function withoutUnit(text: string): string {
  return text.replace(PER, '').replace(UNIT, '');
}

const SCALES: Readonly<Record<string, string>> = { thousand: '1000', million: '10^6', billion: '10^9' };
const SCALE = /(?<=\d)\s*(thousand|million|billion)(?:\s+\p{L}+)?$/iu;

/** "5 million dollars" as a number. */
export function inFull(text: string): string {
  return text.replace(SCALE, (_, word: string) => ` * ${SCALES[word.toLowerCase()] ?? ''}`);
}

export function plain(text: string): string {
  return (
    text
      .replace(/\\(?:text|mathrm|textbf|mbox)\s*\{([^{}]*)\}/g, '$1')
      // Not the second half of a line's end in a matrix.
      .replace(/(?<!\\)\\(?:!|,|;| )/g, '')
      .replace(/\\[dt]frac/g, '\\frac')
      .replace(/\s+/g, '')
      .toLowerCase()
  );
}
