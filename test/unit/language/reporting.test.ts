// How far a command is, in the words under a notification's title.
import { describe as group, expect, it } from 'vitest';
import { describe } from '../../../server/src/language/reporting.ts';

const told = { title: 'Sampling', done: 1200, total: 4000, secondsLeft: 150, note: '8,000 tokens' };

group('the words for progress', () => {
  it('say what is done of what, what it cost and how long it takes', () => {
    expect(describe(told)).toBe('Sampling: 1,200 of 4,000, 8,000 tokens, 3 min left');
  });

  it('leave out what is not known', () => {
    expect(describe({ ...told, secondsLeft: null, note: '' })).toBe('Sampling: 1,200 of 4,000');
    expect(describe({ ...told, total: null })).toBe('Sampling, 8,000 tokens, 3 min left');
    expect(describe({ ...told, done: 4000, secondsLeft: 0 })).toBe('Sampling: 4,000 of 4,000, 8,000 tokens');
  });

  it('give a share where only that is known', () => {
    const share = { ...told, title: 'Corrupting', done: 34.6, total: 100, note: '', secondsLeft: 4 };
    expect(describe(share)).toBe('Corrupting: 34 %, 4 s left');
  });
});
