// Labels for steps: by answer and arithmetic, and by a model server on loopback that continues and judges.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { labelDatasets, type LabelHooks } from '../../../server/src/generation/labelDatasets.ts';
import type { LabelOptions } from '../../../server/src/generation/labelOptions.ts';
import { writeJsonl } from '../../support/stepwise.ts';
import { status, streamed, TestChatServer, type ChatCall } from '../../support/testChatServer.ts';

let folder: string;
let server: TestChatServer;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'label-'));
  server = new TestChatServer();
  await server.start();
  server.answer = streamed({ text: modelText });
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const at = (name: string): string => path.join(folder, name);

/** Four steps; the third is wrong, so that nobody gets from there to 20. */
const WRONG = ['2 boxes of 5 are 10.', 'Twice that is 20.', 'Take away 3 for no reason.', '#### 17'];
const RIGHT = ['2 boxes of 5 are 10.', '10 + 10 = 20', '#### 20'];

const isJudged = (system = ''): boolean => system.includes('\\boxed{-1}');

/** Continues to 20 from a right beginning, to 17 from a wrong one; judges by the same wrong words. */
function modelText({ messages, seed }: ChatCall): string {
  const [system = '', user = ''] = messages.map(({ content }) => content);
  if (isJudged(system)) {
    const step = /<step_(\d+)>\nTake away/.exec(user)?.[1] ?? '-1';
    return `I look at each.\nIt is \\boxed{${step}}.`;
  }
  const lost = user.includes('Take away');
  // Half of the continuations from a first step go wrong by themselves.
  const slips = !user.includes('Twice') && !user.includes('10 +') && seed % 2 === 1;
  return `So it is done.\n#### ${lost || slips ? 17 : 20}`;
}

const row = (completions: string[], answer: string | null = '20') => ({
  prompt: 'How many?',
  completions,
  labels: completions.map(() => null),
  answer,
});

function label(options: Partial<LabelOptions> & Pick<LabelOptions, 'by'>, hooks: LabelHooks = {}) {
  return labelDatasets(
    {
      datasets: [at('in.jsonl')],
      outputDir: at('out'),
      server: server.address,
      model: 'tiny',
      cacheDir: at('cache'),
      rollouts: 2,
      overwrite: true,
      ...options,
    },
    { environment: {}, firstPause: 1, ...hooks },
  );
}

interface Row {
  completions: string[];
  labels: (boolean | number | null)[];
  estimates?: (number | null)[];
  first_error: number | null;
}

