// The words for an evaluation of a model.
import { describe, expect, it } from 'vitest';
import { describeEvaluation, evaluationDocument } from '../../../client/src/evaluationText.ts';
import type { EvaluatedModel } from '../../../protocol/src/requests.ts';

const EVALUATED: EvaluatedModel = {
  model: 'mini-1',
  modelFolder: '/w/.prm/runs/mini-1/best_model',
  data: '/w/data/prm_val.jsonl',
  threshold: 0.5,
  traces: 1200,
  metrics: {
    steps: 5200,
    incorrect: 2600,
    loss: 0.25,
    accuracy: 0.912,
    balancedAccuracy: 0.9,
    f1Incorrect: 0.89,
    auroc: 0.9712,
    majorityAccuracy: 0.5,
  },
  firstErrorF1: 0.61,
  report: {
    step: 70,
    calibration: [],
    histogram: { correct: [], incorrect: [] },
    positions: [],
    worst: [{ problem: 'What is `2 + 2`?', steps: ['```5```'], label: 'incorrect', score: 0.98, loss: 3.9 }],
  },
  milliseconds: 1000,
};

describe('an evaluation', () => {
  it('is one sentence beside its baseline', () => {
    expect(describeEvaluation(EVALUATED)).toBe(
      'mini-1 on 5,200 steps: accuracy 91.2 % (always the more frequent label: 50.0 %), AUROC 0.97.',
    );
  });

  it('is a document with every figure', () => {
    const text = evaluationDocument(EVALUATED);
    expect(text).toContain('| AUROC | 0.9712 |');
    expect(text).toContain('| First error found (F1, as ProcessBench) | 61.0 % |');
  });

  it('shows steps of a dataset as they are, whatever Markdown is in them', () => {
    expect(evaluationDocument(EVALUATED)).toContain('````text\nWhat is `2 + 2`?\nStep 1: ```5```\n````');
  });

  it('says what is not defined where a class is absent', () => {
    const metrics = { ...EVALUATED.metrics, auroc: null, f1Incorrect: null };
    const text = evaluationDocument({ ...EVALUATED, metrics, firstErrorF1: null });
    expect(text).toContain('| AUROC | not defined: one class is absent |');
    expect(describeEvaluation({ ...EVALUATED, metrics })).not.toContain('AUROC');
  });
});
