// One row as a trace, and as a text of its own.
import { describe, expect, it } from 'vitest';
import type { Layout, LayoutRow } from '../../../../server/src/datasets/layouts/layout.ts';
import { openLayout } from '../../../../server/src/datasets/layouts/recognise.ts';
import { rowText } from '../../../../server/src/datasets/query/rowText.ts';
import { traceViewOf } from '../../../../server/src/datasets/query/traceView.ts';
import type { SourceRow } from '../../../../server/src/datasets/rowSource.ts';
import { readStepsTrace } from '../../../../server/src/datasets/stepsText.ts';
import { PrmError } from '../../../../server/src/support/errors.ts';

const row: SourceRow = {
  number: 5,
  fields: {
    prompt: '<|user|>\nHow many clips?<|end|>\n<|assistant|>\n',
    completions: ['48/2 = 24 clips', '48 + 24 = 73', 'So 73.\nThat is all.'],
    labels: [true, false, null],
  },
};
const { read } = openLayout([row]);

type Reader = ReturnType<Layout['reader']>;

function paths(count: number, steps: number): Reader {
  const layoutRow: LayoutRow = {
    problem: 'p',
    answer: '72',
    emptySteps: 0,
    traces: Array.from({ length: count }, (_, trace) => ({
      problem: 'p',
      steps: Array.from({ length: steps }, (__, step) => ({
        text: `${trace}.${step}: 1 + 1 = 2`,
        label: 'neutral' as const,
        soft: 0.5,
      })),
      ...(trace === 0 ? {} : { alternativeAt: 1 }),
    })),
  };
  return () => layoutRow;
}

describe('traceViewOf', () => {
  const corrupted = (fields: object) =>
    traceViewOf({ number: 1, fields: { ...row.fields, ...fields } }, 0, read).trace?.change;

  it('says what was changed in a corrupted solution', () => {
    const change = { strategy: 'flip-number', error_step: 1, consistent: true, before: 'a', after: 'b' };
    const shown = { strategy: 'flip-number', step: 2, consistent: true, before: 'a', after: 'b' };
    expect(corrupted(change)).toEqual(shown);
    expect(corrupted({ ...change, error_step: 1n })).toEqual(shown);
    expect(corrupted({ ...change, before: null })).toEqual({
      strategy: 'flip-number',
      step: 2,
      consistent: true,
      after: 'b',
    });
  });

  it.each([
    [
      'a solution as it is',
      { strategy: null, error_step: null, consistent: null, before: null, after: null },
    ],
    ['columns of somebody else', { strategy: 'greedy', error_step: 'none', consistent: true }],
    ['a place that is none', { strategy: 'flip-number', error_step: -1, consistent: true }],
  ])('says nothing of %s', (_, fields) => {
    expect(corrupted(fields)).toBeUndefined();
  });

  it.each([
    [
      { sampled_answer: '73', answer_correct: false },
      { answer: '73', isRight: false },
    ],
    [
      { sampled_answer: '72', answer_correct: true },
      { answer: '72', isRight: true },
    ],
    [{ sampled_answer: null, answer_correct: null }, { isRight: null }],
    [{ sampled_answer: '72', answer_correct: 'perhaps' }, undefined],
    [{ answer_correct: true }, undefined],
  ])('says what a sampled solution answers, from %j', (fields, sampled) => {
    const view = traceViewOf({ number: 1, fields: { ...row.fields, ...fields } }, 0, read);
    expect(view.trace?.sampled).toEqual(sampled);
  });

  it('shows steps, labels, the first error and the verdicts of equations', () => {
    const view = traceViewOf(row, 4, read);
    expect(view).toMatchObject({
      position: 4,
      number: 5,
      trace: {
        problem: 'How many clips?',
        wrapper: 'Phi',
        index: 0,
        count: 1,
        totalSteps: 3,
        firstStep: 0,
        firstError: 2,
        labels: { correct: 1, incorrect: 1, neutral: 0, unlabelled: 1 },
      },
    });
    expect(view.trace?.steps).toMatchObject([
      { number: 1, label: 'correct', equations: [{ start: 0, end: 9, verdict: 'holds' }] },
      { number: 2, label: 'incorrect', equations: [{ verdict: 'fails' }] },
      { number: 3, label: 'unlabelled', equations: [] },
    ]);
    expect(JSON.parse(view.json)).toEqual(row.fields);
  });

  it('gives 200 steps from any step on, of any path; of the last one where there are fewer', () => {
    const reader = paths(3, 500);
    const view = traceViewOf(row, 0, reader, { trace: 1, firstStep: 250 });
    expect(view.trace).toMatchObject({
      index: 1,
      count: 3,
      totalSteps: 500,
      firstStep: 250,
      alternativeAt: 2,
      answer: '72',
    });
    expect(view.trace?.steps).toHaveLength(200);
    expect(view.trace?.steps[0]).toMatchObject({ number: 251, text: '1.250: 1 + 1 = 2', soft: 0.5 });
    expect(traceViewOf(row, 0, reader, { trace: 9, firstStep: 600 }).trace).toMatchObject({
      index: 2,
      steps: [],
    });
  });

  it('cuts long texts and long JSON, and says so', () => {
    const step = `${'1 + 1 = 2, '.repeat(3000)}`;
    const fields = {
      prompt: 'p',
      completions: Array.from({ length: 50 }, () => step),
      labels: Array.from({ length: 50 }, () => true),
    };
    const started = process.cpuUsage().user;
    const view = traceViewOf({ number: 1, fields }, 0, openLayout([{ number: 1, fields }]).read);
    // Without a budget the equations of 50 such steps would take seconds.
    expect((process.cpuUsage().user - started) / 1000).toBeLessThan(1500);
    expect(view.json).toHaveLength(200_000);
    expect(view.jsonCut).toBe(true);
    const [first] = view.trace?.steps ?? [];
    expect(first).toMatchObject({ cut: true });
    expect(first?.text).toHaveLength(20_000);
    expect(first?.equations).toHaveLength(100);
    expect(view.trace?.steps.at(-1)?.equations).toEqual([]);
  });

  it('says why there is no trace', () => {
    const broken = { number: 1, fields: undefined, fault: { reason: 'the line is not JSON' }, text: '{"a' };
    expect(traceViewOf(broken, 0, read)).toMatchObject({
      fault: { reason: 'the line is not JSON' },
      json: '{"a',
    });
    expect(traceViewOf(row, 0, undefined)).toMatchObject({ fault: { reason: 'no layout fits the file' } });
    expect(traceViewOf(row, 0, paths(0, 0))).toMatchObject({ fault: { reason: 'no steps' } });
    const uneven = { number: 1, fields: { ...row.fields, labels: [true] } };
    const view = traceViewOf(uneven, 0, read);
    expect(view.fault?.reason).toMatch(/length/);
    expect(view.json).toContain('48/2');
    expect(view).not.toHaveProperty('trace');
  });
});

