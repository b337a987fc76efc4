// A list of texts as Python prints it (`['a', "it's"]`): some datasets on the Hub hold such text instead of a list.
// https://docs.python.org/3/reference/lexical_analysis.html#escape-sequences

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
};

/** Digits behind the escapes that name a character by its number. */
const DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** @returns undefined where the text is no list of texts */
export function readPythonList(text: string): string[] | undefined {
  const source = text.trim();
  if (!source.startsWith('[') || !source.endsWith(']')) return undefined;
  const items: string[] = [];
  const between = /\s*(,?)\s*/y;
  between.lastIndex = 1;
  for (;;) {
    const comma = between.exec(source)?.[1] === ',';
    if (between.lastIndex === source.length - 1) return items;
    if (comma !== items.length > 0) return undefined;
    const read = readText(source, between.lastIndex);
    if (read === undefined) return undefined;
    items.push(read.text);
    between.lastIndex = read.end;
  }
}

/** @param start where its quotation mark is */
function readText(source: string, start: number): { text: string; end: number } | undefined {
  const quote = source[start];
  if (quote !== "'" && quote !== '"') return undefined;
  const special = quote === "'" ? /['\\]/g : /["\\]/g;
  let text = '';
  let from = start + 1;
  for (;;) {
    special.lastIndex = from;
    const at = special.exec(source)?.index;
    if (at === undefined) return undefined;
    text += source.slice(from, at);
    if (source[at] === quote) return { text, end: at + 1 };
    const escape = readEscape(source, at + 1);
    if (escape === undefined) return undefined;
    text += escape.text;
    from = escape.end;
  }
}

/** @param at behind the backslash */
function readEscape(source: string, at: number): { text: string; end: number } | undefined {
  const name = source.charAt(at);
  const digits = DIGITS[name];
  // Python keeps the backslash of an escape that it does not know.
  if (digits === undefined) return { text: ESCAPES[name] ?? `\\${name}`, end: at + 1 };
  const number = source.slice(at + 1, at + 1 + digits);
  const code = new RegExp(`^[0-9a-fA-F]{${digits}}$`).test(number) ? Number.parseInt(number, 16) : Infinity;
  return code <= 0x10ffff ? { text: String.fromCodePoint(code), end: at + 1 + digits } : undefined;
}
