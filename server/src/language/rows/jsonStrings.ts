// The strings of a JSON text: what they say, and where each of their characters stands.
import { parseTree, type Node } from 'jsonc-parser';

/** One string value (never a property's name), in the order of the text. */
export interface JsonString {
  /** Name of the nearest property around it: `completions` for an item of that list. */
  key: string;
  value: string;
  /** UTF-16 offsets of the quotation marks: `start` before the first, `end` behind the last. */
  start: number;
  end: number;
}

/** Levels of lists and objects; a tree of reasoning steps has some dozens. The parser below descends by calls. */
const DEEPEST = 500;

/** Reads valid JSON into nodes with their places; undefined where it is nested too deep for that. */
export function readJsonTree(text: string): Node | undefined {
  return isDeeper(text, DEEPEST) ? undefined : parseTree(text);
}

/**
 * All strings of a text that `JSON.parse` has read. A row can have 5 MB and is read anew with each key that is typed in
 * it: knowing that it is valid, this takes a tenth of the time that a parser with places needs.
 */
export function readJsonStrings(text: string): JsonString[] {
  const strings: JsonString[] = [];
  /** The property around, by level; a list's items have that of the list. */
  const keys = [''];
  const tokens = /["{}[\]]/g;
  for (let found = tokens.exec(text); found !== null; found = tokens.exec(text)) {
    const [token] = found;
    if (token === '{' || token === '[') keys.push(keys.at(-1) ?? '');
    else if (token !== '"') keys.pop();
    else {
      const start = found.index;
      const end = endOfString(text, start);
      tokens.lastIndex = end;
      const value = decode(text.slice(start + 1, end - 1));
      if (isName(text, end)) keys[keys.length - 1] = value;
      else strings.push({ key: keys.at(-1) ?? '', value, start, end });
    }
  }
  return strings;
}

function decode(content: string): string {
  return content.includes('\\') ? (JSON.parse(`"${content}"`) as string) : content;
}

/** Whether the string that ends there is a property's name: a colon follows. */
function isName(text: string, end: number): boolean {
  const next = /[^ \t\n\r]/g;
  next.lastIndex = end;
  return next.exec(text)?.[0] === ':';
}

/** Whether lists and objects lie more than `most` levels inside each other. */
export function isDeeper(text: string, most: number): boolean {
  // Few rows have so many opening brackets at all, and counting those is quick.
  const brackets = /[[\]{}"]/g;
  let depth = 0;
  for (let found = brackets.exec(text); found !== null; found = brackets.exec(text)) {
    const [character] = found;
    if (character === '"') brackets.lastIndex = endOfString(text, found.index);
    else if (character === '[' || character === '{') depth++;
    else depth--;
    if (depth > most) return true;
  }
  return false;
}

/** Offset behind the closing quotation mark of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return end + 1;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

/**
 * Finds characters of a string's value in the text; for offsets that only grow, the work is linear in the string.
 * @param source the JSON text
 */
export class EscapeMap {
  readonly #source: string;
  #value = 0;
  #at: number;

  constructor(source: string, { start }: JsonString) {
    this.#source = source;
    this.#at = start + 1;
  }

  /** @param offset into the value, not smaller than the one asked before */
  locate(offset: number): number {
    while (this.#value < offset) {
      if (this.#source[this.#at] === '\\') this.#at += this.#source[this.#at + 1] === 'u' ? 6 : 2;
      else this.#at++;
      this.#value++;
    }
    return this.#at;
  }
}
