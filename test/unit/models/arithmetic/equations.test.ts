// The equation finder on literals: what holds, what fails, what cannot be told, and where it stands.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findEquations } from '../../../../server/src/models/arithmetic/index.ts';

/** "verdict text" of every equation. */
const read = (text: string) => findEquations(text).map((equation) => `${equation.verdict} ${equation.text}`);

describe('findEquations: holds', () => {
  it.each([
    ['48/2 = 24'],
    ['<<48/2=24>>'],
    ['48/2 = <<48/2=24>>24'],
    ['$19.50 x 25% = 4.875'],
    ['2*3 = 6 = 12/2'],
    ['25% of 80 = 20'],
    ['25% of $80 = $20'],
    ['20% = 0.2'],
    ['100 + 10% = 110'],
    ['80 - 10% = 72'],
    ['100% - 20% = 80%'],
    ['5/20*100 = 25%'],
    ['3 frogs / 12 frogs * 100% = 25%'],
    ['5/20 = 25%'],
    ['1/2 = 0.5'],
    ['3/4 x 8 = 6'],
    ['1 1/2 + 2 = 3.5'],
    ['1½ + 2 = 3½'],
    ['6 × 7 = 42'],
    ['8 ÷ 2 = 4'],
    ['8 − 2 · 3 = 2'],
    [String.raw`\frac{1}{2} + \frac12 = 1`],
    [String.raw`\dfrac{3+5}{2} \times 2 = 8`],
    [String.raw`\left( 2 + 3 \right) \cdot 4 = \boxed{20}`],
    [String.raw`\$5 \div 2 = \$2.50`],
    [String.raw`1{,}200 + 300 = 1{,}500`],
    [String.raw`2\text{ apples} + 3\text{ apples} = 5`],
    ['2^3 = 8'],
    ['2**3 = 8'],
    ['2 ** 3 = 8'],
    ['2^3^2 = 512'],
    ['-2^2 = -4'],
    ['10^{2} = 100'],
    ['5² = 25'],
    ['2^-1 = 0.5'],
    ['(2+3)*4 = 20'],
    ['2(3+4) = 14'],
    ['(3)(4) = 12'],
    ['[(1 + 2) * 3] = 9'],
    ['5 km * 2 = 10'],
    ['$18/hour * 3 hours = $54'],
    ['60 miles / 2 hours = 30'],
    ['12 eggs - 3 eggs = 9'],
    ['120-page book - 20 pages = 100'],
    ['4.8 L / 1.2 L/hour = 4'],
    ['1,200 + 300 = 1,500'],
    ['5 - -3 = 8'],
    ['5 + (-3) = 2'],
    ['-5 + 3 = -2'],
    ['24 = 48/2'],
    ['48/2 == 24'],
    ['10/3 = 3.33'],
    ['2/3 = 0.667'],
    ['2/3 = 66.67%'],
    ['10/3 ≈ 3'],
    [String.raw`22/7 \approx 3.14`],
    ['0.1 + 0.2 = 0.30000000000000004'],
    ['12345678901234567890 * 10 = 123456789012345678900'],
    ['25 / 1/3 = 75'],
    ['1/2 of 80 = 40'],
    ['.5 * 10 = 5'],
    ['$1.25 + $.75 = $2'],
    ['2 * 30 = 60 minutes = 1'],
    ['5 + 3 = 8 + 2 = 10'],
    ['48/2\n= 24'],
  ])('%s', (text) => {
    expect(read(text)).toEqual([`holds ${text}`]);
  });
});

describe('findEquations: fails', () => {
  it.each([
    ['3 x 4 = 13', 'the left side is 12'],
    ['48/2 = <<48/2=25>>25', 'the left side is 24'],
    ['<<55=60>>', 'the left side is 55'],
    ['25*.01*1000 = 251', 'the left side is 250'],
    ['2*3 = 6 = 13/2', 'the right side is 6.5'],
    ['2*3 = 7 = 14/2', 'the left side is 6'],
    ['1/3 + 1/3 = 3/4', 'the left side is ≈ 0.666667'],
    ['12 eggs - 3 eggs = 8', 'the left side is 9'],
    ['1,200 + 300 = 1,400', 'the left side is 1500'],
    ['10/3 = 3.5', 'the left side is ≈ 3.333333'],
    ['20*(3/5) = 12.5', 'the left side is 12'],
    ['25 = 4*6', 'the right side is 24'],
    ['20% of 50 = 12', 'the left side is 10'],
    ['48/2 ≈ 30', 'the left side is 24'],
    ['2(3+4) = 15', 'the left side is 14'],
    ['10^2 = 20', 'the left side is 100'],
    ['1 / 40000000 = 0.5', 'the left side is ≈ 2.50e-8'],
  ])('%s', (text, note) => {
    const [equation, ...others] = findEquations(text);
    expect(others).toEqual([]);
    expect(equation?.verdict).toBe('fails');
    expect(equation?.explanation).toContain(`fails: ${note}`);
  });
});

