import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { marksOfStep, piecesOf, type Mark } from '../../../webview/src/dataset/trace/marks.ts';

function answerOf(text: string): string | undefined {
  const mark = marksOfStep(text, []).find(({ kind }) => kind === 'answer');
  return mark === undefined ? undefined : text.slice(mark.start, mark.end);
}

const fails = (start: number, end: number): Mark => ({ start, end, kind: 'fails', words: 'no' });

describe('the final answer of a step', () => {
  it.each([
    ['She sold 48.\n#### 72', '72'],
    ['Exactly.\n\n# Answer\n\n468', '468'],
    ['So the answer is 72.', '72'],
    ['The final answer is: 7 apples', '7 apples'],
    ['A: 29', '29'],
    ['Thus it is \\(\\boxed{64}\\).', '\\(\\boxed{64}\\)'],
    ['The answer to this is not known', undefined],
    ['####', undefined],
    ['', undefined],
  ])('in %j is %j', (text, answer) => {
    expect(answerOf(text)).toBe(answer);
  });
});

describe('a marked text', () => {
  it('is cut where marks begin and end', () => {
    const pieces = piecesOf('pays 48/2=25 now', [fails(5, 12)]);
    expect(pieces.map(({ text, marks }) => [text, marks.length])).toEqual([
      ['pays ', 0],
      ['48/2=25', 1],
      [' now', 0],
    ]);
  });

  it('says once what a mark says, at its last piece', () => {
    const pieces = piecesOf('ab $x$ cd', [fails(0, 9), fails(3, 6)]);
    expect(pieces.map(({ text, ending }) => [text, ending.length])).toEqual([
      ['ab ', 0],
      ['$x$', 1],
      [' cd', 1],
    ]);
  });

  it('counts a formula as covered where a mark touches it', () => {
    const [before, formula] = piecesOf('so $4+4=9$', [fails(4, 9)]);
    expect(before?.marks).toEqual([]);
    expect(formula?.marks).toHaveLength(1);
  });

  it('passes over marks that lie outside of the text', () => {
    expect(
      piecesOf('abc', [fails(1, 9), fails(-1, 2), fails(2, 2)]).every(({ marks }) => marks.length === 0),
    ).toBe(true);
  });

  it('keeps every character, whatever the marks', () => {
    const span = fc.tuple(fc.nat(30), fc.nat(30)).map(([a, b]) => fails(Math.min(a, b), Math.max(a, b)));
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), fc.array(span, { maxLength: 6 }), (text, marks) => {
        const pieces = piecesOf(text, marks);
        expect(pieces.map((piece) => piece.text).join('')).toBe(text);
        const inside = marks.filter(({ start, end }) => start < end && end <= text.length).length;
        expect(pieces.reduce((sum, { ending }) => sum + ending.length, 0)).toBeGreaterThanOrEqual(inside);
      }),
    );
  });
});
