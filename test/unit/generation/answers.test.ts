import { describe, expect, it } from 'vitest';
import { finalAnswer, sameAnswer, statedAnswer } from '../../../server/src/generation/answers.ts';

describe('finalAnswer', () => {
  it.each([
    ['So 5.\n#### 72', '72'],
    ['#### 1\nno\n#### $1,234.50  ', '$1,234.50'],
    ['It is \\boxed{1} or \\boxed{\\frac{1}{2}}.', '\\frac{1}{2}'],
    ['The answer is 18.', '18'],
    ['The answer is: **$18**', '$18'],
    ['Final answer: 3/4\n', '3/4'],
    ['He has 5+6 = 11 apples.', '11'],
    ['It is 12.5 % of them.', '12.5 %'],
    ['\\boxed{3', '3'],
  ])('of %j is %j', (text, answer) => {
    expect(finalAnswer(text)).toBe(answer);
  });

  it('is none where the text has no number', () => {
    expect(finalAnswer('I do not know.')).toBeUndefined();
  });
});

describe('statedAnswer', () => {
  it.each([
    ['So 5.\n#### 72', '72'],
    ['It is \\boxed{3}.', '3'],
    ['The answer is 18.', '18'],
    ['He has 5+6 = 11', undefined],
  ])('of %j is %j', (text, answer) => {
    expect(statedAnswer(text)).toBe(answer);
  });
});

describe('sameAnswer', () => {
  it.each([
    ['1/2', '0.5'],
    ['50 %', '0.5'],
    ['50%', '50'],
    ['12\\%', '12%'],
    ['1,000', '1000'],
    ['$18', '18'],
    ['\\$18', '18'],
    ['$18$', '18'],
    ['$18.00', '18'],
    ['18 dollars', '18'],
    ['18.', '18'],
    ['\\frac{1}{2}', '.5'],
    ['\\dfrac{3}{4}', '0.75'],
    ['3\\frac{1}{2}', '3.5'],
    ['1 1/2', '1.5'],
    ['x = 5', '5'],
    ['- 3', '-3'],
    ['10^3', '1000'],
    ['90^\\circ', '90'],
    ['\\text{Monday}', 'monday'],
    ['2\\sqrt{3}', '2 \\sqrt{3}'],
    ['(3,4)', '(3, 4)'],
  ])('%j is %j', (left, right) => {
    expect(sameAnswer(left, right)).toBe(true);
    expect(sameAnswer(right, left)).toBe(true);
  });

  it.each([
    ['5', '6'],
    ['0.33', '1/3'],
    ['1/2', '2'],
    ['', '5'],
    ['50%', '5'],
    ['5 apples', '5 pears'],
    ['-3', '3'],
    ['1,000', '1'],
    ['(3,4)', '(4,3)'],
  ])('%j is not %j', (left, right) => {
    expect(sameAnswer(left, right)).toBe(false);
    expect(sameAnswer(right, left)).toBe(false);
  });
});
