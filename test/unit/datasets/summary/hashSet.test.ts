import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HashSet } from '../../../../server/src/datasets/summary/hashSet.ts';

it('knows the same numbers as a set of JavaScript', () => {
  // Few, so that some come again; with equal low bits, so that they share slots.
  const hashes = fc.array(fc.integer({ min: 0, max: 300 }).map((value) => value * 4096));
  fc.assert(
    fc.property(hashes, (list) => {
      const [ours, theirs] = [new HashSet(), new Set<number>()];
      for (const hash of list) {
        expect(ours.add(hash)).toBe(!theirs.has(hash));
        theirs.add(hash);
      }
      expect(ours.size).toBe(theirs.size);
      expect([...ours].sort((a, b) => a - b)).toEqual([...theirs].sort((a, b) => a - b));
    }),
  );
});