describe('findEquations: unsure', () => {
  it.each([
    ['2x + 3 = 7', 'variable x'],
    ['3x-5 = 16', 'variable x'],
    ['3 + 4 = 5 + y', 'variable y'],
    ['1/0 = 5', 'divides by zero'],
    ['9^9^9 = 1', 'cannot be computed'],
    ['0^0 = 1', 'cannot be computed'],
    [`${'9'.repeat(50)} + 1 = 2`, 'more than arithmetic'],
    ['2/3 = 0.66', 'the exact value is ≈ 0.666667'],
    ['15/2 = 7', 'the exact value is 7.5'],
    ['1.33 * 3 = 4', 'the exact value is 3.99'],
    ['half of 48 + 2 = 26', 'longer expression'],
    ['3 * 5 = 7 times 2', 'goes on in words'],
    ['1 hour = 60 minutes', 'convert'],
    ['2 hours * 3 = 360 minutes', 'convert'],
    ['$5 + 50 cents = $5.50', 'convert'],
    ['2 dozen * 3 = 72', 'convert'],
    ['2m + 55 = 215', 'convert'],
    ['5:30 + 2 = 7', 'more than arithmetic'],
    ['1,2 + 3 = 4', 'more than arithmetic'],
    ['5! + 1 = 7', 'more than arithmetic'],
    [String.raw`\sqrt{16} + 1 = 6`, 'longer expression'],
    ['pages 5-10 = 6', 'range'],
    ['$1800 - $2000 = $200', 'sign'],
    ['Day 1 = 5 * 3', 'name'],
    ['20% * 5 = 100', 'more than one way'],
    ['17 % 5 = 3', 'longer expression'],
    ['so 3 = 17 % 5', 'remainder'],
    ['<<x+56=86>>', 'variable x'],
    ['<<12*5 apples>> = 3 + 4', ''],
  ])('%s', (text, note) => {
    const verdicts = findEquations(text);
    for (const equation of verdicts) {
      expect(equation.verdict).toBe('unsure');
      expect(equation.explanation).toContain(note);
    }
    if (note !== '') expect(verdicts).toHaveLength(1);
  });
});

describe('findEquations: no equation', () => {
  it.each([
    [''],
    ['no numbers = none'],
    ['x = 5'],
    ['total = 5'],
    ['5 >= 3, 3 <= 5, 4 != 5, 2 => 3'],
    ['x := 5 * 3'],
    ['= 5'],
    ['5 ='],
    ['5 + 3 = ?'],
    ['a <b> = </b> c'],
    ['<<>>'],
    ['<<48/2>>'],
  ])('%s', (text) => {
    expect(findEquations(text)).toEqual([]);
  });
});

describe('findEquations in prose', () => {
  it.each([
    ['the 5 apples and 3 * 2 = 6', ['holds 3 * 2 = 6']],
    ['2+3=5 apples and 5+5=11', ['holds 2+3=5', 'fails 5+5=11']],
    ['She earned 0.2 x 50 = $<<0.2*50=10>>10.', ['holds 0.2 x 50 = $<<0.2*50=10>>10']],
    ['12 * $5 = <<12*5=60>>$60.', ['holds 12 * $5 = <<12*5=60>>$60']],
    ['in total <<2+3=5>>5 eggs', ['holds <<2+3=5>>']],
    ['50-8 = <<52-8=44>>44', ['holds <<52-8=44>>', 'fails 50-8 = <<52-8=44>>44']],
    ['2y = <<2*3=6>>6', ['holds 2y = <<2*3=6>>6']],
    ['**48/2 = 24**, so `3*4 = 13`', ['holds 48/2 = 24', 'fails 3*4 = 13']],
    ['- 5 + 3 = 8', ['holds 5 + 3 = 8']],
    ['Totals: 1, 2, 3 + 4 = 7.', ['holds 3 + 4 = 7']],
    ['(48/2 = 24)', ['holds 48/2 = 24']],
    ['24 (eggs) + 1 = 25', ['holds 1 = 25'].slice(1)],
    [
      String.raw`so \(48/2 = 24\) and \[3 \times 4 = 13\]`,
      ['holds 48/2 = 24', String.raw`fails 3 \times 4 = 13`],
    ],
    ['We get $3 + 4 = 7$ here.', ['holds $3 + 4 = 7']],
    [String.raw`2+3 &= 5 \\ &= 10/2`, [String.raw`holds 2+3 &= 5 \\ &= 10/2`]],
  ])('%s', (text, expected) => {
    const found = read(text).filter((line) => !line.startsWith('unsure'));
    expect(found).toEqual(expected);
  });

  it('writes explanations for people', () => {
    const explanations = (text: string) => findEquations(text).map(({ explanation }) => explanation);
    expect(explanations('48/2 = <<48/2=24>>24 clips')).toEqual(['48/2 = 24 holds']);
    expect(explanations('3 x 4 = 13')).toEqual(['3 x 4 = 13 fails: the left side is 12']);
    expect(explanations('10/3 = 3.33')).toEqual(['10/3 = 3.33 holds (rounded)']);
    expect(explanations('2x = 6+1')).toEqual(['2x = 6+1 cannot be checked: it contains the variable x']);
  });
});

