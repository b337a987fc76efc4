// Labels as datasets write them, turned into our own type.
import type { Label } from './trace.ts';

const WORDS: Readonly<Record<string, Label>> = {
  '+': 'correct',
  '-': 'incorrect',
  true: 'correct',
  false: 'incorrect',
  correct: 'correct',
  incorrect: 'incorrect',
  right: 'correct',
  wrong: 'incorrect',
  positive: 'correct',
  negative: 'incorrect',
  good: 'correct',
  bad: 'incorrect',
  neutral: 'neutral',
};

/** PyTorch's and TRL's "leave this out of the loss"; cast to boolean it would read "correct". */
const IGNORED = -100;

/**
 * Booleans, 1 and 0, words and `+`/`-` are taken as they read. A number between 0 and 1 is a share of
 * continuations that came out right: above 0.5 correct, below it incorrect, 0.5 itself says neither (neutral).
 * null, NaN and -100 are unlabelled.
 * @returns undefined where the value is no label
 */
export function readLabel(value: unknown): Label | undefined {
  if (value == null) return 'unlabelled';
  if (typeof value === 'boolean') return value ? 'correct' : 'incorrect';
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value === 'bigint') return fromNumber(Number(value));
  return typeof value === 'string' ? fromWord(value) : undefined;
}

/** A share of continuations that came out right, kept beside its label. @returns undefined for a verdict */
export function readShare(value: unknown): number | undefined {
  const share = typeof value === 'string' ? Number(value) : value;
  return typeof share === 'number' && share > 0 && share < 1 ? share : undefined;
}

function fromNumber(value: number): Label | undefined {
  if (Number.isNaN(value) || value === IGNORED) return 'unlabelled';
  if (value < 0 || value > 1) return undefined;
  if (value === 0.5) return 'neutral';
  return value > 0.5 ? 'correct' : 'incorrect';
}

function fromWord(value: string): Label | undefined {
  const word = value.trim().toLowerCase();
  if (Object.hasOwn(WORDS, word)) return WORDS[word];
  return /^-?\d+(\.\d*)?$/.test(word) ? fromNumber(Number(word)) : undefined;
}
