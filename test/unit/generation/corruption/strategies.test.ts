import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readNumbers } from '../../../../server/src/generation/corruption/calculation.ts';
import type { Corruption, Strategy } from '../../../../server/src/generation/corruption/corruption.ts';
import { corruptSolution } from '../../../../server/src/generation/corruption/corruptSolution.ts';
import { readSolution, type Solution } from '../../../../server/src/generation/corruption/solution.ts';
import { STRATEGIES } from '../../../../server/src/generation/corruption/strategies/index.ts';
import { findEquations } from '../../../../server/src/models/arithmetic/index.ts';
import { seededRandom } from '../../../../server/src/support/random.ts';

/** The whole training file of GSM8K. */
const GSM8K = gunzipSync(
  readFileSync(path.join(import.meta.dirname, '../../../fixtures/gsm8k/train.jsonl.gz')),
)
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { question: string; answer: string });

const SOLUTIONS: Solution[] = GSM8K.map(({ question, answer }) =>
  readSolution(
    question,
    answer.split('\n').filter((line) => line.trim() !== ''),
  ),
);

const known = new Map<string, boolean>();
/** Whether a step holds an equation that is surely wrong: the judgement of models/arithmetic, which is no part of the corrupter. */
function fails(text: string): boolean {
  const before = known.get(text);
  if (before !== undefined) return before;
  const failing = findEquations(text).some(({ verdict }) => verdict === 'fails');
  known.set(text, failing);
  return failing;
}

const RESULT = /=[\s$]*([\d.,]*\d)/g;
const results = (text: string): string => Array.from(text.matchAll(RESULT), ([, result]) => result).join();

/** Whether the evaluator knows that a changed step says what it said before: other equations that hold, with the same results. */
function saysTheSame(before: string, after: string): boolean {
  // Most results differ: then there is nothing to find out.
  if (results(before) !== results(after)) return false;
  const [old, now] = [findEquations(before), findEquations(after)];
  // A wrong unit is none of its business.
  const withoutWords = (text = ''): string => text.replace(/[a-z\s]+/gi, '');
  const isChanged = now.some(({ text }, index) => withoutWords(text) !== withoutWords(old[index]?.text));
  return isChanged && old.length === now.length && now.every(({ verdict }) => verdict === 'holds');
}

const clips = readSolution('Natalia sold clips to 48 of her friends in April, and 2 boxes of 35 in May.', [
  'In May she sold 2 * 35 = <<2*35=70>>70 clips.',
  'Together that is 48 plus 70, so 48 + 70 = <<48+70=118>>118 clips.',
  '#### 118',
]);

function strategyOf(name: string): Strategy {
  const found = STRATEGIES.find((strategy) => strategy.name === name);
  if (found === undefined) throw new Error(`There is no strategy ${name}.`);
  return found;
}

/** All different corruptions that many seeds give. */
function all(name: string, consistent: boolean, solution = clips): Corruption[] {
  const random = seededRandom(7);
  const found = new Map<string, Corruption>();
  for (let attempt = 0; attempt < 300; attempt++) {
    const corruption = strategyOf(name).corrupt(solution, random, consistent);
    if (corruption !== undefined) found.set(corruption.steps.join('\n'), corruption);
  }
  return [...found.values()];
}

/** What nobody writes: many decimals, two signs, less than nothing, and what JavaScript says of no number. */
const MALFORMED = /\d\.\d{3}|[\d)] ?[-+*/] ?[-+*/]|= ?-\d|NaN|Infinity|undefined/;

