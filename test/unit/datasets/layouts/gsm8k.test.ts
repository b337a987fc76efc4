// GSM8K: steps without labels.
import { describe, expect, it } from 'vitest';
import { fixture, labelCounts, read, readRow } from './reading.ts';

describe('gsm8k', () => {
  it('takes the lines of the answer as steps without labels', () => {
    const rows = fixture('gsm8k/train-5-rows.jsonl');
    expect(readRow('gsm8k', rows[0] ?? {})).toMatchObject({
      problem:
        'Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May. ' +
        'How many clips did Natalia sell altogether in April and May?',
      answer: '72',
      traces: [
        {
          steps: [
            { text: 'Natalia sold 48/2 = <<48/2=24>>24 clips in May.', label: 'unlabelled' },
            {
              text: 'Natalia sold 48+24 = <<48+24=72>>72 clips altogether in April and May.',
              label: 'unlabelled',
            },
            { text: '#### 72', label: 'unlabelled' },
          ],
        },
      ],
    });
    expect(labelCounts('gsm8k', rows)).toEqual({ traces: 5, unlabelled: 19 });
  });

  it('counts blank lines and keeps none', () => {
    const { emptySteps, traces } = readRow('gsm8k', { question: 'P', answer: 'a\n\n#### 1\n' });
    expect(emptySteps).toBe(2);
    expect(traces[0]?.steps).toHaveLength(2);
  });

  it('wants text, not a list of answers', () => {
    expect(read('gsm8k', { question: 'P', answer: ['a'] })).toEqual({
      reason: '`answer` is no text',
      detail: '["a"]',
      place: ['answer'],
    });
  });
});
