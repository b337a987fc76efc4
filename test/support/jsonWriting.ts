// Writes values as JSON in all the ways that the format allows, for tests of code that finds places in it.
import fc from 'fast-check';

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** Numbers from 0 to 1, for as many choices as a writer needs. */
export const choices: fc.Arbitrary<() => number> = fc.infiniteStream(fc.nat(9)).map((stream) => () => {
  const next = stream.next();
  return next.done === true ? 0 : next.value / 10;
});

/** Escapes and white space by chance; the value reads the same. */
export function writeJson(value: unknown, choose: () => number): string {
  const space = (): string => (choose() < 0.2 ? ' ' : '');
  const write = (part: unknown): string => {
    if (typeof part === 'string') return writeString(part, choose);
    if (Array.isArray(part)) return `[${part.map((item) => `${space()}${write(item)}`).join(',')}${space()}]`;
    if (typeof part !== 'object' || part === null) return JSON.stringify(part);
    const entries = Object.entries(part).map(
      ([key, item]) => `${space()}${writeString(key, choose)}${space()}:${space()}${write(item)}`,
    );
    return `{${entries.join(',')}${space()}}`;
  };
  return write(value);
}

function writeString(text: string, choose: () => number): string {
  let written = '';
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    const code = text.charCodeAt(index);
    const mustEscape = code < 0x20 || character === '"' || character === '\\';
    const short = SHORT[character];
    const chance = choose();
    if (short !== undefined && (mustEscape ? chance < 0.6 : chance < 0.3)) written += short;
    else if (mustEscape || chance >= 0.8) written += `\\u${code.toString(16).padStart(4, '0')}`;
    else written += character;
  }
  return `"${written}"`;
}
