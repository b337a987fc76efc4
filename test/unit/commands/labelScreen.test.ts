// What people read of `prm label`: what it may cost, how far it is, and what came of it.
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { costLine, printLabelSummary, progressNote } from '../../../server/src/commands/labelScreen.ts';
import { SamplingRate } from '../../../server/src/commands/samplingRate.ts';
import type { LabelSummary } from '../../../server/src/generation/labelDatasets.ts';

const COST = { solutions: 1200, requests: 9600, completionTokens: 9_600_000 };
const COUNTS = {
  wanted: 9600,
  done: 40,
  cached: 10,
  requests: 30,
  promptTokens: 2000,
  completionTokens: 1000,
  guessed: 0,
  retried: 0,
  limit: 4,
};

describe('costLine', () => {
  it.each([
    [undefined, 'what is in the cache costs nothing.'],
    [2400, 'with what the cache has, at most 7,200 of 7,200,000 tokens are left to pay.'],
    [9600, 'the cache has all that is needed.'],
  ])('says what is left to pay, with %j answers in the cache', (cached, end) => {
    expect(costLine({ ...COST, ...(cached === undefined ? {} : { cached }) })).toBe(
      `At most 9,600 answers of 9,600,000 tokens for 1,200 solutions; ${end}`,
    );
  });
});

describe('progressNote', () => {
  /** Ten answers a second. */
  function notes(solutions: readonly number[]) {
    let seconds = 0;
    const rate = new SamplingRate(() => seconds);
    return solutions.map((done) => {
      const counts = { ...COUNTS, done: 10 + 10 * seconds, completionTokens: 500 * seconds };
      const note = progressNote({ done, total: 1200, counts }, rate);
      seconds += 2;
      return note;
    });
  }

  it('knows the cost and the time left by what the solutions so far took', () => {
    const [first, second] = notes([0, 3]);
    expect(first).toEqual(['2,000 tokens so far, 10 from the cache, 4 at once', null]);
    // 30 answers and 3,000 tokens for 3 of 1,200 solutions: 12,000 answers in all.
    expect(second?.[0]).toBe(
      '10 samples/s, 500 tokens/s, 3,000 tokens so far, 10 from the cache, 4 at once, about 1,200,000 tokens in all',
    );
    expect(second?.[1]).toBeCloseTo(11_970 / 10);
  });

  it('is empty where no model is asked', () => {
    expect(progressNote({ done: 1, total: 2, counts: undefined }, new SamplingRate())).toEqual(['']);
  });
});

describe('printLabelSummary', () => {
  const SUMMARY: LabelSummary = {
    by: 'rollouts',
    cost: COST,
    file: 'out/labelled.jsonl',
    bytes: 2_000_000,
    solutions: 1200,
    labelled: 1150,
    labels: { correct: 4000, incorrect: 600, neutral: 0, unlabelled: 400 },
    without: [
      {
        kind: 'failed',
        reason: 'roll-outs that could not be had',
        solutions: 50,
        firstRow: 7,
        firstDetail: 'too long',
      },
    ],
    skipped: [],
    counts: {
      ...COUNTS,
      retried: 2,
      guessed: 3,
      oneByOne: 'the server refuses',
      otherModels: [{ asked: 'small', answered: 'smollm2', samples: 30 }],
    },
    damaged: 1,
    cache: '/cache',
    seconds: 12.3,
  };
  const printed = (summary: LabelSummary): string => {
    const stdout = new PassThrough();
    printLabelSummary(summary, { stdout, colour: false });
    return (stdout.read() as Buffer | null)?.toString() ?? '';
  };

  it('names what was labelled, what was left out and why, and what it cost', () => {
    expect(printed(SUMMARY)).toMatchInlineSnapshot(`
      "Solutions     1,200
      Labelled      1,150 by rollouts
                    4,000 steps correct, 600 incorrect, 400 without a label
      Left out      50 × roll-outs that could not be had
                    such as row 7: too long
      Asked         30 requests, 10 answers from the cache
                    2,000 tokens read, 1,000 written, as the server counts
                    asked for small, the server answers as smollm2: 30 answers
                    asked for one by one: the server refuses
                    tokens of 3 answers guessed from their length: the server did not count them
                    2 tries failed and were made again
                    1 damaged entry of the cache found and made again
      Cache         /cache
      Written       out/labelled.jsonl, 2.0 MB
      Time          12.3 s
      "
    `);
  });

  it('of a dry run is the cost', () => {
    expect(printed({ ...SUMMARY, file: undefined })).toBe(
      `Solutions     1,200\nCost          ${costLine(COST)}\n`,
    );
    const free = { ...COST, requests: 0, completionTokens: 0 };
    expect(printed({ ...SUMMARY, file: undefined, cost: free })).toContain('nothing: nobody is asked');
  });
});
