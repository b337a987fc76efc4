// Labels as datasets write them.
import { describe, expect, it } from 'vitest';
import { readLabel, readShare } from '../../../server/src/datasets/labels.ts';

describe('readLabel', () => {
  it.each([
    [true, 'correct'],
    [false, 'incorrect'],
    [1, 'correct'],
    [0, 'incorrect'],
    [1n, 'correct'],
    [0.75, 'correct'],
    [0.25, 'incorrect'],
    [0.5, 'neutral'],
    ['+', 'correct'],
    ['-', 'incorrect'],
    [' True ', 'correct'],
    ['false', 'incorrect'],
    ['correct', 'correct'],
    ['INCORRECT', 'incorrect'],
    ['neutral', 'neutral'],
    ['1', 'correct'],
    ['0.2', 'incorrect'],
    [null, 'unlabelled'],
    [undefined, 'unlabelled'],
    [Number.NaN, 'unlabelled'],
    [-100, 'unlabelled'],
    ['-100', 'unlabelled'],
  ])('reads %o as %s', (value, label) => {
    expect(readLabel(value)).toBe(label);
  });

  it.each([[-1], [2], ['maybe'], [''], ['constructor'], [{}], [[true]]])('knows no label %o', (value) => {
    expect(readLabel(value)).toBeUndefined();
  });
});

describe('readShare', () => {
  it.each([
    [0.25, 0.25],
    ['0.75', 0.75],
    [0.5, 0.5],
    [1, undefined],
    [0, undefined],
    ['1', undefined],
    ['', undefined],
    [true, undefined],
    [1n, undefined],
    [Number.NaN, undefined],
    [null, undefined],
    [[0.5], undefined],
  ])('takes of %o the share %o', (value, share) => {
    expect(readShare(value)).toBe(share);
  });
});
