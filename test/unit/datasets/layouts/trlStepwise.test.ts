// TRL's stepwise layout in both readings, with labels of every kind.
import { describe, expect, it } from 'vitest';
import { trlReader } from '../../../../server/src/datasets/layouts/trlStepwise.ts';
import { LAYOUT_DEFAULTS } from '../../../../server/src/datasets/layouts/layout.ts';
import { fixture, labelCounts, mainPath, read, readRow, signs } from './reading.ts';

const row = {
  prompt: '<|user|>\nWhat is 1 + 1?<|end|>\n<|assistant|>\n',
  completions: ['1 + 1 = 2', ' ', '#### 2 '],
  labels: [true, true, false],
};

describe('trl-stepwise', () => {
  it('reads completions as steps and takes the wrapper off', () => {
    expect(readRow('trl-stepwise', row)).toEqual({
      problem: 'What is 1 + 1?',
      wrapper: 'Phi',
      answer: undefined,
      id: undefined,
      emptySteps: 1,
      traces: [
        {
          problem: 'What is 1 + 1?',
          steps: [
            { text: '1 + 1 = 2', label: 'correct' },
            { text: '', label: 'correct' },
            { text: '#### 2', label: 'incorrect' },
          ],
        },
      ],
    });
  });

  it.each([
    ['18', '18'],
    [18, '18'],
    [0.5, '0.5'],
    [' ', undefined],
    [null, undefined],
  ])('takes the answer %j for a reference', (answer, reference) => {
    expect(readRow('trl-stepwise', { ...row, answer }).answer).toBe(reference);
  });

  it('reads completions as attempts: their lines are the steps, each with the label of its attempt', () => {
    const { traces, emptySteps } = readRow(
      'trl-stepwise',
      { ...row, completions: ['a\n\nb', 'c', '\n'], labels: [1, 0, 1] },
      { completions: 'attempts' },
    );
    expect(traces.map(({ steps }) => steps.map(({ text, label }) => `${text}: ${label}`))).toEqual([
      ['a: correct', 'b: correct'],
      ['c: incorrect'],
    ]);
    expect(emptySteps).toBe(3);
  });

  it('keeps shares strictly between 0 and 1', () => {
    const labels = [1, 0.75, 0.5, 0.25, 0, null, '+', 'wrong', 1n];
    const { steps } = mainPath('trl-stepwise', { ...row, completions: labels.map(String), labels });
    expect(signs({ problem: '', steps })).toBe('++0--.+-+');
    expect(steps.map(({ soft }) => soft)).toEqual([
      undefined,
      0.75,
      0.5,
      0.25,
      ...Array<undefined>(5).fill(undefined),
    ]);
  });

  it('counts the real rows', () => {
    expect(labelCounts('trl-stepwise', fixture('stepwise/reading-steps.jsonl'))).toEqual({
      traces: 40,
      correct: 143,
      incorrect: 41,
    });
  });

  it.each([
    [{ ...row, prompt: undefined }, '`prompt` is missing', undefined, undefined],
    [{ ...row, prompt: 3 }, '`prompt` is neither text nor chat messages', '3', ['prompt']],
    [{ ...row, prompt: ' ' }, 'the problem is empty', undefined, ['prompt']],
    [{ ...row, completions: 'a' }, '`completions` is no list', '"a"', ['completions']],
    [{ ...row, labels: {} }, '`labels` is no list', '{}', ['labels']],
    [{ ...row, labels: [true] }, 'lists of different length', '3 completions, 1 labels', ['labels']],
    [{ ...row, completions: [], labels: [] }, 'no steps', undefined, ['completions']],
    [{ ...row, completions: ['a', 1, 'b'] }, 'a completion is no text', 'number 2: 1', ['completions', 1]],
    [{ ...row, labels: [true, 'maybe', 1] }, 'unknown label', 'number 2: "maybe"', ['labels', 1]],
    [{ ...row, completions: ['', ' ', '\n'] }, 'all steps are empty', undefined, undefined],
  ])('says what is wrong and where %#', (fields, reason, detail, place) => {
    expect(read('trl-stepwise', fields)).toEqual({
      reason,
      ...(detail === undefined ? {} : { detail }),
      ...(place === undefined ? {} : { place }),
    });
  });

  it('shows each row that can be used before it is read', () => {
    const seen: number[] = [];
    const reader = trlReader(LAYOUT_DEFAULTS, ({ completions }) => {
      seen.push(completions.length);
    });
    reader(row);
    reader({ ...row, labels: [] });
    expect(seen).toEqual([3]);
  });
});
