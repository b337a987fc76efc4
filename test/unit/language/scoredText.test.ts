// Which step has which score after the text has changed, and what hints and hovers then say.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoadedModel } from '../../../protocol/src/engine.ts';
import { describeStep } from '../../../server/src/language/hover.ts';
import { describeHint } from '../../../server/src/language/inlayHints.ts';
import {
  alignSteps,
  viewSteps,
  type ScoredText,
  type StepView,
} from '../../../server/src/language/scoredText.ts';
import { defaultSettings } from '../../../server/src/language/settings.ts';
import { decimals } from '../../../server/src/language/words.ts';

const SOURCE = 'How many eggs?\n\nStep 1: 4 * 12 = 48.\nStep 2: 48 - 5 = 45.\nStep 3: The answer is 45.';

const model: LoadedModel = {
  modelFolder: '/models/eggs',
  name: 'eggs [v1]',
  family: 'mini',
  parameters: 1,
  device: 'cpu',
  deviceNotes: [],
  threshold: 0.5,
  maxTokens: 1024,
  weightsSha256: '',
  loadMilliseconds: 1,
};

const scored: ScoredText = {
  languageId: 'plaintext',
  source: SOURCE,
  problem: 'How many eggs?',
  steps: ['4 * 12 = 48.', '48 - 5 = 45.', 'The answer is 45.'],
  scores: [0.97, 0.08, 0.2],
  model,
  milliseconds: 12.4,
};

const settings = defaultSettings();
const hints = (text: string): string[] =>
  viewSteps(scored, text, 0).map((step) => describeHint(scored, step, settings).label);

describe('hints', () => {
  it('mark each step, the first doubtful one more strongly', () => {
    expect(hints(SOURCE)).toEqual(['✓ 0.97', '✗ 0.08 ◀', '✗ 0.20']);
  });

  it('are stale from the changed step on', () => {
    expect(hints(SOURCE.replace('48 - 5 = 45', '48 - 5 = 43'))).toEqual([
      '✓ 0.97',
      '✗ 0.08 (stale)',
      '✗ 0.20 (stale)',
    ]);
  });

  it('are all stale when the problem changes', () => {
    expect(hints(SOURCE.replace('eggs', 'apples'))).toEqual([
      '✓ 0.97 (stale)',
      '✗ 0.08 (stale)',
      '✗ 0.20 (stale)',
    ]);
  });

  it('stay with their steps when one comes in or goes', () => {
    expect(hints(SOURCE.replace('Step 2', 'Step 2: Eggs break.\nStep 3'))).toEqual([
      '✓ 0.97',
      '~ not scored',
      '✗ 0.08 (stale)',
      '✗ 0.20 (stale)',
    ]);
    expect(hints(SOURCE.replace('Step 2: 48 - 5 = 45.\n', ''))).toEqual(['✓ 0.97', '✗ 0.20 (stale)']);
  });

  it('do not mind a marker or white space, which no model reads', () => {
    expect(hints(SOURCE.replace('Step 2:', 'Step 2 :  '))).toEqual(['✓ 0.97', '✗ 0.08 ◀', '✗ 0.20']);
  });

  it('follow the threshold of the settings', () => {
    const [first] = viewSteps(scored, SOURCE, 0);
    const strict = { ...settings, 'score.threshold': 0.99 };
    expect(first && describeHint(scored, first, strict).label).toBe('✗ 0.97 ◀');
  });
});

describe('the partners of changed steps', () => {
  const steps = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 });

  it('are in order, and no scored step has two', () => {
    fc.assert(
      fc.property(steps, steps, (before, now) => {
        const partners = alignSteps(before, now).filter((partner) => partner !== undefined);
        expect(partners).toEqual([...new Set(partners)].sort((a, b) => a - b));
        expect(partners.every((partner) => partner < before.length)).toBe(true);
      }),
    );
  });

  it('are the same steps where nothing changed', () => {
    fc.assert(
      fc.property(steps, (list) => {
        expect(alignSteps(list, list)).toEqual(list.map((_, index) => index));
      }),
    );
  });
});

describe('a hover', () => {
  const viewOf = (text: string, index: number): StepView => {
    const view = viewSteps(scored, text, 0)[index];
    if (view === undefined) throw new Error('no such step');
    return view;
  };

  it('says everything about a step', () => {
    expect(describeStep(scored, viewOf(SOURCE, 1), 3, settings)).toBe(
      [
        '**Step 2 of 3: ✗ 0.0800, incorrect** (first doubtful step)',
        'Running minimum 0.0800, running product 0.0776, threshold 0.50',
        'Equations:',
        '- ✗ 48 \\- 5 \\= 45 fails\\: the left side is 43',
        'eggs \\[v1\\] on cpu, 12 ms',
      ].join('\n\n'),
    );
  });

  it('says that a score is stale', () => {
    const text = SOURCE.replace('4 * 12', '4 * 11');
    const hover = describeStep(scored, viewOf(text, 0), 3, settings);
    expect(hover).toContain('Stale: ');
    expect(hover).not.toContain('first doubtful');
    expect(hover).toMatch(/- ✗ 4 \\\* 11 \\= 48 fails/);
  });
});

it.each([
  [0.5, 2, '0.50'],
  [0.9999, 2, '0.99'],
  [1, 2, '1.00'],
  [0.00001, 4, '0.0000'],
])('writes %d with %d decimals as %s', (score, digits, text) => {
  expect(decimals(score, digits)).toBe(text);
});
