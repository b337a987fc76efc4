import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerOf, finalAnswer, sameAnswer, statedAnswer } from '../../../server/src/generation/answers.ts';

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
    ['The answer is 18. This is because 20 - 2 = 18.', '18'],
    ['The answer is 5 because 3 + 2 = 5', '5'],
    ['The answer is not 5 but 6', '6'],
    ['**Answer:** 42', '42'],
    ['Final Answer: The final answer is $\\boxed{\\frac{1}{2}}$. I hope it is correct.', '\\frac{1}{2}'],
    ['#### Step 1: add\n1 + 2 = 3\n#### Conclusion\nIt is \\boxed{3}.', '3'],
    ['#### Step 2: add\nso there are 7 of them', '7'],
    ['\\boxed{4}\n#### 5', '5'],
    ['#### Part one\n\\boxed{6}', '6'],
    ['He has \u22123 left', '\u22123'],
    ['It takes 2 1/2 hours', '2 1/2'],
    ['10 - 3 = 7, as 5-3', '3'],
    ['That makes 1.5e3', '1.5e3'],
    ['He arrives at 3:30', '3:30'],
    ['It takes 1,200, or so', '1,200'],
    ['The answer is that the robe takes 2 bolts.', '2'],
    ['The answer is that of 12 apples 5 are left, 7 less', '7'],
    ['The answer is that Tom is older', 'that Tom is older'],
    ['The answer is 5.\n#### 5', '5'],
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
    ['The answer is that she has 7 of the 12', undefined],
  ])('of %j is %j', (text, answer) => {
    expect(statedAnswer(text)).toBe(answer);
  });
});

describe('answerOf', () => {
  it('takes the last number of a text that ended, but not of one that was cut', () => {
    const text = 'To find it, we need the size of the flock, which is 20';
    expect(answerOf(text, 'stop')).toBe('20');
    expect(answerOf(text, 'length')).toBeUndefined();
    expect(answerOf(`${text}\n#### 60\nThe next one has 7`, 'length')).toBe('60');
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
    ['\\boxed{18}', '18'],
    ['1e3', '1000'],
    ['1.5 \\times 10^3', '1.5e3'],
    ['-0', '0'],
    ['\u22125', '-5'],
    ['18\u20ac', '18'],
    ['USD 18', '18'],
    ['about 5', '5'],
    ['3 + 4 = 7', '7'],
    ['twenty-five', '25'],
    ['12 cm^2', '12'],
    ['12\\,\\text{cm}', '12'],
    ['5 km/h', '5'],
    ['$5 per hour', '5'],
    ['50 percent', '0.5'],
    ['\\sqrt{12}', '2\\sqrt{3}'],
    ['\u221a3', 'sqrt(3)'],
    ['1/\\sqrt{2}', '\\frac{\\sqrt{2}}{2}'],
    ['\\sqrt[3]{8}', '2'],
    ['2\u03c0', '2\\pi'],
    ['5x + 3', '3+5x'],
    ['\\frac{1}{2}x', 'x/2'],
    ['y = 2x + 1', '1 + 2x'],
    ['(x+1)^2', 'x^2 + 2x + 1'],
    ['(1/2, 3)', '(0.5,3.0)'],
    ['\\left(3, \\frac{\\pi}{2}\\right)', '(3,\\pi/2)'],
    ['\\{1,2\\}', '{2, 1}'],
    ['x \\in \\{1,2\\}', '\\{1,2\\}'],
    ['1 and 2', '2, 1'],
    ['x = 5 or x = 6', '6, 5'],
    ['(-\\infty, 2]', '(-\\infty,2]'],
    ['\\text{(A)}', 'A'],
    ['11,\\! 111,\\! 111', '11111111'],
    ['x \\in [1,2)', '[1,2)'],
    ['10\\text{ or }12', '12, 10'],
    ['\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}', '\\begin{pmatrix}1\\\\2\\end{pmatrix}'],
    ['5 million', '5,000,000'],
    ['$2.5 thousand dollars', '2500'],
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
    ['[1,2]', '(1,2)'],
    ['\\{1,2\\}', '\\{1,2,2\\}'],
    ['x = 5, y = 3', 'x = 3, y = 5'],
    ['4x', '4'],
    ['x', 'y'],
    ['\\sqrt{2}', '1.414'],
    ['2:3', '3:2'],
    ['1,000', '1, 000'],
    ['-\\sqrt{2}', '\\sqrt{2}'],
    ['5 million', '5,000'],
    ['1', '0 g'],
    ['\\begin{pmatrix}1\\\\2\\end{pmatrix}', '\\begin{pmatrix}12\\end{pmatrix}'],
  ])('%j is not %j', (left, right) => {
    expect(sameAnswer(left, right)).toBe(false);
    expect(sameAnswer(right, left)).toBe(false);
  });
});

describe('answers of any kind', () => {
  const integer = fc.integer({ min: -1_000_000, max: 1_000_000 });
  const natural = fc.integer({ min: 1, max: 1000 });
  const written = (n: number): string[] => {
    const grouped = Math.abs(n).toLocaleString('en');
    const sign = n < 0 ? '-' : '';
    return [
      ...[
        `${n}`,
        `${sign}${grouped}`,
        `${n}.00`,
        `$${n}$`,
        `\\boxed{${n}}`,
        `x = ${n}`,
        `${n} apples`,
        `**${n}**`,
      ],
      ...[`\\frac{${2 * n}}{2}`, `${3 * n}/3`, `${n * 100}%`, `${n}.`],
    ];
  };

  it('are the same in all ways to write a number, and never another number', () => {
    fc.assert(
      fc.property(integer, integer, (n, other) => {
        for (const text of written(n)) {
          expect([text, sameAnswer(text, String(n)), sameAnswer(String(n), text)]).toEqual([
            text,
            true,
            true,
          ]);
          const isOther = other !== n && other !== 100 * n;
          if (isOther) expect([text, sameAnswer(text, String(other))]).toEqual([text, false]);
        }
      }),
    );
  });

  it('are compared as exact fractions', () => {
    fc.assert(
      fc.property(integer, natural, natural, (top, bottom, factor) => {
        const text = `\\frac{${top * factor}}{${bottom * factor}}`;
        expect(sameAnswer(text, `${top}/${bottom}`)).toBe(true);
        expect(sameAnswer(text, `${top * factor + 1}/${bottom * factor}`)).toBe(false);
      }),
    );
  });

  it('are found behind whatever was said before', () => {
    fc.assert(
      fc.property(fc.string(), integer, (before, n) => {
        expect(finalAnswer(`${before}\n#### ${n}`)).toBe(String(n));
      }),
    );
  });

  it('are compared either way round alike, whatever the texts; each is the same as itself', () => {
    const part = fc.constantFrom(
      ...'0 1 2.5 -3 x y \\pi \\sqrt{ \\frac{ } { ( ) [ ] , / ^ + = % $ \\{ \\} apples and . #### \n'.split(
        ' ',
      ),
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(part, { maxLength: 12 }).map((parts) => parts.join(' ')),
    );
    fc.assert(
      fc.property(text, text, (left, right) => {
        expect(sameAnswer(left, right)).toBe(sameAnswer(right, left));
        expect(sameAnswer(left, left)).toBe(true);
        finalAnswer(left);
      }),
      { numRuns: 1000 },
    );
  });
});
