// The final answer of a solution, and whether two answers are the same: as numbers and expressions, not as text.
import { valueOf } from '../models/arithmetic/valueOf.ts';
import { sameExpression } from './answerExpression.ts';
import { cleaned, hasWords, inFull, partsOf, plain, withoutUnit, type Parts } from './answerText.ts';

const MARKED = /^[ \t]*####[ \t]*(\S.*?)[ \t]*$/gm;
/** Some models write such headings with the same mark. */
const HEADING =
  /^\**(?:steps?|(?:final )?answer|(?:final )?solution|conclusion|summary|notes?|check|verification|explanation)\b(?!.*\d\W*$)/i;
const BOXED = /\\(?:boxed|fbox)\s*\{/g;
/** Up to the end of the sentence: a point between digits is none. */
const SPOKEN = /\banswer\s*(?:\*\*)?\s*(?:is\s*:?|:|=)\s*(?:\*\*)?\s*(?!\s*not\b)((?:[^\n.]|\.(?=\d))+)/giu;
const GOES_ON = /[,;]?\s+(?:because|since|as|so|which|where|and not)\b.*$/i;
/** What begins so has a verb. */
const CLAUSE = /^(?:that|there|she|he|it|we|they|you|I)\s/i;
/** With its sign where it is no minus between two numbers; mixed numbers and fractions whole. */
const NUMBER =
  /(?:(?<![\d)])[-−])?[$€£]?\d(?:[\d,]*\d)?(?:\.\d+)?(?:[eE][+-]?\d+\b)?(?:(?:\s+\d+)?\s*\/\s*\d+)?(?::\d\d)?\s*%?/g;

/** @returns the answer as it is written: behind the last `####`, in the last `\boxed`, behind "the answer is", else the last number */
export function finalAnswer(solution: string): string | undefined {
  return statedAnswer(solution) ?? [...solution.matchAll(NUMBER)].at(-1)?.[0].trim();
}

/** The answer that a text names as such; the last number of one that was cut, or goes on, is none. */
export function statedAnswer(solution: string): string | undefined {
  const marked = [...solution.matchAll(MARKED)].filter(([, text = '']) => !HEADING.test(text)).at(-1);
  const boxed = [...solution.matchAll(BOXED)].at(-1);
  const inside = boxed && group(solution, boxed.index + boxed[0].length)?.trim();
  // Whichever comes last: a box below a heading, a mark below a box.
  if (marked !== undefined && (inside === undefined || marked.index >= (boxed?.index ?? 0))) return marked[1];
  if (inside !== undefined) return inside;
  const spoken = [...solution.matchAll(SPOKEN)].at(-1)?.[1]?.replace(GOES_ON, '').replace(/\*\*/g, '').trim();
  return spoken === undefined || !/[\p{L}\p{N}]/u.test(spoken) ? undefined : saidIn(spoken);
}

/** A clause ("that the robe takes 2 bolts") says its number; of one with several, nobody can tell which is meant. */
function saidIn(spoken: string): string | undefined {
  const [number, ...more] = CLAUSE.test(spoken) ? spoken.matchAll(NUMBER) : [];
  if (number === undefined) return spoken;
  return more.length === 0 ? number[0].trim() : undefined;
}

/**
 * What a model's answer comes to.
 * @param finish why it ended: the last number of a text that was cut (`length`) is no answer
 */
export function answerOf(solution: string, finish: string): string | undefined {
  return finish === 'length' ? statedAnswer(solution) : finalAnswer(solution);
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

/**
 * Whether two answers mean the same, as graders of mathematics see it:
 * numbers by their exact value, so that 0.33 is not 1/3; expressions by what they come to; sets without order, tuples and intervals
 * part by part; a unit that only one of them has is left out; "50 %" is 0.5, and also 50, since people ask for percentages.
 * Anything else letter by letter, without case and space.
 */
export function sameAnswer(left: string, right: string): boolean {
  const [a, b] = [cleaned(left), cleaned(right)];
  const [partsA, partsB] = [partsOf(a), partsOf(b)];
  if (partsA === undefined && partsB === undefined) return sameValue(a, b);
  return partsA !== undefined && partsB !== undefined && sameParts(partsA, partsB);
}

function sameParts(left: Parts, right: Parts): boolean {
  if (left.items.length !== right.items.length || left.isOrdered !== right.isOrdered) return false;
  if (left.isOrdered) {
    const isAlike = left.delimiters === right.delimiters;
    return isAlike && left.items.every((item, index) => sameItem(item, right.items[index] ?? ''));
  }
  const rest = [...right.items];
  return left.items.every((item) => {
    const index = rest.findIndex((other) => sameItem(item, other));
    if (index !== -1) rest.splice(index, 1);
    return index !== -1;
  });
}

const NAMED = /^([a-zA-Z])\s*=\s*(?!=)/;

/** "x = 5" is 5, but not "y = 5". */
function sameItem(left: string, right: string): boolean {
  const [a, b] = [NAMED.exec(left)?.[1], NAMED.exec(right)?.[1]];
  return (a === undefined || b === undefined || a === b) && sameAnswer(left, right);
}

/** Values of texts: what has none is equal to nothing. */
function areEqual(one: ReturnType<typeof valueOf>, other: ReturnType<typeof valueOf>): boolean {
  return one !== undefined && other !== undefined && one.equals(other);
}

function sameValue(left: string, right: string): boolean {
  // "18 dollars" answers a question whose reference is 18; but 5 apples are not 5 pears.
  const a = hasWords(right) ? left : withoutUnit(left);
  const b = hasWords(left) ? right : withoutUnit(right);
  const [x, y] = [valueOf(a), valueOf(b)];
  if (x !== undefined && y !== undefined) {
    if (areEqual(x, y)) return true;
    const isPercent = (text: string): boolean => text.includes('%');
    const bare = (text: string) => valueOf(text.replace(/\s*\\?%/g, ''));
    if (isPercent(a) !== isPercent(b)) return areEqual(bare(a), bare(b));
    return areEqual(valueOf(inFull(left)), valueOf(inFull(right)));
  }
  return plain(a) === plain(b) || sameExpression(a, b) === true;
}
