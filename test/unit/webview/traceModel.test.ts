import { describe, expect, it } from 'vitest';
import type { TraceStepView, TraceView } from '../../../protocol/src/datasets.ts';
import { withSteps } from '../../../webview/src/dataset/trace/model.ts';
import { agreement } from '../../../webview/src/dataset/trace/scores.ts';

function step(number: number, label: TraceStepView['label'] = 'correct'): TraceStepView {
  return { number, text: `step ${number}`, label, equations: [] };
}

/** Steps `from` (0-based) up to, not including, `to`. */
function slice(from: number, to: number, place: { position?: number; index?: number } = {}): TraceView {
  return {
    position: place.position ?? 0,
    number: 1,
    trace: {
      problem: 'p',
      index: place.index ?? 0,
      count: 2,
      totalSteps: 1000,
      firstStep: from,
      steps: Array.from({ length: to - from }, (_, index) => step(from + index + 1)),
      firstError: null,
      labels: { correct: 1000, incorrect: 0, neutral: 0, unlabelled: 0 },
    },
    json: '{}',
  };
}

const numbers = (view: TraceView) => view.trace?.steps.map(({ number }) => number);

describe('one more slice of steps', () => {
  it('is joined behind, and in front', () => {
    expect(numbers(withSteps(slice(0, 3), slice(3, 5)))).toEqual([1, 2, 3, 4, 5]);
    const joined = withSteps(slice(3, 5), slice(0, 3));
    expect(numbers(joined)).toEqual([1, 2, 3, 4, 5]);
    expect(joined.trace?.firstStep).toBe(0);
  });

  it('takes the place of steps that it does not touch', () => {
    expect(numbers(withSteps(slice(0, 2), slice(6, 8)))).toEqual([7, 8]);
    expect(numbers(withSteps(slice(0, 4), slice(2, 6)))).toEqual([3, 4, 5, 6]);
  });

  it('is never joined to another row or path', () => {
    expect(numbers(withSteps(slice(0, 2), slice(2, 4, { position: 9 })))).toEqual([3, 4]);
    expect(numbers(withSteps(slice(0, 2), slice(2, 4, { index: 1 })))).toEqual([3, 4]);
  });
});

describe('how the model agrees with the labels', () => {
  it('compares labelled steps with a score, and nothing else', () => {
    const steps = [
      step(1),
      step(2, 'incorrect'),
      step(3, 'neutral'),
      step(4, 'unlabelled'),
      step(5),
      step(6),
    ];
    const scores = {
      scores: [0.2, 0.1, 0.9, 0.9, null],
      threshold: 0.5,
      model: 'm',
      device: 'cpu',
      milliseconds: 1,
    };
    expect(agreement(steps, scores)).toEqual({ compared: 2, agreed: 1, disagreeing: [1] });
  });

  it('counts a score at the threshold as correct', () => {
    const scores = { scores: [0.5, 0.5], threshold: 0.5, model: 'm', device: 'cpu', milliseconds: 1 };
    expect(agreement([step(1), step(2, 'incorrect')], scores).disagreeing).toEqual([2]);
  });
});
