// A text cut where something begins or ends that is said about it: equations and their verdicts, a final answer.
import type { EquationMark } from '../../../../protocol/src/datasets.ts';
import { segmentsOf, type Formula } from './segments.ts';

export interface Mark {
  /** UTF-16 offsets into the text. */
  start: number;
  end: number;
  kind: EquationMark['verdict'] | 'answer';
  /** What is said about it. */
  words: string;
}

export interface Piece {
  text: string;
  formula?: Formula;
  /** That cover the piece; a formula counts as covered where it overlaps. */
  marks: Mark[];
  /** Of these, the ones of which this is the last piece. */
  ending: Mark[];
}

/** `#### 72` (GSM8K), `# Answer` with the answer below (PRM800K), "The answer is 72", `A: 72`. */
const FINAL_ANSWERS = [
  /####[ \t]*(\S[^\n]*)/,
  /(?:^|\n)[ \t]*#[ \t]*Answer\s+(\S[^\n]*)/i,
  /\bthe (?:final )?answer is:?[ \t]*(\S[^\n]*)/i,
  /(?:^|\n)A:[ \t]*(\S[^\n]*)/,
];

/** What is to be marked in a step: its equations, and the final answer where it gives one. */
export function marksOfStep(text: string, equations: readonly EquationMark[]): Mark[] {
  const marks = equations.map(({ start, end, verdict, explanation }): Mark => ({
    start,
    end,
    kind: verdict,
    words: explanation,
  }));
  const answer = finalAnswer(text);
  if (answer !== undefined) marks.push(answer);
  return marks;
}

function finalAnswer(text: string): Mark | undefined {
  for (const pattern of FINAL_ANSWERS) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const answer = (match[1] ?? '').replace(/[.\s]+$/, '');
    const start = match.index + match[0].lastIndexOf(match[1] ?? '');
    return { start, end: start + answer.length, kind: 'answer', words: 'final answer' };
  }
  const boxed = segmentsOf(text).findLast(({ formula }) => formula?.tex.includes('\\boxed') === true);
  return boxed === undefined
    ? undefined
    : { start: boxed.start, end: boxed.end, kind: 'answer', words: 'final answer' };
}

/** The whole text in order, each piece either all or not at all under a mark. */
export function piecesOf(text: string, marks: readonly Mark[]): Piece[] {
  const whole = marks
    .filter(({ start, end }) => start >= 0 && start < end && end <= text.length)
    .sort((a, b) => a.start - b.start);
  const edges = [...new Set(whole.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
  const pieces: { start: number; end: number; formula?: Formula }[] = [];
  let edge = 0;
  for (const segment of segmentsOf(text)) {
    if (segment.formula !== undefined) {
      pieces.push(segment);
      continue;
    }
    let start = segment.start;
    while (edge < edges.length && (edges[edge] ?? 0) <= start) edge++;
    for (; edge < edges.length && (edges[edge] ?? 0) < segment.end; edge++) {
      const end = edges[edge] ?? segment.end;
      pieces.push({ start, end });
      start = end;
    }
    pieces.push({ start, end: segment.end });
  }
  return pieces.map(({ start, end, formula }) => {
    const covering = whole.filter((mark) => mark.start < end && mark.end > start);
    return {
      text: text.slice(start, end),
      ...(formula === undefined ? {} : { formula }),
      marks: covering,
      ending: covering.filter((mark) => mark.end <= end),
    };
  });
}
