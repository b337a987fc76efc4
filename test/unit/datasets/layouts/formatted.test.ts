// Formatted step examples, a row at a time.
import { describe, expect, it } from 'vitest';
import { mainPath, read, signs } from './reading.ts';

const example = {
  problem: 'P',
  step: 'b',
  previous_steps: ['a'],
  reasoning_path: ['a', 'b'],
  label: 0,
  step_index: 1,
  total_steps: 3,
};

describe('formatted', () => {
  it('labels the last step of the path', () => {
    expect(signs(mainPath('formatted', example))).toBe('.-');
    expect(signs(mainPath('formatted', { ...example, label: 1n, step_index: 1n, total_steps: 3n }))).toBe(
      '.+',
    );
  });

  it.each([
    [{ label: 2 }, 'label'],
    [{ step_index: 0 }, 'step_index'],
    [{ total_steps: 1 }, 'total_steps'],
    [{ step: 'c' }, 'reasoning_path'],
    [{ previous_steps: [] }, 'previous_steps'],
  ])('refuses what breaks the contract: %o', (change, field) => {
    expect(read('formatted', { ...example, ...change })).toMatchObject({
      reason: `the example's \`${field}\` is missing or of the wrong kind`,
      place: [field],
    });
  });
});
