import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differingPart } from '../../../../../webview/src/dataset/trace/change.ts';

function parts(before: string, after: string): [string, string] {
  const { start, endBefore, endAfter } = differingPart(before, after);
  return [before.slice(start, endBefore), after.slice(start, endAfter)];
}

describe('differingPart', () => {
  it('marks whole numbers and words', () => {
    expect(parts('48/2 = 24 clips', '43/2 = 24 clips')).toEqual(['48', '43']);
    expect(parts('it is 1,200 now', 'it is 1,300 now')).toEqual(['1,200', '1,300']);
    expect(parts('60 minutes', '60 hours')).toEqual(['minutes', 'hours']);
  });

  it('marks whole characters, also those of two units or with a mark of their own', () => {
    expect(parts('so 😀 it is', 'so 😁 it is')).toEqual(['😀', '😁']);
    expect(parts('24 सेब', '24 सोब')).toEqual(['सेब', 'सोब']);
  });

  it('marks nothing in equal texts', () => {
    expect(parts('a b', 'a b')).toEqual(['', '']);
  });

  it('leaves beginning and end that both have', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '1', ' ', '+', '.') });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const { start, endBefore, endAfter } = differingPart(before, after);
        expect(before.slice(0, start)).toBe(after.slice(0, start));
        expect(before.slice(endBefore)).toBe(after.slice(endAfter));
        expect(start).toBeLessThanOrEqual(Math.min(endBefore, endAfter));
      }),
    );
  });
});
