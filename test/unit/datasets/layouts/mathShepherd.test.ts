// Math-Shepherd: the published rows, and its traps.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixture, labelCounts, mainPath, read, readRow, signs } from './reading.ts';

const rows = fixture('math-shepherd/7-rows.jsonl');
const row = (input: string, label: string): { input: string; label: string } => ({ input, label });

describe('math-shepherd', () => {
  it('reads the published rows', () => {
    const [first] = rows;
    const { problem, traces } = readRow('math-shepherd', first ?? {});
    expect(problem).toBe(
      'Janet pays $40/hour for 3 hours per week of clarinet lessons and $28/hour for 5 hours a week of piano ' +
        'lessons. How much more does she spend on piano lessons than clarinet lessons in a year?',
    );
    expect(traces[0]?.steps[1]).toEqual({
      text: 'She spends 40 * 3 = <<40*3=120>>120 on clarinet lessons per week.',
      label: 'correct',
    });
    expect(rows.map((one) => signs(mainPath('math-shepherd', one)))).toEqual([
      '++++-',
      '---',
      '--',
      '-----',
      '+----',
      '--',
      '---',
    ]);
    expect(labelCounts('math-shepherd', rows)).toEqual({ traces: 7, correct: 5, incorrect: 20 });
  });

  it('is not misled by signs in the text', () => {
    const main = mainPath(
      'math-shepherd',
      row('P + 1 - 2? Step 1: 1 + 2 - 3 ки\nStep 2: - + ки', 'P + 1 - 2? Step 1: 1 + 2 - 3 -\nStep 2: - + +'),
    );
    expect(main).toEqual({
      problem: 'P + 1 - 2?',
      steps: [
        { text: '1 + 2 - 3', label: 'incorrect' },
        { text: '- +', label: 'correct' },
      ],
    });
  });

  it('ignores labels inside the problem', () => {
    const main = mainPath('math-shepherd', row('Add ки 1 and 2. Step 1: 3 ки', 'Add - 1 and 2. Step 1: 3 +'));
    expect(main).toEqual({ problem: 'Add  1 and 2.', steps: [{ text: '3', label: 'correct' }] });
  });

  it('begins at the last `Step 1:`, since a problem may speak of steps', () => {
    const main = mainPath(
      'math-shepherd',
      row(
        'Given Step 1: mix. What next? Step 1: stir ки\nStep 2: eat ки',
        'Given Step 1: mix. What next? Step 1: stir +\nStep 2: eat -',
      ),
    );
    expect(main.problem).toBe('Given Step 1: mix. What next?');
    expect(main.steps.map(({ text }) => text)).toEqual(['stir', 'eat']);
  });

  it('keeps the numbers where they are not the layout’s own', () => {
    const main = mainPath(
      'math-shepherd',
      row('P? Step 1: a ки\nStep 3: b ки', 'P? Step 1: a +\nStep 3: b +'),
    );
    expect(main.steps.map(({ text }) => text)).toEqual(['Step 1: a', 'Step 3: b']);
  });

  it.each([
    ['P? Step 2: a ки', 'P?', 'Step 2: a'],
    ['P. More of it.\n\na\nb ки', 'P. More of it.', 'a\nb'],
    ['P.\na ки', 'P.', 'a'],
    ['How many? I count. 3 ки', 'How many?', 'I count. 3'],
  ])('finds the first step without `Step 1:` in %j', (input, problem, text) => {
    const main = mainPath('math-shepherd', row(input, input.replace('ки', '+')));
    expect(main).toEqual({ problem, steps: [{ text, label: 'correct' }] });
  });

  it('keeps the text behind the last tag as a step without a label', () => {
    const main = mainPath('math-shepherd', row('P? Step 1: a ки\nStep 2: b', 'P? Step 1: a +\nStep 2: b'));
    expect(main.steps).toEqual([
      { text: 'a', label: 'correct' },
      { text: 'b', label: 'unlabelled' },
    ]);
  });

  it.each([
    [row('P? Step 1: a', 'P? Step 1: a'), 'no step tag (ки) in `input`', ['input']],
    [row('P? Step 1: a ки', 'P? Step 1: b +'), '`input` and `label` are different texts', ['label']],
    [row('P? Step 1: a ки', 'P? Step 1: a '), 'unknown label', ['label']],
    [row('P? Step 1: a ки', 'P? Step 1: a + b'), '`input` and `label` are different texts', ['label']],
    [row('P? Step 1: a ки', 'P? Step 1: a ки'), 'unknown label', ['label']],
    [row('nothing tells ки', 'nothing tells +'), 'nothing tells the problem from the first step', ['input']],
    [row('Step 1: a ки', 'Step 1: a +'), 'the problem is empty', ['input']],
  ])('says what is wrong and where %#', (fields, reason, place) => {
    expect(read('math-shepherd', fields)).toMatchObject({ reason, place });
  });

  it('gives back what was written in the layout', () => {
    const word = fc.stringMatching(/^[a-z+\-.:1-9]{1,6}$/);
    const line = fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(line, fc.array(fc.tuple(line, fc.boolean()), { minLength: 1 }), (problem, steps) => {
        const write = (tag: (correct: boolean) => string): string =>
          `${problem} ${steps.map(([text, correct], index) => `Step ${index + 1}: ${text} ${tag(correct)}`).join('\n')}`;
        const main = mainPath(
          'math-shepherd',
          row(
            write(() => 'ки'),
            write((correct) => (correct ? '+' : '-')),
          ),
        );
        expect(main).toEqual({
          problem,
          steps: steps.map(([text, correct]) => ({ text, label: correct ? 'correct' : 'incorrect' })),
        });
      }),
    );
  });
});