describe('rowText', () => {
  it('writes the row as JSON, whole', () => {
    const fields = { text: 'x'.repeat(1_000_000), big: 2n ** 62n };
    expect(rowText({ number: 1, fields }, undefined, 'json')).toBe(
      `{\n  "text": "${fields.text}",\n  "big": 4611686018427387904\n}`,
    );
  });

  it('writes a `.steps` document that reads back as the same trace', () => {
    const text = rowText(row, read, 'steps');
    expect(text).toMatchInlineSnapshot(`
      "Problem: How many clips?

      Step 1: 48/2 = 24 clips [+]
      Step 2: 48 + 24 = 73 [-]
      Step 3: So 73.
        That is all.
      "
    `);
    expect(readStepsTrace(text)).toEqual({
      problem: 'How many clips?',
      steps: [
        { text: '48/2 = 24 clips', label: 'correct' },
        { text: '48 + 24 = 73', label: 'incorrect' },
        { text: 'So 73.\nThat is all.', label: 'unlabelled' },
      ],
    });
  });

  it('writes an account for reading', () => {
    expect(rowText(row, read, 'text')).toMatchInlineSnapshot(`
      "How many clips?

      Step 1 (correct): 48/2 = 24 clips
      Step 2 (first incorrect): 48 + 24 = 73
      Step 3: So 73.
      That is all.
      "
    `);
    expect(rowText(row, paths(2, 1), 'text', 1)).toContain('Reference answer: 72');
  });

  it('refuses what has no such text, and what is too long', () => {
    const broken = { number: 3, fields: undefined, fault: { reason: 'the line is not JSON' } };
    expect(() => rowText(broken, read, 'json')).toThrow('row 3: the line is not JSON');
    expect(() => rowText(row, undefined, 'steps')).toThrow(PrmError);
    expect(() => rowText(row, read, 'steps', 1)).toThrow('there is no path 2');
    const long = { number: 1, fields: { text: 'x'.repeat(20_000_001) } };
    expect(() => rowText(long, read, 'json')).toThrow('longer than 20 MB');
  });
});
