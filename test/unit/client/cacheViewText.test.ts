// The words of the answer cache: figures as a person reads them, one answer and many.
import { describe, expect, it } from 'vitest';
import {
  amountText,
  checkedText,
  clearedText,
  clearingQuestion,
  describeCachedModel,
  describeContents,
  totalOf,
} from '../../../client/src/cacheViewText.ts';

const LARGE = { model: 'qwen2.5', entries: 1204, bytes: 3_140_000, newest: '2026-11-22T06:45:00.000Z' };
const SMALL = { model: 'smollm2', entries: 1, bytes: 412, newest: '2026-10-01T00:00:00.000Z' };

describe('the answer cache in words', () => {
  it('gives entries and size', () => {
    expect(amountText(LARGE)).toBe('1,204 entries, 3.1 MB');
    expect(amountText(SMALL)).toBe('1 entry, 412 bytes');
    expect(amountText(totalOf([LARGE, SMALL]))).toBe('1,205 entries, 3.1 MB');
    expect(amountText(totalOf([]))).toBe('0 entries, 0 bytes');
  });

  it.each([
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [999_949, '1.0 MB'],
    [5_400_000_000, '5.4 GB'],
    [7e15, '7000.0 TB'],
  ])('writes a size of %i bytes as %s', (bytes, written) => {
    expect(amountText({ entries: 2, bytes })).toBe(`2 entries, ${written}`);
  });

  it('describes a model among others, and alone', () => {
    const all = totalOf([LARGE, SMALL]);
    expect(describeCachedModel(LARGE, all)).toEqual({
      description: '1,204 entries, 3.1 MB',
      tooltip: 'qwen2.5\n1,204 answers, 3.1 MB\n2.6 kB an answer\n100 % of the cache\nnewest from 2026-11-22',
      label: 'qwen2.5: 1,204 answers, 3.1 MB.',
    });
    expect(describeCachedModel(SMALL, all).tooltip).toBe(
      'smollm2\n1 answer, 412 bytes\nless than 1 % of the cache\nnewest from 2026-10-01',
    );
    expect(describeCachedModel(LARGE, LARGE).tooltip).not.toContain('% of the cache');
  });

  it('shortens the home folder, and no folder that only begins like it', () => {
    const at = (folder: string): string => describeContents({ folder, models: [SMALL] }, '/home/ada');
    expect(at('/home/ada/.cache/answers')).toBe('1 entry, 412 bytes, kept in ~/.cache/answers');
    expect(at('/home/adam/answers')).toBe('1 entry, 412 bytes, kept in /home/adam/answers');
    expect(at('/srv/answers')).toBe('1 entry, 412 bytes, kept in /srv/answers');
  });

  it('asks before it removes: how many, whose, and what it costs', () => {
    expect(clearingQuestion([SMALL]).question).toBe('Remove 1 answer of smollm2 (412 bytes)?');
    expect(clearingQuestion([LARGE, SMALL])).toEqual({
      question: 'Remove all 1,205 answers of 2 models (3.1 MB)?',
      detail:
        'Work that needs an answer again asks the model server, and pays, once more. ' +
        'Files that were made from the answers stay.',
    });
  });

  it('tells what was removed', () => {
    expect(clearedText({ removed: 0 })).toBe('There was nothing to remove.');
    expect(clearedText({ removed: 1 })).toBe('1 answer was removed from the cache.');
    expect(clearedText({ removed: 1204 })).toBe('1,204 answers were removed from the cache.');
  });

  it('tells what was found damaged', () => {
    expect(checkedText({ entries: 0, bytes: 0, removed: 0 })).toBe('The answer cache is empty.');
    expect(checkedText({ entries: 1, bytes: 412, removed: 0 })).toBe(
      '1 answer (412 bytes) is whole, none is damaged.',
    );
    expect(checkedText({ entries: 1204, bytes: 3_140_000, removed: 1 })).toBe(
      '1,204 answers (3.1 MB) are whole. 1 was damaged and removed: the model server is asked again where needed.',
    );
    expect(checkedText({ entries: 0, bytes: 0, removed: 2 })).toBe(
      '2 answers were damaged and removed: the model server is asked again where needed.',
    );
  });
});
