import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { segmentsOf } from '../../../webview/src/dataset/trace/segments.ts';

/** The formulas of a text; displayed ones in brackets. */
function formulas(text: string): string[] {
  return segmentsOf(text).flatMap(({ formula }) =>
    formula === undefined ? [] : [formula.display ? `[${formula.tex}]` : formula.tex],
  );
}

describe('formulas in a text', () => {
  it.each([
    ['$x$', ['x']],
    ['so $p=0.29$.', ['p=0.29']],
    ['Let $a,$ $b,$ and $c$ be', ['a,', 'b,', 'c']],
    ['cost $\\$1.24$. Five', ['\\$1.24']],
    ['get: $$2^a+2^{2b}=328.$$', ['[2^a+2^{2b}=328.]']],
    ['if \\(x < -4\\) or \\(|x-25| \\le 1\\)', ['x < -4', '|x-25| \\le 1']],
    ['\\[\\frac{a}{b}\\]is true', ['[\\frac{a}{b}]']],
    ['\\begin{align*}a&=b\\end{align*} then', ['[\\begin{align*}a&=b\\end{align*}]']],
    ['has $5x + 3$ apples', ['5x + 3']],
    ['$12 \\text{ apples for each}$', ['12 \\text{ apples for each}']],
    ['a circle of radius $5 cm$', ['5 cm']],
    ['$a$b$c$', ['a', 'c']],
  ])('finds them: %s', (text, found) => {
    expect(formulas(text)).toEqual(found);
  });

  it.each([
    'She pays $5 and $6.',
    '$5',
    'a pencil costs $0.29.',
    'They cost $5/$6 each',
    '$20 - $5 = $15',
    'He makes $48+$24=$72',
    '10$/hour and 20$',
    '$5 for each of the 3$',
    'pay \\$5 and \\$6',
    '$ x $',
    '$$',
    '$$ $$',
    '\\( \\)',
    '\\(never closed',
    '\\[never closed \\)',
    '\\\\(not a formula\\\\)',
    'a $paragraph\n\nends$ it',
    '\\begin{align*}never closed',
    '\\begin{tabular}{c}a\\end{tabular}',
    `$${'x'.repeat(3000)}$`,
  ])('leaves text alone: %s', (text) => {
    expect(formulas(text)).toEqual([]);
  });

  it('covers every text from end to end, without gaps', () => {
    const parts = fc.constantFrom(
      '$',
      '$$',
      '\\(',
      '\\)',
      '\\[',
      '\\]',
      '\\',
      '5',
      'x',
      ' ',
      '\n',
      'and',
      '{',
      '}',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        const segments = segmentsOf(text);
        expect(segments.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
        expect(segments.every(({ start, end }) => start < end)).toBe(true);
      }),
    );
  });

  it('takes no time that grows with the square of the text', () => {
    for (const part of ['$x', '\\(', '\\[x', '$$x', '\\begin{align}']) {
      const text = part.repeat(20_000 / part.length);
      const started = performance.now();
      segmentsOf(text);
      expect(performance.now() - started).toBeLessThan(500);
    }
  });

  it('draws no more than some hundred formulas of one text', () => {
    expect(formulas('$x$ '.repeat(5000))).toHaveLength(300);
  });
});
