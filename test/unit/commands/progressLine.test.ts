// The line of progress on a terminal.
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ProgressLine } from '../../../server/src/commands/progressLine.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function shown(interactive: boolean): string {
  const stderr = new PassThrough();
  const line = new ProgressLine({ stderr, interactive }, 'Formatting');
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
});
