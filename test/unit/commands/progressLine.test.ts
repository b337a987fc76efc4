// The line of progress on a terminal.
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ProgressLine } from '../../../server/src/commands/progressLine.ts';
import { progressIn, TELL_PROGRESS } from '../../../server/src/support/toldProgress.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function shown(interactive: boolean, environment = {}): string {
  const stderr = new PassThrough();
  const line = new ProgressLine({ stderr, interactive, environment }, 'Formatting');
  vi.advanceTimersByTime(2000);
  line.update(25, 100);
  line.update(26, 100);
  vi.advanceTimersByTime(150);
  line.update(50, 100, '3 MB');
  vi.advanceTimersByTime(150);
  line.update(50, undefined);
  line.clear();
  return (stderr.read() as Buffer | null)?.toString() ?? '';
}

describe('ProgressLine', () => {
  it('draws over itself, not too often, with the time left, and clears itself', () => {
    expect(shown(true).split('\r\u001b[K')).toEqual([
      '',
      'Formatting 25 %, 6 s left',
      'Formatting 50 %, 2 s left, 3 MB',
      'Formatting 2 s',
      '',
    ]);
  });

  it('writes nothing where there is no terminal', () => {
    expect(shown(false)).toBe('');
  });

  it('tells a program that asks for it, and draws nothing', () => {
    const told = shown(false, { [TELL_PROGRESS]: '1' });
    expect(told.trimEnd().split('\n').map(progressIn)).toEqual([
      { title: 'Formatting', done: 25, total: 100, secondsLeft: 6, note: '' },
      { title: 'Formatting', done: 50, total: 100, secondsLeft: 2.15, note: '3 MB' },
      { title: 'Formatting', done: 50, total: null, secondsLeft: null, note: '' },
    ]);
    expect(told).not.toContain('\u001b');
    expect(['prm: no such file', 'prm-progress {"title":"Sc', 'prm-progress 7'].map(progressIn)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
