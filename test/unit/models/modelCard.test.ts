import { describe, expect, it } from 'vitest';
import { modelCard } from '../../../server/src/models/modelCard.ts';
import type { AdapterModel } from '../../../server/src/models/prmModel.ts';
import { SMALL_CONFIG, SMALL_DESCRIPTION, smallModel } from '../../support/smallModel.ts';

const ADAPTER: AdapterModel = {
  kind: 'adapter',
  config: SMALL_CONFIG,
  base: { name: 'owner/base@abc', folder: '/somewhere', revision: 'abc' },
  settings: { rank: 4, alpha: 8, dropout: 0, targets: ['q_proj'] },
  tensors: new Map(),
  tokenizerFile: 'tokenizer.json',
  description: {
    ...SMALL_DESCRIPTION,
    family: 'trl',
    training: { dataset: ['owner/one', './two.jsonl'], seed: 1, note: 'a | b\n`c`', nothing: null },
    metrics: {
      steps: 100,
      incorrect: 40,
      loss: 0.51234,
      accuracy: 0.75,
      balancedAccuracy: 0.7,
      f1Incorrect: 0.66,
      auroc: null,
      majorityAccuracy: 0.6,
    },
  },
};

/** The lines between the dashes. */
function frontMatter(card: string): string[] {
  const [before, matter] = card.split('---\n');
  expect(before).toBe('');
  return (matter ?? '').trimEnd().split('\n');
}

describe('modelCard', () => {
  it('of an adapter has what the Hub reads', () => {
    expect(frontMatter(modelCard(ADAPTER))).toEqual([
      'base_model: "owner/base"',
      'base_model_relation: adapter',
      'library_name: peft',
      'pipeline_tag: token-classification',
      'tags:',
      '  - "process-reward-model"',
      '  - "prm"',
      '  - "lora"',
      'datasets:',
      '  - "owner/one"',
      'metrics:',
      '  - "accuracy"',
      '  - "f1"',
      '  - "roc_auc"',
    ]);
  });

  it('names no local folder as a base model: the Hub refuses such cards', () => {
    const card = modelCard({ ...ADAPTER, base: { name: './models/tiny', folder: '/somewhere/models/tiny' } });
    expect(frontMatter(card).join()).not.toContain('base_model');
    expect(card).toContain('Base model: `./models/tiny`.');
  });

  it('says how the input is written, how it was trained and what was measured', () => {
    const card = modelCard(ADAPTER);
    expect(card).toContain('Separator of steps: `"<|step|>"`');
    expect(card).toContain('| dataset | `owner/one, ./two.jsonl` |');
    expect(card).toContain("| note | `a \\| b 'c'` |");
    expect(card).toContain('| nothing | none |');
    expect(card).toContain('| labelled steps | 100, of them incorrect: 40 |');
    expect(card).toContain('| accuracy | 0.7500 |');
    expect(card).toContain('| AUROC | not defined: one class is absent |');
    expect(card).toContain('AutoPeftModelForTokenClassification');
  });

  it('of a whole model without metrics leaves that part out', () => {
    const card = modelCard(smallModel());
    expect(frontMatter(card)).toEqual([
      'library_name: transformers',
      'pipeline_tag: token-classification',
      'tags:',
      '  - "process-reward-model"',
      '  - "prm"',
    ]);
    expect(card).not.toContain('Metrics');
    expect(card).toContain('<|problem|>');
  });
});
