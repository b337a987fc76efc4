// `.steps` documents: what is written is read back, whatever the texts hold; and documents edited by hand.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSteps, readStepsTrace, writeSteps } from '../../../server/src/datasets/stepsText.ts';
import type { Step, Trace } from '../../../server/src/datasets/trace.ts';

const pieces = fc.constantFrom(
  ...['[+]', '[-]', '[0]', '[ ]', '[+ 0.5]', '[x]', '[', ']', '\n', '\n\n', ' ', '  ', '\t', '\\', '#### 72'],
  ...[
    'Step 3:',
    'Step 3: ',
    'Problem:',
    'Problem: ',
    'a',
    '1 + 1 = 2',
    '\u00a0',
    '\u2028',
    '🧮',
    '- ',
    '3. ',
  ],
);
const text = fc.oneof(
  fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme' }),
);
const lineEnds = (given: string): string => given.replace(/\r\n?/g, '\n');

const step: fc.Arbitrary<Step> = fc.record(
  {
    text: text.map(lineEnds),
    label: fc.constantFrom('correct', 'incorrect', 'neutral', 'unlabelled'),
    soft: fc.double({ min: 0, max: 1, noNaN: true }).map(Math.abs),
  },
  { requiredKeys: ['text', 'label'] },
);
const trace: fc.Arbitrary<Trace> = fc.record({
  problem: text.map((given) => lineEnds(given).trim()),
  steps: fc.array(step, { minLength: 1, maxLength: 5 }),
});

describe('what is written', () => {
  it('is read back to the letter', () => {
    fc.assert(
      fc.property(trace, (given) => {
        expect(readStepsTrace(writeSteps(given))).toEqual(given);
      }),
      { numRuns: 2000 },
    );
  });

  it('is read back where an editor took white space off the line ends', () => {
    const plain = fc.array(
      fc.record({
        text: text.map((given) =>
          lineEnds(given)
            .split('\n')
            .map((line) => line.trimEnd())
            .join('\n')
            .trim(),
        ),
        label: fc.constantFrom<Step['label']>('correct', 'incorrect', 'neutral'),
      }),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(plain, (steps) => {
        const document = writeSteps({ problem: 'p', steps });
        const trimmed = document
          .split('\n')
          .map((line) => line.replace(/[ \t]+$/, ''))
          .join('\r\n');
        expect(readStepsTrace(trimmed)?.steps).toEqual(steps);
      }),
    );
  });

  it('reads like a document', () => {
    const written = writeSteps({
      problem: 'How many?\n\nRound down.',
      steps: [
        { text: '48/2 = 24', label: 'correct' },
        { text: 'a\n\nb', label: 'incorrect' },
        { text: '', label: 'neutral' },
        { text: 'soft', label: 'correct', soft: 0.75 },
        { text: 'x in [0]', label: 'unlabelled' },
        { text: '#### 24', label: 'unlabelled' },
      ],
    });
    expect(written).toBe(
      [
        'Problem: How many?',
        '',
        '  Round down.',
        '',
        'Step 1: 48/2 = 24 [+]',
        'Step 2: a',
        '',
        '  b [-]',
        'Step 3: [0]',
        'Step 4: soft [+ 0.75]',
        'Step 5: x in [0] [ ]',
        'Step 6: #### 24',
        '',
      ].join('\n'),
    );
  });
});

describe('places', () => {
  it('are those of the texts and the marks', () => {
    const document = 'Problem: How?\r\n\r\nStep 1:  one\r\n  two [-]\r\nStep 2: x [nope]\r\nStep 3: [+]';
    const { problem, steps } = readSteps(document) ?? { steps: [] };
    const cut = (place: { start: number; end: number } | undefined): string | undefined =>
      place && document.slice(place.start, place.end);
    expect(cut(problem)).toBe('How?');
    expect(steps.map(cut)).toEqual(['one\r\n  two', 'x [nope]', '']);
    expect(steps.map(({ text: read }) => read)).toEqual([' one\ntwo', 'x [nope]', '']);
    expect(steps.map(({ mark }) => cut(mark))).toEqual(['[-]', undefined, '[+]']);
    expect(steps.map(({ unknownMark }) => cut(unknownMark))).toEqual([undefined, '[nope]', undefined]);
  });

  it('never lie outside or overlap, whatever the document', () => {
    const line = fc.constantFrom('Step 1:', 'Problem:', '  x', ' [+]', '', '   ', 'Step 2: y [-]', '\tz [?]');
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), (lines, newline) => {
        const document = lines.join(newline);
        let last = 0;
        for (const { start, end, mark } of readSteps(document)?.steps ?? []) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThanOrEqual(start);
          last = end;
          if (mark === undefined) continue;
          expect(mark.start).toBeGreaterThanOrEqual(last);
          expect(document.slice(mark.start, mark.end)).toMatch(/^\[.\]$/);
          last = mark.end;
        }
        expect(document.length).toBeGreaterThanOrEqual(last);
      }),
    );
  });
});

describe('a document by hand', () => {
  it.each([
    ['text that is not indented', 'Step 1: a\nb'],
    ['an indented line first', '  a\nStep 1: b'],
    ['no step', 'Problem: a'],
    ['nothing', ''],
    ['two problems', 'Problem: a\nStep 1: b\nProblem: c'],
  ])('with %s is written freely', (_, document) => {
    expect(readSteps(document)).toBeUndefined();
  });

  it.each([
    ['[?]', true],
    ['[correct]', true],
    ['[1]', true],
    ['[-1]', true],
    ['[✓]', true],
    ['[+ 7]', true],
    ['[+0.5]', true],
    ['[12]', false],
    ['[2, 5]', false],
    ['x[i]', false],
    ['[see above]', false],
    ['[ ]', false],
    ['[0 0.5]', false],
  ])('that ends a step with %s: someone meant a label? %s', (end, isUnknown) => {
    expect(readSteps(`Step 1: a ${end}`)?.steps[0]?.unknownMark !== undefined).toBe(isUnknown);
  });
});