const written = (): Row[] =>
  readFileSync(at('out/labelled.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);

describe('without a model', () => {
  it('a right answer makes every step correct, a wrong one only its last step incorrect', async () => {
    writeJsonl(at('in.jsonl'), [row(WRONG), row(RIGHT), row(['I do not know.']), row(RIGHT, null)]);
    const summary = await label({ by: 'outcome' });
    expect(written().map(({ labels }) => labels)).toEqual([
      [null, null, null, false],
      [true, true, true],
    ]);
    expect(summary).toMatchObject({
      labelled: 2,
      without: [{ reason: 'no final answer', solutions: 1 }],
      skipped: [{ reason: 'no reference answer', count: 1 }],
      counts: undefined,
    });
    expect(server.calls).toEqual([]);
  });

  it('an equation that fails is a wrong step; of what stands behind it nothing is said', async () => {
    const wrong = ['2 * 5 = 10', 'So far so good.', '10 + 10 = 30', '30 - 10 = 20'];
    writeJsonl(at('in.jsonl'), [row(wrong, null), row(['No numbers.'], null)]);
    const summary = await label({ by: 'arithmetic' });
    expect(written()).toMatchObject([{ labels: [true, null, false, null], first_error: 2 }]);
    expect(summary.without).toEqual([
      { reason: 'no equation that can be evaluated', solutions: 1, firstRow: 2 },
    ]);
  });
});

describe('with a model', () => {
  beforeEach(() => {
    writeJsonl(at('in.jsonl'), [row(WRONG), row(RIGHT)]);
  });

  it('roll-outs from every step give shares and verdicts', async () => {
    await label({ by: 'rollouts', search: 'every' });
    expect(written()).toMatchObject([
      { labels: [true, true, false, false], estimates: [0.5, 1, 0, 0], first_error: 2 },
      { labels: [true, true, true], estimates: [0.5, 1, 1], first_error: null },
    ]);
    await label({ by: 'rollouts', search: 'every', soft: true });
    expect(written().map(({ labels }) => labels)).toEqual([
      [0.5, 1, 0, 0],
      [0.5, 1, 1],
    ]);
  });

  it('a search by halves finds the first wrong step with fewer of them', async () => {
    const costs: number[] = [];
    const { counts } = await label({ by: 'rollouts' }, { onCost: ({ requests }) => costs.push(requests) });
    expect(written()).toMatchObject([
      { labels: [true, true, false, null], first_error: 2 },
      { labels: [true, true, true], first_error: null },
    ]);
    expect(costs).toEqual([6]);
    expect(counts?.requests).toBe(4);
    expect(server.calls.length).toBe(counts?.requests);
  });

  it('a judge names the first wrong step', async () => {
    const { counts } = await label({ by: 'judge', votes: 3, judgeModel: 'wise' });
    expect(written().map(({ labels }) => labels)).toEqual([
      [true, true, false, null],
      [true, true, true],
    ]);
    expect(counts?.requests).toBe(6);
    expect(new Set(server.calls.map(({ model }) => model))).toEqual(new Set(['wise']));
  });

  it('a judge that says nothing, or disagrees with itself, gives no label', async () => {
    server.answer = streamed({
      text: ({ messages, seed }) =>
        messages.at(-1)?.content.includes('Take away') === true ? 'Hm.' : `\\boxed{${1 + (seed % 2)}}`,
    });
    const { without, labelled } = await label({ by: 'judge', votes: 2 });
    expect(labelled).toBe(0);
    expect(without.map(({ reason }) => reason).sort()).toEqual([
      'no verdict that can be read',
      'votes without a majority',
    ]);
  });

  it('agreement keeps what both say, and leaves out the rest', async () => {
    const { labelled, without } = await label({ by: 'consensus' });
    expect({ labelled, without }).toEqual({ labelled: 2, without: [] });
    server.answer = streamed({
      text: (call) => (isJudged(call.messages[0]?.content) ? '\\boxed{1}' : modelText(call)),
    });
    expect(await label({ by: 'consensus', forceRegenerate: true })).toMatchObject({
      labelled: 0,
      without: [{ reason: 'roll-outs and judge that disagree', solutions: 2 }],
    });
  });

  it('fewer roll-outs or votes than asked for give no label', async () => {
    const rolled = await label({ by: 'rollouts', search: 'every', budgetRequests: 3, concurrency: 1 });
    expect(rolled).toMatchObject({
      labelled: 0,
      without: [{ reason: 'the budget of 3 requests is used up', solutions: 2, firstRow: 1 }],
    });
    const judged = await label({ by: 'judge', votes: 3, budgetRequests: 4, concurrency: 1 });
    expect(judged).toMatchObject({
      labelled: 1,
      without: [{ reason: 'the budget of 4 requests is used up', solutions: 1, firstRow: 2 }],
    });
  });

  it('nothing is paid for twice', async () => {
    await label({ by: 'consensus' });
    const first = readFileSync(at('out/labelled.jsonl'), 'utf8');
    server.calls = [];
    expect((await label({ by: 'consensus' })).counts?.requests).toBe(0);
    expect(server.calls).toEqual([]);
    expect(readFileSync(at('out/labelled.jsonl'), 'utf8')).toBe(first);
  });

  it('a dry run asks nobody, and says what it may cost', async () => {
    const summary = await label({ by: 'judge', dryRun: true, votes: 2, maxTokens: 100 });
    expect(summary).toMatchObject({
      cost: { solutions: 2, requests: 4, completionTokens: 400 },
      labelled: 0,
    });
    expect(summary.file).toBeUndefined();
    expect(server.calls).toEqual([]);
  });

  it('ends in one clear error where the server refuses', async () => {
    server.answer = status(401, 'bad key');
    await expect(label({ by: 'judge' })).rejects.toThrow(/the server refuses the key/);
  });

  it.each<[string, Partial<LabelOptions>, RegExp]>([
    ['no server is named', { server: undefined }, /no model is named to ask\. Give --server and --model/],
    [
      'the judge has a server but no name',
      { judgeServer: 'http://127.0.0.1:1/v1' },
      /the judge is no model of its own/,
    ],
  ])('is refused where %s', async (_, options, message) => {
    await expect(label({ by: 'judge', ...options })).rejects.toThrow(message);
  });

  it('is refused where no solution can be labelled', async () => {
    writeJsonl(at('in.jsonl'), [row(RIGHT, null)]);
    await expect(label({ by: 'rollouts' })).rejects.toThrow(
      /there is no solution to label: 1 × no reference answer\. Give solutions with an `answer`/,
    );
  });
});
