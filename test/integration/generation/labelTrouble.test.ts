// Labelling with bad input, servers in trouble and runs that end early: a clear error or a named reason, and nothing paid for twice.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LabelOptions } from '../../../server/src/generation/labelOptions.ts';
import { chainOf } from '../../support/chainModel.ts';
import { chainServer, LabelRun, unlabelledRow as row } from '../../support/labelRun.ts';
import { smallDisk } from '../../support/smallDisk.ts';
import { status, TestChatServer, type ChatAnswer } from '../../support/testChatServer.ts';

const SURE = chainServer({ slips: 0, misjudges: 0 });
const CHAINS = [chainOf([1, 2, 3, 4], 1), chainOf([5, 6, 7, 8], 2), chainOf([2, 4, 6, 8])];
const ROWS = CHAINS.map(({ problem, steps, answer }) => row(steps, answer, problem));

let run: LabelRun;
beforeEach(async () => {
  run = await LabelRun.start();
  run.server.answer = SURE;
  run.write(ROWS);
});
afterEach(() => run.end());

describe('a server that is in trouble', () => {
  it.each<[string, ChatAnswer, RegExp]>([
    ['refuses the key', status(401, 'bad key'), /the server refuses the key .*Set PRM_API_KEY/],
    [
      'does not know the model',
      status(404, 'The model `tiny` does not exist'),
      /the server has no model "tiny"/,
    ],
    [
      'never recovers',
      status(500, 'oops'),
      /the server fails again and again: the server failed \(500: oops\)/,
    ],
  ])('%s: one clear error, and no file', async (_, answer, message) => {
    run.server.answer = answer;
    await expect(run.label({ by: 'rollouts', rollouts: 8, search: 'every' })).rejects.toThrow(message);
    expect(existsSync(run.at('out/labelled.jsonl'))).toBe(false);
    expect(readdirSync(run.at('out'))).toEqual([]);
  });

  it('is not there', async () => {
    await run.server.close();
    await expect(run.label({ by: 'judge' })).rejects.toThrow(
      /no server can be reached there \(ECONNREFUSED\)/,
    );
  });

  it('is busy and stumbles: is asked again, and nothing is lost', async () => {
    run.server.first.push(status(429, 'slow down', { 'retry-after': '0' }), status(500, 'oops'));
    expect(await run.label({ by: 'judge' })).toMatchObject({
      labelled: 3,
      counts: { requests: 5, retried: 2 },
    });
  });

  it('cannot take a long solution: it is left out with what the server said, the others are labelled', async () => {
    const overflow = status(400, "This model's maximum context length is 8 tokens. You asked for 9.");
    run.server.answer = (call, response, request) => {
      const isLong = call.messages.at(-1)?.content.includes('5 + 6 = 11\n11 + 7') === true;
      (isLong ? overflow : SURE)(call, response, request);
    };
    const { labelled, without, counts } = await run.label({ by: 'rollouts' });
    expect(labelled).toBe(2);
    expect(without).toMatchObject([
      { kind: 'failed', reason: 'roll-outs that could not be had', solutions: 1, firstRow: 2 },
    ]);
    expect(without[0]?.firstDetail).toContain('maximum context length is 8 tokens');
    expect(counts?.retried).toBe(0);
  });

  it.each([
    ['that judges alone gets the key that is meant for it', 'judge-key'],
    ['on another host that judges gets no key where none is meant for it', undefined],
  ])('%s, and the other one does not', async (_, judgeKey) => {
    const judge = new TestChatServer();
    await judge.start();
    judge.answer = SURE;
    try {
      const environment = { PRM_API_KEY: 'solver-key', PRM_JUDGE_API_KEY: judgeKey };
      await run.label({ by: 'consensus', judgeServer: judge.address, judgeModel: 'wise' }, { environment });
      expect(judge.calls.map(({ model }) => model)).toEqual(['wise', 'wise', 'wise']);
      expect(new Set(judge.authorizations)).toEqual(new Set([judgeKey && `Bearer ${judgeKey}`]));
      expect(new Set(run.server.calls.map(({ model }) => model))).toEqual(new Set(['tiny']));
      expect(new Set(run.server.authorizations)).toEqual(new Set(['Bearer solver-key']));
    } finally {
      await judge.close();
    }
  });
});

describe('a run that ends early', () => {
  it('writes what its budget was enough for, names the rest, and pays only for that later', async () => {
    const first = await run.label({ by: 'judge', budgetRequests: 2, concurrency: 1 });
    expect(first).toMatchObject({
      labelled: 2,
      without: [
        { kind: 'over-budget', reason: 'the budget of 2 requests is used up', solutions: 1, firstRow: 3 },
      ],
    });
    expect(run.written.map(({ source_row: number }) => number)).toEqual([1, 2]);
    run.server.calls = [];
    expect(await run.label({ by: 'judge' })).toMatchObject({
      labelled: 3,
      counts: { cached: 2, requests: 1 },
    });
    expect(run.server.calls).toHaveLength(1);
  });

  it('with a budget for nothing says so', async () => {
    const half = { by: 'rollouts', search: 'every', rollouts: 4, budgetRequests: 3, concurrency: 1 } as const;
    run.write(ROWS.slice(0, 2));
    await expect(run.label(half)).rejects.toThrow(
      'no solution could be labelled: 2 × the budget of 3 requests is used up.',
    );
  });

  it('is cancelled: what came is kept, no file is written, and the same command goes on', async () => {
    const stop = new AbortController();
    run.server.answer = (call, response, request) => {
      if (run.server.calls.length === 3) stop.abort();
      SURE(call, response, request);
    };
    await expect(run.label({ by: 'judge', concurrency: 1 }, { signal: stop.signal })).rejects.toThrow(
      /Stopped: 2 of 3 .*are kept\. The same command goes on from there\./,
    );
    expect(readdirSync(run.at('out'))).toEqual([]);
    run.server.calls = [];
    run.server.answer = SURE;
    expect((await run.label({ by: 'judge' })).labelled).toBe(3);
    expect(run.server.calls).toHaveLength(1);
  });

  it('finds damaged answers in the cache, and asks for them again', async () => {
    await run.label({ by: 'judge' });
    const contents = readdirSync(run.at('cache/content/content-v2'), { recursive: true, encoding: 'utf8' })
      .map((name) => run.at(`cache/content/content-v2/${name}`))
      .filter((file) => statSync(file).isFile());
    const victim = contents[0] ?? '';
    writeFileSync(victim, readFileSync(victim, 'utf8').replace('boxed', 'fixed'));
    run.server.calls = [];
    expect(await run.label({ by: 'judge' })).toMatchObject({ labelled: 3, damaged: 1 });
    expect(run.server.calls).toHaveLength(1);
  });
});

