// The user's policies, the same for every layout.
import { describe, expect, it } from 'vitest';
import { LAYOUT_DEFAULTS, type LayoutOptions } from '../../../../server/src/datasets/layouts/layout.ts';
import { applyPolicies, tooManySteps, type Draft } from '../../../../server/src/datasets/layouts/policies.ts';
import type { Label, Trace } from '../../../../server/src/datasets/trace.ts';

const trace = (labels: Label[], more: Partial<Trace> = {}): Trace => ({
  problem: 'P',
  steps: labels.map((label, index) => ({ text: `step ${index}`, label })),
  ...more,
});

function apply(draft: Partial<Draft>, options: Partial<LayoutOptions> = {}): unknown {
  return applyPolicies({ problem: 'P', traces: [], ...draft }, { ...LAYOUT_DEFAULTS, ...options });
}

const labelsOf = (row: unknown): Label[][] =>
  (row as { traces: Trace[] }).traces.map(({ steps }) => steps.map(({ label }) => label));

describe('applyPolicies', () => {
  it('leaves everything as given by default', () => {
    const labels: Label[] = ['correct', 'neutral', 'incorrect', 'correct', 'unlabelled'];
    expect(labelsOf(apply({ traces: [trace(labels)] }))).toEqual([labels]);
  });

  it.each(['correct', 'incorrect'] as const)('counts neutral steps as %s', (neutral) => {
    expect(labelsOf(apply({ traces: [trace(['neutral', 'unlabelled'])] }, { neutral }))).toEqual([
      [neutral, 'unlabelled'],
    ]);
  });

  it.each(['unlabelled', 'incorrect'] as const)('makes steps behind the first error %s', (afterError) => {
    const traces = [trace(['correct', 'incorrect', 'correct', 'neutral']), trace(['correct'])];
    expect(labelsOf(apply({ traces }, { afterError }))).toEqual([
      ['correct', 'incorrect', afterError, afterError],
      ['correct'],
    ]);
  });

  it('takes a neutral step that counts as incorrect for the first error', () => {
    const traces = [trace(['neutral', 'correct'])];
    expect(labelsOf(apply({ traces }, { neutral: 'incorrect', afterError: 'unlabelled' }))).toEqual([
      ['incorrect', 'unlabelled'],
    ]);
  });

  it('drops the share with the label that it spoke for', () => {
    const steps = [
      { text: 'a', label: 'incorrect' as const, soft: 0.25 },
      { text: 'b', label: 'correct' as const, soft: 0.75 },
    ];
    const row = apply({ traces: [{ problem: 'P', steps }] }, { afterError: 'incorrect' });
    expect(row).toMatchObject({ traces: [{ steps: [{ soft: 0.25 }, { text: 'b', label: 'incorrect' }] }] });
    expect((row as { traces: Trace[] }).traces[0]?.steps[1]).not.toHaveProperty('soft');
  });

  it('trims steps, counts the empty ones, and drops them where told', () => {
    const draft = (): Partial<Draft> => ({
      traces: [
        { problem: 'P', steps: [' a ', '\t', 'b'].map((text) => ({ text, label: 'correct' as const })) },
        { problem: 'P', steps: [{ text: ' ', label: 'correct' }] },
      ],
      blankLines: 2,
    });
    expect(apply(draft())).toMatchObject({
      emptySteps: 4,
      traces: [{ steps: [{ text: 'a' }, { text: '' }, { text: 'b' }] }],
    });
    expect(apply(draft(), { emptySteps: 'drop' })).toMatchObject({
      emptySteps: 4,
      traces: [{ steps: [{ text: 'a' }, { text: 'b' }] }],
    });
  });

  it('moves the fork of an alternative with the empty steps before it, which are counted once', () => {
    const texts = ['a', '', 'b'];
    const draft = (): Partial<Draft> => ({
      traces: [{ problem: 'P', steps: texts.map((text) => ({ text, label: 'correct' })) }],
      alternatives: () => [
        {
          problem: 'P',
          steps: [...texts, 'c'].map((text) => ({ text, label: 'unlabelled' })),
          alternativeAt: 3,
        },
      ],
    });
    expect(apply(draft(), { emptySteps: 'drop' })).toMatchObject({
      emptySteps: 1,
      traces: [{}, { steps: [{ text: 'a' }, { text: 'b' }, { text: 'c' }], alternativeAt: 2 }],
    });
  });

  it('does not even build alternatives that are not wanted', () => {
    const alternatives = (): never => {
      throw new Error('not to be called');
    };
    expect(
      labelsOf(apply({ traces: [trace(['correct'])], alternatives }, { alternatives: false })),
    ).toHaveLength(1);
  });

  it('says why a row without steps is none', () => {
    expect(apply({ traces: [] })).toEqual({ reason: 'no steps' });
    expect(apply({ traces: [{ problem: 'P', steps: [{ text: ' ', label: 'correct' }] }] })).toEqual({
      reason: 'all steps are empty',
    });
    expect(
      apply({ traces: [trace(['correct'])], qualityControl: true }, { qualityControl: false }),
    ).toHaveProperty('reason');
  });
});

describe('tooManySteps', () => {
  it('has a limit for the paths of one row together', () => {
    expect(tooManySteps(1, 500_000)).toBeUndefined();
    expect(tooManySteps(2, 500_001)).toEqual({
      reason: 'the paths of the row have more than 500,000 steps together',
      detail: '2 paths, 500,001 steps',
    });
  });
});
