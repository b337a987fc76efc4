// The final answer of a solution, and whether two answers are the same: as numbers and expressions, not as text.
import { valueOf } from '../models/arithmetic/valueOf.ts';

const MARKED = /^[ \t]*####[ \t]*(\S.*?)[ \t]*$/gm;
const BOXED = /\\(?:boxed|fbox)\s*\{/g;
const SPOKEN =
  /\banswer\s*(?:is\s*:?|:|=)\s*(?:\*\*)?([^\n]*?[\p{L}\p{N}})%$](?:\.\d+)?)(?:\*\*)?\s*\.?[ \t]*(?=\n|$)/giu;
/** "is 18", "= 18 dollars" at the very end: the last number of the text. */
const NUMBER = /-?[$€£]?\d[\d,]*(?:\.\d+)?(?:\s*\/\s*\d+)?\s*%?/g;

/** @returns the answer as it is written: behind the last `####`, in the last `\boxed`, behind "the answer is", else the last number */
export function finalAnswer(solution: string): string | undefined {
  return statedAnswer(solution) ?? [...solution.matchAll(NUMBER)].at(-1)?.[0].trim();
}

/** The answer that a text names as such; the last number of one that was cut, or goes on, is none. */
export function statedAnswer(solution: string): string | undefined {
  const marked = [...solution.matchAll(MARKED)].at(-1)?.[1];
  if (marked !== undefined) return marked;
  const boxed = [...solution.matchAll(BOXED)].at(-1);
  if (boxed !== undefined) {
    const inside = group(solution, boxed.index + boxed[0].length);
    if (inside !== undefined) return inside.trim();
  }
  return [...solution.matchAll(SPOKEN)].at(-1)?.[1]?.trim();
}

/** Up to the brace that closes what was opened before `from`. */
function group(text: string, from: number): string | undefined {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return text.slice(from, at);
  }
  return undefined;
}

/** Whether two answers mean the same. Numbers and expressions by their exact value; anything else letter by letter, without case and space. */
export function sameAnswer(left: string, right: string): boolean {
  const [cleanLeft, cleanRight] = [cleaned(left), cleaned(right)];
  // "18 dollars" answers a question whose reference is 18; but 5 apples are not 5 pears.
  const a = hasWords(cleanRight) ? cleanLeft : withoutUnit(cleanLeft);
  const b = hasWords(cleanLeft) ? cleanRight : withoutUnit(cleanRight);
  const [x, y] = [valueOf(a), valueOf(b)];
  if (x !== undefined && y !== undefined) {
    if (x.equals(y)) return true;
    // "50 %" and "50" are the same answer to "what percentage".
    const percent = (text: string): boolean => text.includes('%');
    return (
      percent(a) !== percent(b) &&
      (valueOf(a.replace(/\\?%/g, ''))?.equals(valueOf(b.replace(/\\?%/g, '')) ?? NaN) ?? false)
    );
  }
  return plain(a) === plain(b);
}

/** Without what surrounds an answer: dollar signs of LaTeX, a full stop, "x =", emphasis, \text units. */
function cleaned(answer: string): string {
  return (
    answer
      .trim()
      .replace(/^\$+(.*?)\$+$/s, '$1')
      .replace(/^\\[([](.*?)\\[)\]]$/s, '$1')
      .replace(/\*\*/g, '')
      .replace(/^[a-zA-Z]\s*=\s*/, '')
      .replace(/[.,;]$/, '')
      .replace(/\^\s*\{?\\circ\}?/g, '')
      // A whole number before a fraction is added to it.
      .replace(/(\d)\s*\\[dt]?frac\s*\{(\d+)\}\s*\{(\d+)\}/g, '$1 $2/$3')
      .trim()
  );
}

const UNIT = /(?<=[\d%)}])\s*(?:\\(?:text|mathrm|mbox)\s*\{[^{}]*\}|[\p{L}]{2}[\p{L} .²³]*)$/u;

function hasWords(text: string): boolean {
  return /\p{L}{2}/u.test(text.replace(/\\[a-zA-Z]+/g, ''));
}

function withoutUnit(text: string): string {
  return text.replace(UNIT, '');
}

function plain(text: string): string {
  return text
    .replace(/\\(?:text|mathrm|textbf|mbox)\s*\{([^{}]*)\}/g, '$1')
    .replace(/\\(?:left|right|!|,|;| )/g, '')
    .replace(/\\[dt]frac/g, '\\frac')
    .replace(/\s+/g, '')
    .toLowerCase();
}
