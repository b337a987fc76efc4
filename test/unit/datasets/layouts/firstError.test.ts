// Layouts that only say where a solution first goes wrong: ProcessBench, BIG-Bench-Mistake, MR-GSM8K and Mr-Ben.
import { describe, expect, it } from 'vitest';
import type { LayoutName } from '../../../../protocol/src/datasets.ts';
import { fixture, labelCounts, mainPath, read, readRow, signs } from './reading.ts';

const paths = (layout: LayoutName, name: string): string[] =>
  fixture(name).map((row) => signs(mainPath(layout, row)));

describe('processbench', () => {
  it('counts the first wrong step from 0; -1 is none; a right final answer changes nothing', () => {
    expect(paths('processbench', 'written-here/processbench.jsonl')).toEqual(['+-.', '++', '-.']);
  });

  it('reads real solutions whose first error people marked', () => {
    const rows = fixture('mr-gsm8k/first-error-8-rows.jsonl');
    expect(rows.map((row) => signs(mainPath('processbench', row)))).toEqual([
      '-...',
      '-..',
      '+-..',
      '+-...',
      '++-.',
      '+-..',
      '-....',
      '-...',
    ]);
    const { problem, id, traces } = readRow('processbench', rows[0] ?? {});
    expect(problem).toMatch(/^Bob is 75 miles ahead of Tom/);
    expect(id).toBe('bd29bebd-0d3a-4700-90be-23c0c4c4e96c');
    expect(traces[0]?.steps[3]?.text).toBe('Step 4: #### 2.8');
  });

  it('labels the steps behind the error where told', () => {
    const row = { problem: 'P', steps: ['a', 'b', 'c'], label: 1n };
    expect(signs(mainPath('processbench', row))).toBe('+-.');
    expect(signs(mainPath('processbench', row, { afterError: 'incorrect' }))).toBe('+--');
  });

  it.each([
    [{ label: 3 }, '`label` is no step (0 is the first) and not -1', '3, with 3 steps', ['label']],
    [{ label: -2 }, '`label` is no step (0 is the first) and not -1', '-2, with 3 steps', ['label']],
    [{ label: 0.5 }, '`label` is no step (0 is the first) and not -1', '0.5, with 3 steps', ['label']],
    [{ steps: [] }, 'no steps', undefined, ['steps']],
    [{ steps: ['a', null] }, 'a step is no text', 'number 2: null', ['steps', 1]],
  ])('says what is wrong and where %#', (change, reason, detail, place) => {
    expect(read('processbench', { problem: 'P', steps: ['a', 'b', 'c'], label: 0, ...change })).toEqual({
      reason,
      ...(detail === undefined ? {} : { detail }),
      place,
    });
  });
});

describe('bigbench-mistake', () => {
  it('counts the mistake from 0; null is none', () => {
    const rows = fixture('bigbench-mistake/8-rows.jsonl');
    expect(rows.map((row) => signs(mainPath('bigbench-mistake', row)))).toEqual([
      '+++-.',
      '++++',
      '++-.',
      '+-..',
      '++++-.',
      '+++-.',
      '++-...',
      '+-..',
    ]);
    expect(labelCounts('bigbench-mistake', rows)).toEqual({
      traces: 8,
      correct: 20,
      incorrect: 7,
      unlabelled: 11,
    });
    expect(readRow('bigbench-mistake', rows[0] ?? {})).toMatchObject({
      problem: '(((-9 - 5 - 0) - (4 + 3 + -5)) - ((3 * 4 * 5) * (7 - -7 * 4))) =',
      answer: '-2116',
    });
  });

  it('refuses a mistake outside the steps', () => {
    expect(read('bigbench-mistake', { input: 'P', steps: ['a'], mistake_index: 1 })).toEqual({
      reason: '`mistake_index` is no step (0 is the first) and not null',
      detail: '1, with 1 steps',
      place: ['mistake_index'],
    });
  });
});

describe('mr-gsm8k', () => {
  it('counts the first error from 1; "N/A" is none', () => {
    expect(paths('mr-gsm8k', 'written-here/mr-gsm8k.jsonl')).toEqual(['+-.', '++']);
    expect(readRow('mr-gsm8k', fixture('written-here/mr-gsm8k.jsonl')[0] ?? {})).toMatchObject({
      answer: '5',
      id: 'u-1',
    });
  });

  it('reads Mr-Ben, whose steps are one text and whose numbers are texts', () => {
    const [row = {}] = fixture('written-here/mr-ben.jsonl');
    const main = mainPath('mr-gsm8k', row);
    expect(main.steps).toEqual([
      { text: 'Step 1: 10 - 3 = 7.\nThat is clear.', label: 'correct' },
      { text: 'Step 2: 7 - 2 = 4.', label: 'incorrect' },
      { text: 'Step 3: So A.', label: 'unlabelled' },
    ]);
  });

  it('labels nothing where the solution is wrong and no step is named', () => {
    const row = {
      question: 'P',
      model_output_steps: 'a\nb',
      model_output_solution_first_error_step: 'N/A',
      model_output_solution_correctness: 'incorrect',
    };
    expect(signs(mainPath('mr-gsm8k', row))).toBe('..');
    expect(signs(mainPath('mr-gsm8k', { ...row, model_output_solution_correctness: 'correct' }))).toBe('++');
  });

  it.each([0, '4', 'second', 1.5])('refuses %j as the first wrong step of three', (value) => {
    const place = ['model_output_solution_first_error_step'];
    const row = { question: 'P', model_output_steps: ['a', 'b', 'c'], [String(place[0])]: value };
    expect(read('mr-gsm8k', row)).toMatchObject({ place, detail: `${JSON.stringify(value)}, with 3 steps` });
  });
});
