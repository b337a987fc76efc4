// The exact value of a whole text, where it is one arithmetic expression: 1/2, 0.5, 50 %, 1,000, $18, \frac{1}{2}.
import { readSide } from './expression.ts';
import { Lexer } from './lexer.ts';
import type { Value } from './number.ts';

/** @returns undefined where the text is anything else, or cannot be computed exactly */
export function valueOf(text: string): Value | undefined {
  const { tokens, annotations } = new Lexer(text, 0, text.length).run();
  if (annotations.length > 0 || tokens.length === 0) return undefined;
  const side = readSide(tokens, 0, tokens.length, 'hundredths');
  return side?.next === tokens.length ? side.value : undefined;
}