const disk = smallDisk('label-disk', '64k');
afterAll(() => disk?.remove());

describe.skipIf(disk === undefined)('a disk that fills up', () => {
  it('one clear error, nothing is left behind, and nothing is paid for again', async () => {
    const long = 'x'.repeat(40_000);
    run.write(
      ROWS.map((one) => ({
        ...one,
        completions: [`${long} ${one.completions[0]}`, ...one.completions.slice(1)],
      })),
    );
    const outputDir = disk?.place ?? '';
    await expect(run.label({ by: 'judge', outputDir })).rejects.toThrow(
      /labelled\.jsonl: the disk is full\. Free some space/,
    );
    expect(readdirSync(outputDir)).toEqual([]);
    run.server.calls = [];
    expect((await run.label({ by: 'judge' })).labelled).toBe(3);
    expect(run.server.calls).toEqual([]);
  });
});

describe('what cannot be labelled', () => {
  it('solutions that are empty, of one step, without an answer, or there twice', async () => {
    run.write([
      row([], '3'),
      row([' ', ''], '3'),
      row(['#### 3'], '3'),
      row(['#### 4', '  '], '3'),
      row(['#### 4'], '3'),
      row(['#### 4'], null),
      row(['#### 4'], ' '),
      { prompt: 'Why?' },
    ]);
    const { solutions, skipped } = await run.label({ by: 'rollouts' });
    expect(run.written.map(({ completions, labels }) => [completions, labels])).toEqual([
      [['#### 3'], [true]],
      [['#### 4'], [false]],
    ]);
    expect(solutions).toBe(2);
    expect(skipped.map(({ reason, count }) => [reason, count])).toEqual([
      ['no steps', 1],
      ['all steps are empty', 1],
      ['the same problem and solution again', 1],
      ['no reference answer', 2],
      ['`completions` is missing', 1],
    ]);
    // What a last step states needs nobody.
    expect(run.server.calls).toEqual([]);
  });

  it('answers that are expressions or words are compared as such', async () => {
    const solved = (text: string): string[] => ['We think.', `So it is \\boxed{${text}}.`];
    run.write([
      row(solved('\\frac{1}{2}'), '0.5'),
      row(solved('2\\sqrt{3}'), '2 \\sqrt{3}'),
      row(solved('\\text{Monday}'), 'monday'),
      row(solved('x+1'), 'x + 2'),
      row(['It is 5 so far'], '7'),
    ]);
    const { without } = await run.label({ by: 'outcome' });
    expect(run.written.map(({ labels }) => labels[1])).toEqual([true, true, true, false]);
    // The last number of a solution that was cut is no answer.
    expect(without).toEqual([{ kind: 'left-out', reason: 'no final answer', solutions: 1, firstRow: 5 }]);
  });

  it.each<[string, Partial<LabelOptions>, RegExp]>([
    ['no server is named', { server: undefined }, /no model is named to ask\. Give --server and --model/],
    ['no model is named', { model: undefined }, /no model is named to ask/],
    [
      'the judge has a server but no name',
      { judgeServer: 'http://127.0.0.1:1/v1' },
      /the judge is no model of its own/,
    ],
    ['shares of verdicts are wanted', { soft: true }, /--soft: labels by judge are verdicts, not shares/],
    ['the address is none', { server: 'localhost' }, /"localhost" is no address of a server/],
    ['the dataset is not there', { datasets: ['nowhere.jsonl'] }, /nowhere\.jsonl/],
  ])('is refused where %s', async (_, options, message) => {
    await expect(run.label({ by: 'judge', ...options })).rejects.toThrow(message);
    expect(run.server.calls).toEqual([]);
  });

  it('is refused where no solution can be', async () => {
    run.write([row(['#### 3'], null)]);
    await expect(run.label({ by: 'rollouts' })).rejects.toThrow(
      /there is no solution to label: 1 × no reference answer\. Give solutions with an `answer`/,
    );
  });

  it('an earlier file is left alone unless it may be replaced, and before anybody is asked', async () => {
    await run.label({ by: 'outcome' });
    writeFileSync(run.at('out/labelled.jsonl'), 'mine');
    await expect(run.label({ by: 'judge', overwrite: false })).rejects.toThrow(
      /the file exists\. Give another --output_dir, or --overwrite to replace it/,
    );
    expect(run.server.calls).toEqual([]);
    expect(readFileSync(run.at('out/labelled.jsonl'), 'utf8')).toBe('mine');
  });
});
