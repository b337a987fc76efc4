// PRMBench, on real rows.
import { describe, expect, it } from 'vitest';
import { fixture, read, readRow, signs } from './reading.ts';

const circular = fixture('prmbench/circular-4-rows.jsonl');
const confidence = fixture('prmbench/confidence-5-rows.jsonl');

describe('prmbench', () => {
  it('counts error steps from 1 and names rows by classification and index', () => {
    const row = readRow('prmbench', circular[0] ?? {});
    expect(row.id).toBe('circular_prm_test_p1_0');
    expect(row.problem).toMatch(/^Three pencils and a jumbo eraser cost \$1.24/);
    expect(row.traces.map((trace) => `${trace.alternativeAt ?? 'main'} ${signs(trace)}`)).toEqual([
      'main ++---++',
      '2 ..++++',
    ]);
    expect(
      confidence
        .slice(0, 3)
        .map((one) => signs(readRow('prmbench', one).traces[0] ?? { problem: '', steps: [] })),
    ).toEqual(['++++--', '++-+-+', '++-']);
  });

  it('shows the original whole where it answers another question', () => {
    const { problem, traces } = readRow('prmbench', confidence[4] ?? {});
    const [main, original] = traces;
    expect(main && signs(main)).toBe('+-++++-++--');
    expect(original && signs(original)).toBe('+'.repeat(14));
    expect(original?.alternativeAt).toBeUndefined();
    expect(original?.problem).not.toBe(problem);
    expect(readRow('prmbench', confidence[4] ?? {}, { alternatives: false }).traces).toHaveLength(1);
  });

  it('refuses error steps that the solution has not', () => {
    expect(read('prmbench', confidence[3] ?? {})).toEqual({
      reason: '`error_steps` names a step that is not there',
      detail: 'number 2: 23, with 22 steps',
      place: ['error_steps', 1],
    });
  });

  it('has no second path where the original is the same, or is not there', () => {
    const row = { modified_question: 'P', modified_process: ['a', 'b'], error_steps: [] };
    expect(
      readRow('prmbench', { ...row, original_question: 'P', original_process: ['a'] }).traces,
    ).toHaveLength(1);
    expect(readRow('prmbench', { ...row, original_process: ['c'] }).traces).toHaveLength(1);
  });
});
