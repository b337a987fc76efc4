// Labels for steps: by answer and arithmetic, and by a model server on loopback that continues and judges.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LabelMethodName } from '../../../protocol/src/generation.ts';
import { formatDataset } from '../../../server/src/datasets/format/format.ts';
import type { LabelProgress } from '../../../server/src/generation/labelDatasets.ts';
import { chainOf } from '../../support/chainModel.ts';
import { chainServer, LabelRun, unlabelledRow as row } from '../../support/labelRun.ts';
import { streamed, type ChatCall } from '../../support/testChatServer.ts';
import { TINY_OPTIONS, trainTiny } from '../../support/tinyTraining.ts';

/** Halves count as right: as many continuations reach the answer as not. */
const FORMAT = {
  balance: false,
  neutral: 'correct',
  valRatio: 0.25,
  seed: 1,
  completions: 'steps',
  emptySteps: 'drop',
  overwrite: true,
} as const;

let run: LabelRun;
beforeEach(async () => {
  run = await LabelRun.start();
  run.server.answer = streamed({ text: modelText });
});
afterEach(() => run.end());

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

describe('without a model', () => {
  it('the last number of a sample that was cut is no answer, even where it is the right one', async () => {
    const text = ['We look at the flock.', 'Its size is 14'];
    run.write([
      { ...row(text, '14'), finish_reason: 'length', source_row: 1 },
      { ...row([...text, '#### 14'], '14'), finish_reason: 'length', source_row: 2 },
      { ...row(['We count.', ...text], '14'), finish_reason: 'stop', source_row: 3 },
    ]);
    const { without } = await run.label({ by: 'outcome' });
    expect(run.written.map(({ source_row: at }) => at)).toEqual([2, 3]);
    expect(without).toMatchObject([{ kind: 'left-out', reason: 'no final answer', firstRow: 1 }]);
  });

  it('a right answer makes every step correct, a wrong one only its last step incorrect', async () => {
    run.write([row(WRONG), row(RIGHT), row(['I do not know.']), row(RIGHT, null)]);
    const summary = await run.label({ by: 'outcome' });
    expect(run.written.map(({ labels }) => labels)).toEqual([
      [null, null, null, false],
      [true, true, true],
    ]);
    expect(summary).toMatchObject({
      labelled: 2,
      without: [{ reason: 'no final answer', solutions: 1 }],
      skipped: [{ reason: 'no reference answer', count: 1 }],
      counts: undefined,
    });
    expect(run.server.calls).toEqual([]);
  });

  it('an equation that fails is a wrong step; of what stands behind it nothing is said', async () => {
    const wrong = ['2 * 5 = 10', 'So far so good.', '10 + 10 = 30', '30 - 10 = 20'];
    run.write([row(wrong, null), row(['No numbers.'], null)]);
    const summary = await run.label({ by: 'arithmetic' });
    expect(run.written).toMatchObject([{ labels: [true, null, false, null], first_error: 2 }]);
    expect(summary.without).toEqual([
      { kind: 'left-out', reason: 'no equation that can be evaluated', solutions: 1, firstRow: 2 },
    ]);
  });
});

describe('with a model', () => {
  beforeEach(() => {
    run.write([row(WRONG), row(RIGHT)]);
  });

  it('roll-outs from every step give shares and verdicts', async () => {
    await run.label({ by: 'rollouts', search: 'every' });
    expect(run.written).toMatchObject([
      { labels: [true, true, false, false], estimates: [0.5, 1, 0, 0], first_error: 2 },
      { labels: [true, true, true], estimates: [0.5, 1, 1], first_error: null },
    ]);
    await run.label({ by: 'rollouts', search: 'every', soft: true });
    expect(run.written.map(({ labels }) => labels)).toEqual([
      [0.5, 1, 0, 0],
      [0.5, 1, 1],
    ]);
  });

  it('a search by halves finds the first wrong step with fewer of them', async () => {
    const costs: number[] = [];
    const { counts } = await run.label(
      { by: 'rollouts' },
      { onCost: ({ requests }) => costs.push(requests) },
    );
    expect(run.written).toMatchObject([
      { labels: [true, true, false, null], first_error: 2 },
      { labels: [true, true, true], first_error: null },
    ]);
    expect(costs).toEqual([6]);
    expect(counts?.requests).toBe(4);
    expect(run.server.calls.length).toBe(counts?.requests);
  });

  it('a judge names the first wrong step', async () => {
    const { counts } = await run.label({ by: 'judge', votes: 3, judgeModel: 'wise' });
    expect(run.written.map(({ labels }) => labels)).toEqual([
      [true, true, false, null],
      [true, true, true],
    ]);
    expect(counts?.requests).toBe(6);
    expect(new Set(run.server.calls.map(({ model }) => model))).toEqual(new Set(['wise']));
  });

  it('a judge that says nothing, or disagrees with itself, gives no label', async () => {
    run.server.answer = streamed({
      text: ({ messages, seed }) =>
        messages.at(-1)?.content.includes('Take away') === true ? 'Hm.' : `\\boxed{${1 + (seed % 2)}}`,
    });
    await expect(run.label({ by: 'judge', votes: 2 })).rejects.toThrow(
      'no solution could be labelled: 1 × no verdict that can be read; 1 × votes without a majority.',
    );
  });

  it('agreement keeps what both say, and leaves out the rest', async () => {
    const { labelled, without } = await run.label({ by: 'consensus' });
    expect({ labelled, without }).toEqual({ labelled: 2, without: [] });
    run.server.answer = streamed({
      text: (call) => (isJudged(call.messages[0]?.content) ? '\\boxed{1}' : modelText(call)),
    });
    await expect(run.label({ by: 'consensus', forceRegenerate: true })).rejects.toThrow(
      'no solution could be labelled: 2 × roll-outs and judge that disagree.',
    );
    expect(run.written).toHaveLength(2);
  });

  it('nothing is paid for twice', async () => {
    await run.label({ by: 'consensus' });
    const first = readFileSync(run.at('out/labelled.jsonl'), 'utf8');
    run.server.calls = [];
    expect((await run.label({ by: 'consensus' })).counts?.requests).toBe(0);
    expect(run.server.calls).toEqual([]);
    expect(readFileSync(run.at('out/labelled.jsonl'), 'utf8')).toBe(first);
  });

  it('a dry run asks nobody, and says what it may cost, and what of that the cache has', async () => {
    const dry = async (by: LabelMethodName) => {
      const { cost, file } = await run.label({ by, dryRun: true, votes: 2, maxTokens: 100 });
      expect(file).toBeUndefined();
      return cost;
    };
    expect(await dry('judge')).toEqual({ solutions: 2, requests: 4, completionTokens: 400, cached: 0 });
    expect(await dry('consensus')).toMatchObject({ requests: 8, cached: 0 });
    expect(await dry('outcome')).toMatchObject({ requests: 0 });
    expect(run.server.calls).toEqual([]);
    expect(existsSync(run.at('out'))).toBe(false);
    await run.label({ by: 'judge', votes: 2, maxTokens: 100 });
    run.server.calls = [];
    expect(await dry('judge')).toMatchObject({ requests: 4, cached: 4 });
    // The verdicts are there, the roll-outs of the wrong solution are not; the right one needs none.
    expect(await dry('consensus')).toMatchObject({ requests: 8, cached: 4 });
    expect(run.server.calls).toEqual([]);
  });

  it('every answer is told, with what it costs', async () => {
    const told: LabelProgress[] = [];
    await run.label(
      { by: 'rollouts', concurrency: 1 },
      { onProgress: (progress) => told.push({ ...progress }) },
    );
    expect(told.length).toBeGreaterThanOrEqual(4 + 2);
    expect(told.at(-1)).toMatchObject({ done: 2, total: 2, counts: { requests: 4, promptTokens: 80 } });
  });
});