describe('findEquations: properties', () => {
  const number = fc.integer({ min: 0, max: 9999 });

  it('agrees with exact integer arithmetic', () => {
    const operator = fc.constantFrom('+', '-', '*');
    fc.assert(
      fc.property(
        number,
        operator,
        number,
        operator,
        number,
        fc.integer({ min: -3, max: 3 }),
        (a, f, b, g, c, off) => {
          const apply = (left: number, sign: string, right: number) =>
            sign === '+' ? left + right : sign === '-' ? left - right : left * right;
          const value = g === '*' && f !== '*' ? apply(a, f, b * c) : apply(apply(a, f, b), g, c);
          const [equation] = findEquations(`so ${a} ${f} ${b} ${g} ${c} = ${value + off} in all`);
          const onlySign = value < 0 && value + off === -value;
          expect(equation?.verdict).toBe(off === 0 ? 'holds' : onlySign ? 'unsure' : 'fails');
        },
      ),
    );
  });

  it('holds for a quotient rounded to any number of places, never for one that is off by one place', () => {
    fc.assert(
      fc.property(
        number,
        fc.integer({ min: 1, max: 999 }),
        fc.integer({ min: 1, max: 6 }),
        (a, b, places) => {
          const scale = 10n ** BigInt(places);
          const rounded = (2n * BigInt(a) * scale + BigInt(b)) / (2n * BigInt(b));
          const decimal = (value: bigint) =>
            `${value / scale}.${(value % scale).toString().padStart(places, '0')}`;
          expect(findEquations(`${a} / ${b} = ${decimal(rounded)}`)[0]?.verdict).toBe('holds');
          expect(findEquations(`${a} / ${b} = ${decimal(rounded + 2n)}`)[0]?.verdict).not.toBe('holds');
        },
      ),
    );
  });

  it('gives exact places, in order, apart or nested, whatever the text', () => {
    const pieces = fc.constantFrom(
      ...'0 1 2 12 3.5 .5 1,200 + - * / ^ ** x = == ≈ ( ) [ ] { } % $ of and eggs km << >> <<1+1=2>> <<2=3>> ½ ² × ÷ , . : ? ! \n \\frac \\times \\text{ \\$ \\\\ & _ 🎉 y hour minutes'.split(
        ' ',
      ),
      ' ',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const text = parts.join('');
        const equations = findEquations(text);
        for (const [index, { start, end, text: slice }] of equations.entries()) {
          expect(text.slice(start, end)).toBe(slice);
          expect(start).toBeLessThan(end);
          const before = equations[index - 1];
          if (before === undefined) continue;
          expect(before.end).toBeLessThanOrEqual(end);
          const inside = before.start >= start && before.text.startsWith('<<');
          expect(inside || before.end <= start).toBe(true);
        }
        expect(findEquations(text)).toEqual(equations);
      }),
      { numRuns: 3000 },
    );
  });

  it('reads any characters without failing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(findEquations(`${text} = ${text}`).every((equation) => equation.text.length > 0)).toBe(true);
      }),
    );
  });
});

describe('findEquations on hostile input', () => {
  const million = 1_000_000;
  const repeated = (piece: string) => piece.repeat(Math.ceil(million / piece.length)).slice(0, million);
  it.each([
    ['digits', `${repeated('7')} = 1`],
    ['groups of digits', `${repeated('1,234')} = 1`],
    ['odd numbers', `${repeated('1.2:3,')} = 1`],
    ['open parentheses', `${repeated('(')} = 1`],
    ['nested parentheses', `${'('.repeat(million / 2)}1${')'.repeat(million / 2)} = 1`],
    ['relations', repeated('=')],
    ['numbers and relations', repeated('1=')],
    ['powers', `${repeated('9^')}9 = 1`],
    ['signs', `${repeated('-')}1 = 1`],
    ['spaced signs', `${repeated('- ')}1 = 1`],
    ['growing fractions', repeated('1/3+1/7*1/11-')],
    ['unclosed annotations', repeated('<<1=')],
    ['closed annotations', repeated('<<1=1>>')],
    ['words', `${repeated('word ')}= 1`],
    ['units', repeated('5 km * ')],
    ['one word', `${repeated('a')} = 1`],
    ['hyphens', `${repeated('a-')} = 1`],
    ['line breaks', `5${'\n'.repeat(million)}= 5`],
    ['spaces', `5${repeated(' ')}= 5`],
    ['factorials', `${repeated('5! ')}= 5`],
    ['unclosed text groups', repeated('\\text{a')],
    ['fractions in LaTeX', `${repeated('\\frac{1}{2}')} = 1`],
    ['nested fractions', `${repeated('\\frac{')}1 = 1`],
    ['products of large powers', repeated('(2^200)*(3^100)=')],
    ['percentages', repeated('5% of ')],
  ])('takes linear time: 1 MB of %s', (_name, text) => {
    const before = process.cpuUsage().user;
    const equations = findEquations(text);
    const seconds = (process.cpuUsage().user - before) / 1e6;
    // About 1 s for the slowest on one core; anything quadratic takes minutes.
    expect(seconds).toBeLessThan(15);
    expect(equations.every(({ explanation }) => explanation.length < 400)).toBe(true);
  });
});
