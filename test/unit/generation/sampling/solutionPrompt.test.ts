import { describe, expect, it } from 'vitest';
import { stepsOf } from '../../../../server/src/generation/sampling/solutionPrompt.ts';

describe('stepsOf', () => {
  it('takes each line with text as a step', () => {
    expect(stepsOf('One.\r\n\r\n  Two.\n---\n#### 3\n')).toEqual(['One.', 'Two.', '#### 3']);
  });

  it('keeps a displayed formula with its paragraph', () => {
    expect(stepsOf('We have\n\\[ x = 1 \\]\nso far.\n\nThus 1.')).toEqual([
      'We have\n\\[ x = 1 \\]\nso far.',
      'Thus 1.',
    ]);
  });

  it('leaves out what a model thinks before it answers', () => {
    expect(stepsOf('<think>\nHm.\n</think>\nOne.')).toEqual(['One.']);
  });

  it('finds no step in an empty answer', () => {
    expect(stepsOf(' \n\n')).toEqual([]);
  });
});
