// PRM800K a completion at a time.
import { describe, expect, it } from 'vitest';
import { layoutOf } from '../../../../server/src/datasets/layouts/recognise.ts';
import { fixture, mainPath, read, readRow, signs } from './reading.ts';

const rows = fixture('written-here/prm800k-critic.jsonl');

describe('prm800k-critic', () => {
  it('labels the completion by its rating; the steps before it have no label', () => {
    expect(rows.map((row) => signs(mainPath('prm800k-critic', row)))).toEqual(['+', '.-', '.0', '.+']);
  });

  it('puts the answer back to the step that gives it, and takes it as reference only where it is right', () => {
    const [, wrong, , right] = rows.map((row) => readRow('prm800k-critic', row));
    expect(wrong?.traces[0]?.steps[1]?.text).toBe('So x = 2.\n\n# Answer\n\n2');
    expect(wrong?.answer).toBeUndefined();
    expect(right?.answer).toBe('1/2');
  });

  it('labels nothing where only the preference is known, and says so', () => {
    const row = { instruction: 'P', responses: [], next_response: 'a', is_preferred_response: true };
    expect(signs(mainPath('prm800k-critic', row))).toBe('.');
    expect(layoutOf(row)?.evidence).toContain('being preferred is not being correct');
  });

  it.each([
    [{ instruction: 'P', responses: [1], next_response: 'a' }, 'a step is no text', ['responses', 0]],
    [{ instruction: 'P', responses: [], next_response: 1 }, '`next_response` is no text', ['next_response']],
    [{ instruction: 'P', responses: [], next_response: 'a', rating: 5 }, 'unknown rating', ['rating']],
  ])('says what is wrong and where %#', (fields, reason, place) => {
    expect(read('prm800k-critic', fields)).toMatchObject({ reason, place });
  });
});
