import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, readNumbers } from '../../../../server/src/generation/corruption/calculation.ts';

/** What the places of each term say, from the text itself. */
function read(text: string) {
  const said = (places: readonly { start: number; end: number }[]) =>
    places.map(({ start, end }) => text.slice(start, end));
  const { calculations, mentions } = readNumbers(text);
  return {
    calculations: calculations.map(({ operands, signs, result }) => ({
      operands: operands.map(({ places }) => said(places)),
      signs: signs.map(({ places }) => said(places)),
      result: said(result.places),
    })),
    mentions: said(mentions),
  };
}

describe('readNumbers', () => {
  it('finds an annotation, and the same in the words around it', () => {
    expect(read('She sold 48 clips / 2 = $<<48/2=24>>24 in 1 month.')).toEqual({
      calculations: [
        {
          operands: [
            ['48', '48'],
            ['2', '2'],
          ],
          signs: [['/', '/']],
          result: ['24', '24'],
        },
      ],
      mentions: ['1'],
    });
  });

  it('does not tie words to an annotation that say something else', () => {
    expect(read('Half of 48 is <<48/2=24>>24.').calculations).toEqual([
      { operands: [['48'], ['2']], signs: [['/']], result: ['24', '24'] },
    ]);
  });

  it('reads calculations without an annotation', () => {
    expect(read('So $1,200 - 2 x (3 + .5) = $1,193 are left.').calculations).toEqual([
      {
        operands: [['1,200'], ['2'], ['3'], ['.5']],
        signs: [['-'], ['x'], ['+']],
        result: ['1,193'],
      },
    ]);
  });

  it.each([
    ['what does not add up', '48 / 2 = <<48/2=25>>25'],
    ['what goes on behind the result', '2 + 3 = 5 + 1'],
    ['an expression that is not whole', '(2 + 3 = 5'],
    ['a variable', '2 + x = 5'],
    ['a lone number', 'total = 5'],
    ['a percentage', '20% * 5 = 1'],
  ])('leaves out %s', (_, text) => {
    expect(read(text).calculations).toEqual([]);
  });

  it('takes numbers only where they stand alone', () => {
    expect(read('The 3rd of 12 in CO2, v1.2.3, 1,2 and x2: 4x5 kg, 7 8.').mentions).toEqual([
      '12',
      '4',
      '5',
      '7',
      '8',
    ]);
  });

  it.each([
    ['So he played 14*20=140 minutes', true],
    ['He made $4200+$3000 = $8600', true],
    ['Half of it is <<48/2=12>>12', true],
    ['It took 20 / 240 = 8.33 percent', false],
    ['On each day 5 / 3 = 1.67 hours', false],
    ['As $2^3 + 1 = 9$, it is 9', false],
    ['Thus, 6/3=.5 hour', true],
    ['As 5 x 1/2 = 10 halves', true],
    ['It costs 1152/ 1,536 = .5', true],
    ['It is 1/3 = .33 of them', false],
    ['So 7 / 2 = 4 boxes', false],
    ['As 3 / 1 = 1 dollar', true],
    ['He is 60 / 3/4 = 80 years old', false],
    ['As 12 x 1 and 1/4 = 15 cups', false],
    ['Day 4:2(50+100+120)=540', false],
    ['He uses 600 x 30 = 18 000 watts', false],
    ['In thousands it is 5 * 3 = $15,000', false],
    ['He leaves 0900-0130 = 0730 hours', false],
  ])('knows an equation that is far off: %s', (text, wrong) => {
    expect(readNumbers(text).wrong).toBe(wrong);
  });

  it('reads times of day and ratios as no numbers', () => {
    expect(read("From 8:20 to 11 a.m. and 9pm, 3:5, 0730, 1'200, but 5 amazing 4 pm.").mentions).toEqual([
      '5',
    ]);
    expect(read('She comes home at 4 pm').mentions).toEqual([]);
  });

  it.each(['Step 12: 7 days', '12. It takes 7 days', '(12) In 7 days', '## Step 12: 7 days'])(
    'does not read the number of a step: %s',
    (text) => {
      expect(read(text).mentions).toEqual(['7']);
    },
  );

  it('reads the signs of LaTeX, and equations that name their result', () => {
    expect(read('So $x = 3 \\times 4 \\cdot\\,5 \\div 2 = 30$ and \\$4 + \\$5 = \\$9.').calculations).toEqual(
      [
        {
          operands: [['3'], ['4'], ['5'], ['2']],
          signs: [['\\times'], ['\\cdot'], ['\\div']],
          result: ['30'],
        },
        { operands: [['4'], ['5']], signs: [['+']], result: ['9'] },
      ],
    );
  });

  it('evaluates as JavaScript does', () => {
    const sign = fc.constantFrom('+', '-', '*');
    const number = fc.integer({ min: 1, max: 99 }).map(String);
    const { expression } = fc.letrec<{ expression: string; whole: string }>((tie) => ({
      whole: fc.oneof(
        { maxDepth: 3 },
        number,
        tie('expression').map((inner) => `(${inner})`),
      ),
      // Divided by numbers only: by 0, JavaScript goes on with Infinity.
      expression: fc
        .oneof(fc.tuple(tie('whole'), sign, tie('whole')), fc.tuple(tie('whole'), fc.constant('/'), number))
        .map((parts) => parts.join(' ')),
    }));
    fc.assert(
      fc.property(expression, (text) => {
        const value = Number(runInNewContext(text));
        if (!(value >= 0) || value > 1e9 || String(value).includes('e')) return;
        const [calculation] = readNumbers(`${text} = ${value}`).calculations;
        // "-0" is written as 0.
        expect(calculation?.result.value).toBe(value + 0);
        if (calculation === undefined) return;
        const { infix, operands, signs } = calculation;
        const again = evaluate(
          infix,
          operands.map((term) => term.value),
          signs.map((term) => term.value),
        );
        expect(again).toBeCloseTo(value, 6);
      }),
    );
  });

  it('reads any text without failing, and places lie inside it', () => {
    const texts = fc.string({
      unit: fc.constantFrom('1', '2', '.', ',', '+', '=', '<', '>', '(', ')', 'x', ' ', 'é', '$'),
    });
    fc.assert(
      fc.property(texts, (text) => {
        const { calculations, mentions } = readNumbers(text);
        const places = [
          ...mentions,
          ...calculations.flatMap(({ operands, result }) =>
            [...operands, result].flatMap((term) => term.places),
          ),
        ];
        for (const { start, end } of places) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeLessThanOrEqual(text.length);
          expect(text.slice(start, end)).toMatch(/^[\d.,]*\d$/);
        }
      }),
    );
  });
});
