// VersaPRM, on the published questions.
import { describe, expect, it } from 'vitest';
import type { Fields } from '../../../../server/src/datasets/layouts/layout.ts';
import { fixture, labelCounts, mainPath, read, readRow, signs } from './reading.ts';

const rows = fixture('versaprm/11-questions.json');
const made = (...chains: unknown[]): Fields => ({ question: 'P', chain_of_thoughts: chains });

describe('versaprm', () => {
  it('reads chains, and other steps at a place as alternatives', () => {
    const { problem, answer, traces } = readRow('versaprm', rows[0] ?? {});
    expect(problem).toMatch(/^The product of three consecutive integers is 120\./);
    expect(answer).toMatch(/\\boxed\{6\}\$\.$/);
    expect(traces.map((trace) => `${trace.alternativeAt ?? 'main'} ${signs(trace)}`)).toEqual([
      'main ++++',
      '4 ....-',
      '4 ....+',
      '4 ....-',
      '4 ....-',
      '4 ....-',
    ]);
    expect(traces[2]?.steps.at(-1)?.text).toBe(
      'The first equation tells me that x, x+1, and x+2 are factors of 120.',
    );
  });

  it('takes 0 in a chain as wrong, in an alternative as neutral', () => {
    expect(signs(mainPath('versaprm', rows[2] ?? {}))).toBe('-');
    const row = made({
      steps: ['a', 'b'],
      labels: [1, -1],
      augs: [{ aug_step: 'c', aug_idx: 1n, aug_type: 0 }],
    });
    expect(readRow('versaprm', row).traces.map(signs)).toEqual(['+-', '.0']);
  });

  it('reads every published question', () => {
    expect(labelCounts('versaprm', rows)).toEqual({
      traces: 44,
      correct: 83,
      incorrect: 23,
      unlabelled: 166,
    });
  });

  it('reads several chains, those that nobody labelled, and chains written as JSON text', () => {
    const chains = [
      { steps: ['a'], labels: [1] },
      { steps: ['b', 'c'], labels: null, augs: null },
    ];
    expect(readRow('versaprm', made(...chains)).traces.map(signs)).toEqual(['+', '..']);
    const asText = { question: 'P', chain_of_thoughts: JSON.stringify(chains) };
    expect(readRow('versaprm', asText).traces.map(signs)).toEqual(['+', '..']);
  });

  it('reads a chain a row, as the Hub has it: lists as Python prints them', () => {
    const [first = {}, second = {}] = fixture('written-here/versaprm-hub.jsonl');
    expect(readRow('versaprm', first)).toMatchObject({ id: 'law-17_0', answer: 'B', emptySteps: 0 });
    expect(mainPath('versaprm', first).steps).toEqual([
      { text: "The buyer's offer was open.", label: 'correct' },
      { text: 'She said "no", so it\nlapsed.', label: 'incorrect' },
      { text: 'The answer is (B).', label: 'incorrect' },
    ]);
    expect(signs(mainPath('versaprm', second))).toBe('+');
    const asLists = { question: 'P', chain_of_thoughts: ['a', 'b'], labels: [1, -1] };
    expect(signs(mainPath('versaprm', asLists))).toBe('+-');
    expect(signs(mainPath('versaprm', { ...asLists, labels: null }))).toBe('..');
    expect(read('versaprm', { ...asLists, labels: [1, 7] })).toMatchObject({ place: ['labels', 1] });
    expect(read('versaprm', { ...asLists, labels: '[1' })).toMatchObject({ reason: '`labels` is no list' });
  });

  it.each([
    [made(), 'no steps', ['chain_of_thoughts']],
    [{ question: 'P', chain_of_thoughts: '{' }, '`chain_of_thoughts` is no list', ['chain_of_thoughts']],
    [{ question: 'P', chain_of_thoughts: '{}' }, '`chain_of_thoughts` is no list', ['chain_of_thoughts']],
    [made(1), 'a chain is no object', ['chain_of_thoughts', 0]],
    [made({ steps: ['a'], labels: [] }), 'lists of different length', ['chain_of_thoughts', 0, 'labels']],
    [made({ steps: ['a'], labels: [9] }), 'unknown label', ['chain_of_thoughts', 0, 'labels', 0]],
    [made({ labels: [9] }), '`steps` is missing', ['chain_of_thoughts', 0, 'steps']],
    [
      made({ steps: ['a'], labels: [1], augs: [{ aug_step: 'b', aug_idx: 2, aug_type: 1 }] }),
      '`aug_idx` is no place in the chain',
      ['chain_of_thoughts', 0, 'augs', 0, 'aug_idx'],
    ],
    [
      made({ steps: ['a'], labels: [1], augs: [{ aug_step: 'b', aug_idx: 1, aug_type: 'x' }] }),
      'unknown rating',
      ['chain_of_thoughts', 0, 'augs', 0, 'aug_type'],
    ],
  ])('says what is wrong and where %#', (fields, reason, place) => {
    expect(read('versaprm', fields)).toMatchObject({ reason, place });
  });
});