describe('every strategy, on every problem of GSM8K', () => {
  const random = seededRandom(20260101);
  it.each(STRATEGIES.map((strategy) => [strategy.name, strategy] as const))(
    '%s',
    (_, strategy) => {
      let made = 0;
      for (const solution of SOLUTIONS) {
        const originals = solution.steps.map(({ text }) => text);
        for (const wish of [false, true]) {
          const corruption = strategy.corrupt(solution, random, wish);
          if (corruption === undefined) continue;
          made++;
          const { steps, at, before, after, consistent } = corruption;
          // Compared first: an assertion for each of 150,000 steps would take longer than the work.
          if (steps.join('\n') === originals.join('\n') || at >= steps.length)
            expect.fail(`not changed: ${before}`);
          // What is labelled correct is the solution's own, or it was right before a step was left out.
          const labelledCorrect = steps.slice(0, at);
          const source =
            before !== null && after === null ? originals.filter((text) => text !== before) : originals;
          if (labelledCorrect.join('\n') !== source.slice(0, at).join('\n'))
            expect(labelledCorrect).toEqual(source.slice(0, at));
          if (after !== null && steps[at] !== after) expect.fail(`not at its place: ${after}`);
          if (before !== null && after !== null && originals[at] !== before)
            expect.fail(`not its step: ${before}`);
          // Only what is made again stands in the solution too, and not at this place.
          const own = strategy.name === 'repeat-step' ? [originals[at]] : originals;
          if (own.includes(steps[at] ?? '')) expect.fail(`a right step is labelled wrong: ${steps[at]}`);
          if (before !== null && after !== null && saysTheSame(before, after))
            expect.fail(`it means the same: ${after}`);
          if (consistent && steps.at(-1) === originals.at(-1))
            expect.fail(`not carried on to the answer: ${after}`);
          if (before !== null && after !== null && MALFORMED.test(after) && !MALFORMED.test(before))
            expect.fail(`not well formed: ${after}`);
          // An error that is carried on leaves nothing that does not add up, unless the source did so itself; only a wrong result does.
          const others = strategy.name === 'calculation-error' ? steps.toSpliced(at, 1) : steps;
          if (consistent && !originals.some(fails) && others.some(fails))
            expect(others.filter(fails)).toEqual([]);
        }
      }
      expect(made).toBeGreaterThan(SOLUTIONS.length / 4);
      // The first one has the evaluator read all of GSM8K: seconds, where nothing else runs.
    },
    120_000,
  );

  it('a wrong result that is not carried on is one that the evaluator finds', () => {
    const found = SOLUTIONS.flatMap((solution) => {
      const corruption = strategyOf('calculation-error').corrupt(solution, random, false);
      return corruption === undefined ? [] : [corruption];
    });
    const seenAsRight = found.filter(({ before, after }) => {
      if (!readNumbers(before ?? '').understood || fails(after ?? '')) return false;
      const originals = new Set(findEquations(before ?? '').map(({ text }) => text));
      return findEquations(after ?? '').some(
        ({ text, verdict }) => verdict === 'holds' && !originals.has(text),
      );
    });
    expect(seenAsRight.map(({ after }) => after)).toEqual([]);
    // It is sure only where it understands the whole step.
    expect(found.filter(({ after }) => fails(after ?? '')).length).toBeGreaterThan(0.9 * found.length);
  });
});

describe('single strategies', () => {
  it('a changed operation changes sign and word together, in the words and in the annotation', () => {
    expect(all('change-operation', false).map(({ after }) => after)).toContain(
      'Together that is 48 minus 70, so 48 - 70 = <<48-70=118>>118 clips.',
    );
    for (const { after } of all('change-operation', false)) expect(after).not.toMatch(/plus 70, so 48 -/);
  });

  it('an error is carried through every later line, the answer too', () => {
    const carried = all('off-by-one', true).map(({ steps }) => steps);
    expect(carried).toContainEqual([
      'In May she sold 3 * 35 = <<3*35=105>>105 clips.',
      'Together that is 48 plus 105, so 48 + 105 = <<48+105=153>>153 clips.',
      '#### 153',
    ]);
  });

  it('a number that could mean something else is not carried on', () => {
    const twice = readSolution('Ann has 4 and Ben 60.', [
      'Ann gets 15 * 4 = <<15*4=60>>60.',
      'Both have 60 + 60 = <<60+60=120>>120.',
      '#### 120',
    ]);
    const first = all('calculation-error', true, twice).filter(({ at }) => at === 0);
    expect(first).toEqual([]);
  });

  it('an exchange that comes to the same is no error', () => {
    const same = readSolution('There are 2 and 2.', ['2 + 2 = <<2+2=4>>4', '#### 4']);
    for (const { after } of all('change-operation', false, same)) expect(after).not.toContain('2*2');
    const swapped = readSolution('There are 3 and 5.', ['3 + 5 = <<3+5=8>>8', '#### 8']);
    for (const { after } of all('swap-quantity', false, swapped)) expect(after).not.toContain('5 + 3');
  });

  it('a wrong answer stands behind steps that are all right', () => {
    for (const { steps, at } of all('wrong-answer', false)) {
      expect(at).toBe(2);
      expect(steps.slice(0, 2)).toEqual(clips.steps.slice(0, 2).map(({ text }) => text));
      expect(steps[2]).toMatch(/^#### (?!118$)\d/);
    }
  });

  it('has nothing to do in a solution without numbers', () => {
    const words = readSolution('Why?', ['Because.']);
    for (const strategy of STRATEGIES.filter(({ name }) => name !== 'repeat-step')) {
      expect(strategy.corrupt(words, seededRandom(1), false), strategy.name).toBeUndefined();
    }
  });
});

describe('corruptSolution', () => {
  it('gives different paths, the same for a seed', () => {
    const wish = { strategies: STRATEGIES, count: 8, consistentShare: 0.5 };
    const one = corruptSolution(clips, wish, seededRandom(3));
    expect(one).toHaveLength(8);
    expect(new Set(one.map(({ steps }) => steps.join('\n'))).size).toBe(8);
    expect(corruptSolution(clips, wish, seededRandom(3))).toEqual(one);
    expect(corruptSolution(clips, wish, seededRandom(4))).not.toEqual(one);
  });

  it('stops where there are no more', () => {
    const wish = { strategies: [strategyOf('drop-step')], count: 8, consistentShare: 0 };
    const shirts = readSolution('Jack sews 3 shirts for each of his 4 kids, 7 buttons in each.', [
      'He sews 3 * 5 = <<3*5=15>>15 shirts.',
      'He needs 15 * 7 = <<15*7=105>>105 buttons.',
    ]);
    const count = corruptSolution(shirts, wish, seededRandom(3)).length;
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(3);
  });
});
