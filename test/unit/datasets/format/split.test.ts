// The split by problem, the table of problems, and balancing.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { balanceClasses } from '../../../../server/src/datasets/format/balance.ts';
import { problemKey, ProblemTable } from '../../../../server/src/datasets/problemTable.ts';
import { splitProblems } from '../../../../server/src/datasets/format/split.ts';

const problemLists = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), {
  maxLength: 60,
  selector: (text) => problemKey(text, 0),
});

describe('splitProblems', () => {
  it('holds out the share asked for, at least one problem and never all', () => {
    fc.assert(
      fc.property(
        problemLists,
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        fc.integer(),
        (texts, ratio, seed) => {
          const problems = texts.map((text) => ({ key: problemKey(text, seed), correct: 2, incorrect: 1 }));
          const { sideOf, counts } = splitProblems(problems, ratio);
          const held = problems.filter(({ key }) => sideOf(key) === 'validation').length;
          expect(counts.validation.problems).toBe(held);
          expect(counts.train.problems).toBe(problems.length - held);
          expect(counts.train.correct + counts.validation.correct).toBe(2 * problems.length);
          if (ratio === 0 || problems.length < 2) expect(held).toBe(0);
          else
            expect(held).toBe(
              Math.min(Math.max(Math.round(problems.length * ratio), 1), problems.length - 1),
            );
        },
      ),
    );
  });

  it('does not depend on the order of the problems', () => {
    fc.assert(
      fc.property(problemLists, fc.integer(), (texts, seed) => {
        const problems = texts.map((text) => ({ key: problemKey(text, seed), correct: 1, incorrect: 1 }));
        const one = splitProblems(problems, 0.3);
        const other = splitProblems(problems.toReversed(), 0.3);
        for (const { key } of problems) expect(one.sideOf(key)).toBe(other.sideOf(key));
      }),
    );
  });

  it('counts only problems with a labelled step', () => {
    const problems = [1, 2, 3].map((key) => ({ key, correct: 0, incorrect: 0 }));
    const labelled = [4, 5].map((key) => ({ key, correct: 1, incorrect: 0 }));
    const { counts } = splitProblems([...problems, ...labelled], 0.5);
    expect([counts.train.problems, counts.validation.problems]).toEqual([1, 1]);
  });

  it('chooses others with another seed', () => {
    const chosen = (seed: number): string[] => {
      const texts = Array.from({ length: 100 }, (_, index) => `problem ${index}`);
      const { sideOf } = splitProblems(
        texts.map((text) => ({ key: problemKey(text, seed), correct: 1, incorrect: 1 })),
        0.2,
      );
      return texts.filter((text) => sideOf(problemKey(text, seed)) === 'validation');
    };
    expect(chosen(1)).toHaveLength(20);
    expect(chosen(1)).not.toEqual(chosen(2));
  });
});

describe('problemKey', () => {
  it('takes texts that differ in white space or Unicode form for one problem', () => {
    expect(problemKey(' How  many\napples? ', 1)).toBe(problemKey('How many apples?', 1));
    expect(problemKey('cafe\u0301', 1)).toBe(problemKey('caf\u00e9', 1));
    expect(problemKey('How many apples?', 1)).not.toBe(problemKey('How many pears?', 1));
  });
});

describe('ProblemTable', () => {
  it('counts as a Map does', () => {
    const entries = fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.nat(9), fc.nat(9)), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(entries, (added) => {
        const table = new ProblemTable();
        const expected = new Map<number, { key: number; correct: number; incorrect: number }>();
        for (const [key, correct, incorrect] of added) {
          table.add(key, correct, incorrect);
          const entry = expected.get(key) ?? { key, correct: 0, incorrect: 0 };
          expected.set(key, {
            key,
            correct: entry.correct + correct,
            incorrect: entry.incorrect + incorrect,
          });
        }
        expect(table.size).toBe(expected.size);
        expect(new Map([...table].map((entry) => [entry.key, entry]))).toEqual(expected);
      }),
    );
  });

  it('grows', () => {
    const table = new ProblemTable();
    // Equal low bits make every key collide until the table is large.
    for (let key = 1; key <= 10_000; key++) table.add(key * 4096, 1, 0);
    expect(table.size).toBe(10_000);
    expect([...table].every(({ correct }) => correct === 1)).toBe(true);
  });
});

describe('balanceClasses', () => {
  it('keeps exactly as many of each class as the smaller one has, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean()), fc.integer(), (classes, seed) => {
        const correct = classes.filter(Boolean).length;
        const incorrect = classes.length - correct;
        const balance = balanceClasses({ correct, incorrect }, seed);
        const kept = classes.filter((isCorrect) => balance.keep(isCorrect));
        expect(kept.filter(Boolean)).toHaveLength(Math.min(correct, incorrect));
        expect(kept).toHaveLength(2 * Math.min(correct, incorrect));
      }),
    );
  });

  it('keeps every step of the larger class equally often', () => {
    const times = new Array<number>(10).fill(0);
    const runs = 4000;
    for (let seed = 0; seed < runs; seed++) {
      const balance = balanceClasses({ correct: 10, incorrect: 4 }, seed);
      for (let index = 0; index < 10; index++) if (balance.keep(true)) times[index] = (times[index] ?? 0) + 1;
    }
    // Binomial with p = 0.4: standard deviation 31; five of them.
    for (const count of times) expect(Math.abs(count - 0.4 * runs)).toBeLessThan(155);
  });
});
