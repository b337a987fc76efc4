// The hover on a row: bounded, and nothing in a dataset's text becomes anything but text.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Step } from '../../../../server/src/datasets/trace.ts';
import { describeRow } from '../../../../server/src/language/rows/rowHover.ts';

function hover(problem: string, steps: Step[], current?: number, answer?: string): string {
  const firstError = steps.findIndex(({ label }) => label === 'incorrect');
  const path = { trace: { problem, steps }, firstError: firstError === -1 ? null : firstError, places: [] };
  return describeRow({ title: 'Row 1, TRL stepwise', path, pathIndex: 0, pathCount: 1, current, answer });
}

it('tells the row, the labels, the first wrong step and the equations', () => {
  const steps: Step[] = [
    { text: '1 + 1 = 2', label: 'correct' },
    { text: '2 + 2 = 5', label: 'incorrect' },
    { text: '#### 5', label: 'neutral', soft: 0.5 },
    { text: '', label: 'unlabelled' },
  ];
  expect(hover('How many?', steps, 2, '4')).toBe(
    [
      'Row 1\\, TRL stepwise · 4 steps · first wrong step 2',
      'How many\\?',
      [
        '- ✓ 1: 1 \\+ 1 \\= 2',
        '- ✗ ◀ 2: 2 \\+ 2 \\= 5',
        '  - ✗ 2 \\+ 2 \\= 5 fails\\: the left side is 4',
        '- **~ soft 0.50 3: \\#\\#\\#\\# 5** (neutral (soft label 0.5000))',
        '- · 4: (empty)',
      ].join('\n'),
      'Reference answer: 4',
    ].join('\n\n'),
  );
});

describe('text of a dataset', () => {
  const INJECTIONS = [
    '[run](command:prm.restartServer)',
    '![x](https://example.com/x.png)',
    '<img src=x onerror=alert(1)>',
    '<a href="command:x">y</a>',
    '<!-- x -->',
    'https://example.com www.example.com a@example.com',
    '**bold** __bold__ *i* _i_ ~~s~~',
    '`code` ```js',
    '# heading\n\nsetext\n===\n\n- list\n\n---\n\n> quote',
    '| a | b |\n|---|---|\n| c | d |',
    '&lt;b&gt; &#60;i&#62;',
    '$(alert) $x$',
    '[a]: https://example.com\n\n[a]',
    '\\[x](command:y)',
    '\\\\*x*',
    '** ](command:x) **',
    '\u202E[x](command:y)',
  ];

  it.each(INJECTIONS)('%j stays text', (injection) => {
    const text = hover(injection, [{ text: injection, label: 'correct' }], 0, injection);
    const own = text
      .replaceAll(/\\[!-/:-@[-`{-~]/g, '')
      .replace(/^Row 1 TRL stepwise/, '')
      .replaceAll('(correct)', '');
    // What is left unescaped is what the hover itself writes: a list's dash, bold, its middle dots.
    expect(own).not.toMatch(/[<>[\]`_~|&$#@!]/);
    expect(own.match(/\*+/g)).toEqual(['**', '**']);
    expect(own).not.toMatch(/\w[.:]\w/);
  });

  it('never begins a line that the hover did not begin', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 8 }), fc.string(), (problem, step) => {
        const lines = hover(problem, [{ text: step, label: 'correct' }]).split('\n');
        expect(lines[0]).toBe('Row 1\\, TRL stepwise · 1 step · no wrong step');
        expect(lines.filter((line) => line !== '').length).toBeLessThanOrEqual(3 + 7);
        expect(lines.join('')).not.toContain('\r');
      }),
    );
  });

  it('is cut, whatever its length, and whatever the number of steps', () => {
    const long = '1 + 1 = 3 **'.repeat(100_000);
    const steps = Array.from({ length: 100_000 }, (): Step => ({ text: long, label: 'incorrect' }));
    const start = performance.now();
    const text = hover(long, steps, 50_000, long);
    expect(performance.now() - start).toBeLessThan(3000);
    expect(text.length).toBeLessThan(60_000);
    expect(text).toContain('- … 49,995 steps before');
    expect(text).toContain('50001: ');
    expect(text).toContain('- … 49,993 steps more');
  });
});