describe('rows with several solutions', () => {
  it('whole attempts are labelled each, and say which of their row they are', async () => {
    const right = 'First 4 + 4 = 8.\nThen 8 + 12 = 20.\nThe answer is 20.';
    const wrong = 'First 4 + 5 = 9.\nThe answer is 21.';
    run.write([row([right, wrong]), row([wrong, right])]);
    const { solutions, skipped } = await run.label({ by: 'outcome' });
    expect(run.written.map(({ source_row, trace, labels }) => [source_row, trace, labels])).toEqual([
      [1, 0, [true, true, true]],
      [1, 1, [null, false]],
    ]);
    expect({ solutions, skipped }).toMatchObject({
      solutions: 2,
      skipped: [{ reason: 'the same problem and solution again', count: 2 }],
    });
    expect(await run.label({ by: 'outcome', maxExamples: 1 })).toMatchObject({ solutions: 1, labelled: 1 });
  });

  it('steps that alternatives share with their path are labelled once', async () => {
    const raw = path.resolve('test/fixtures/datasets/prm800k/raw-6-rows.jsonl');
    await run.label({ by: 'judge', datasets: [raw] });
    const branches = run.written.filter(({ trace }) => trace > 0);
    expect(branches.length).toBeGreaterThan(10);
    for (const { labels, completions } of branches) {
      expect(labels).toHaveLength(completions.length);
      expect(labels.slice(0, -1).every((label) => label === null)).toBe(true);
      expect(labels.at(-1)).toBe(true);
    }
    const { without } = await run.label({ by: 'outcome', datasets: [raw] });
    // A branch ends where it leaves its path; the last number in it is no answer.
    expect(without).toMatchObject([{ reason: 'no final answer' }]);
    expect(run.written.every(({ trace }) => trace === 0)).toBe(true);
  });
});

describe('soft labels', () => {
  it('are formatted and learned as shares', async () => {
    run.server.answer = chainServer({ slips: 0.3, misjudges: 0 });
    const chains = [4, 5, 6].flatMap((size) =>
      [undefined, 1].map((wrong) =>
        chainOf(
          Array.from({ length: size }, (_, n) => n + size),
          wrong,
        ),
      ),
    );
    run.write(chains.map(({ problem, steps, answer }) => row(steps, answer, problem)));
    await run.label({ by: 'rollouts', soft: true, rollouts: 5 });
    const shares = run.written.flatMap(({ labels }) => labels);
    expect(shares.every((share) => typeof share === 'number')).toBe(true);
    expect(shares.filter((share) => share !== 0 && share !== 1).length).toBeGreaterThan(5);
    await formatDataset(
      { ...FORMAT, inputs: [{ dataset: run.at('out/labelled.jsonl') }], outputDir: run.at('data') },
      {},
    );
    const examples = readFileSync(run.at('data/prm_train.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { label: number; soft?: number });
    const soft = examples.filter((example) => example.soft !== undefined);
    expect(soft.length).toBeGreaterThan(3);
    for (const { label, soft: share = 0 } of soft) if (share !== 0.5) expect(label).toBe(share > 0.5 ? 1 : 0);
    const { outcome } = await trainTiny({
      ...TINY_OPTIONS,
      data: run.at('data'),
      output_dir: run.at('run'),
      soft_labels: true,
      num_epochs: 1,
    });
    expect(outcome.state).toBe('done');
  });
});
