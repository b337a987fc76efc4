// Sampling from a real server on loopback: streams, failures, budgets, and a cache that nothing is paid for twice with.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SampleHooks } from '../../../server/src/generation/sampleDatasets.ts';
import { clearCache, listCache, verifyCache } from '../../../server/src/generation/sampling/cacheUpkeep.ts';
import type { SampleOptions } from '../../../server/src/generation/sampling/sampleOptions.ts';
import { SampleRun } from '../../support/sampleRun.ts';
import { writeJsonl } from '../../support/stepwise.ts';
import {
  dropped,
  endless,
  event,
  failingStream,
  malformed,
  silent,
  status,
  streamed,
  textOf,
  webPage,
  whole,
  type ChatAnswer,
  type TestChatServer,
} from '../../support/testChatServer.ts';

let run: SampleRun;
let server: TestChatServer;
beforeEach(async () => {
  run = await SampleRun.start();
  ({ server } = run);
});
afterEach(() => run.end());

const at = (name: string): string => run.at(name);
const sample = (options: Partial<SampleOptions> = {}, hooks: SampleHooks = {}) => run.sample(options, hooks);
const written = () => run.written();

describe('samples of a model server', () => {
  it('are written as steps, with their answers compared to the reference', async () => {
    const summary = await sample();
    expect(summary).toMatchObject({
      problems: 3,
      samples: 6,
      answers: { correct: 3, incorrect: 3, unknown: 0 },
      solved: { problems: 3, of: 3 },
      counts: { requests: 6, cached: 0, promptTokens: 120 },
    });
    expect(written()[0]).toEqual({
      prompt: 'What is 1 + 10?',
      completions: ['I add 1 and 10.', 'That is 11.', '#### 11'],
      labels: [null, null, null],
      answer: '11',
      sampled_answer: '11',
      answer_correct: true,
      finish_reason: 'stop',
      model: 'tiny',
      sample: 0,
      seed: 42,
      source: at('problems.jsonl'),
      source_row: 1,
    });
    expect(written().map(({ source_row, sample: number }) => [source_row, number])).toEqual([
      [1, 0],
      [1, 1],
      [2, 0],
      [2, 1],
      [3, 0],
      [3, 1],
    ]);
    expect(new Set(server.calls.map(({ seed }) => seed))).toEqual(new Set([42, 43]));
  });

  it('of another model than was asked for say so, also from the cache (llama.cpp has one model, and answers with it)', async () => {
    server.answer = (call, response) => {
      const data = {
        model: 'smollm2',
        choices: [{ index: 0, delta: { content: textOf(call) }, finish_reason: 'stop' }],
      };
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`${event(data)}data: [DONE]\n\n`);
    };
    const otherModels = [{ asked: 'tiny', answered: 'smollm2', samples: 6 }];
    expect((await sample()).counts).toMatchObject({ requests: 6, otherModels });
    expect((await sample()).counts).toMatchObject({ requests: 0, otherModels });
    expect((await sample({ model: 'smollm2' })).counts).not.toHaveProperty('otherModels');
  });

  it('come from the cache in a second run, without one request; another setting is another sample', async () => {
    await sample();
    const first = readFileSync(at('out/samples.jsonl'), 'utf8');
    server.calls = [];
    const again = await sample();
    expect(server.calls).toEqual([]);
    expect(again.counts).toMatchObject({ cached: 6, requests: 0, promptTokens: 0 });
    expect(readFileSync(at('out/samples.jsonl'), 'utf8')).toBe(first);
    await sample({ temperature: 0.1 });
    expect(server.calls).toHaveLength(6);
    server.calls = [];
    await sample({ numSamplesPerProblem: 3 });
    expect(server.calls).toHaveLength(3);
    server.calls = [];
    await sample({ forceRegenerate: true });
    expect(server.calls).toHaveLength(6);
  });

  it('are made again where the cache was damaged', async () => {
    await sample();
    const victim = run.cacheFiles('content/content-v2')[0] ?? '';
    writeFileSync(victim, readFileSync(victim, 'utf8').replace('add', 'sub'));
    server.calls = [];
    const again = await sample();
    expect(server.calls).toHaveLength(1);
    expect(again).toMatchObject({ damaged: 1, samples: 6, counts: { cached: 5 } });
    expect(
      written()
        .flatMap(({ completions }) => completions)
        .join(),
    ).not.toContain('sub');
  });

  it('work with a server that does not stream, and with a key', async () => {
    server.answer = whole;
    const { samples } = await sample({}, { environment: { PRM_API_KEY: 'secret' } });
    expect(samples).toBe(6);
    expect(new Set(server.authorizations)).toEqual(new Set(['Bearer secret']));
  });

  it('that are cut, or without an answer, are counted', async () => {
    server.answer = streamed({ finish: 'length', text: () => 'It is 2, then 3, then' });
    expect(await sample()).toMatchObject({ cut: 6, answers: { correct: 0, incorrect: 0, unknown: 6 } });
  });

  it('are taken from problems without a reference answer, each problem once', async () => {
    const row = { prompt: 'What is 4 + 5?', completions: ['9'], labels: [true] };
    writeJsonl(at('problems.jsonl'), [row, row]);
    const { problems, answers, solved } = await sample();
    expect({ problems, answers, solved }).toEqual({
      problems: 1,
      answers: { correct: 0, incorrect: 0, unknown: 2 },
      solved: { problems: 0, of: 0 },
    });
  });
});

describe('a server that is in trouble', () => {
  it.each<[string, ChatAnswer]>([
    ['is busy, and says for how long', status(429, 'slow down', { 'retry-after': '0' })],
    ['fails', status(500, 'oops')],
    ['drops the connection in the middle', dropped],
    ['sends what is no JSON', malformed],
    ['fails inside of its stream', failingStream],
  ])('%s: is asked again, and nothing is lost', async (_, trouble) => {
    server.first.push(trouble, trouble);
    const { samples, counts } = await sample();
    expect(samples).toBe(6);
    expect(counts).toMatchObject({ requests: 8, retried: 2 });
    expect(server.calls).toHaveLength(8);
  });

  it('leaves the connection open behind its last word: the answer is whole', async () => {
    server.answer = endless;
    expect(await sample()).toMatchObject({ samples: 6, counts: { requests: 6, retried: 0 } });
  });

  it('gets no key that cannot be one, and no address with a secret; neither is repeated', async () => {
    const failures = await Promise.all(
      [
        sample({}, { environment: { PRM_API_KEY: 'se\ncret' } }),
        sample({ server: 'http://me:secret@127.0.0.1:1/v1' }),
        sample({ server: 'http://127.0.0.1:1/v1?key=secret' }),
      ].map((run) => run.then(() => '', String)),
    );
    expect(failures[0]).toMatch(/the key holds spaces/);
    expect(failures.slice(1).every((text) => text.includes('a user, a password or a query'))).toBe(true);
    expect(failures.join()).not.toMatch(/cret\b/);
    expect(server.calls).toEqual([]);
  });

  it('falls silent: is asked again after the timeout', async () => {
    server.first.push(silent);
    expect(await sample({ timeout: 0.2 })).toMatchObject({ samples: 6, counts: { retried: 1 } });
  });

  it('is given more at once only as it keeps up', async () => {
    server.answer = streamed({ pause: 1 });
    await sample({ numSamplesPerProblem: 12, concurrency: 4 });
    expect(server.most).toBeLessThanOrEqual(4);
    expect(server.most).toBeGreaterThan(1);
  });

  it('refuses one problem as too long: the others are solved', async () => {
    const overflow = status(400, "This model's maximum context length is 8 tokens.");
    server.answer = (call, response, request) => {
      const isLong = call.messages.at(-1)?.content.includes('2 +') === true;
      (isLong ? overflow : streamed())(call, response, request);
    };
    const { samples, missing, counts } = await sample();
    expect({ samples, missing }).toEqual({
      samples: 4,
      missing: [
        {
          kind: 'failed',
          reason: 'too long for the model, with --max-tokens',
          samples: 2,
          detail: "This model's maximum context length is 8 tokens.",
        },
      ],
    });
    expect(counts.retried).toBe(0);
  });

  it.each<[string, ChatAnswer, RegExp]>([
    [
      'refuses the key',
      status(401, 'bad key'),
      /the server refuses the key \(401: bad key\)\. Set PRM_API_KEY/,
    ],
    [
      'does not know the model',
      status(404, 'The model `tiny` does not exist'),
      /the server has no model "tiny"/,
    ],
    ['has no such API', status(404, 'Not found'), /no chat completions API at this address/],
    ['refuses a setting', status(400, 'top_p must be 1'), /refuses the request \(400: top_p must be 1\)/],
    ['is something else', webPage, /answers with text\/html, not with a chat completion/],
    [
      'never recovers',
      status(500, 'oops'),
      /the server fails again and again: the server failed \(500: oops\)/,
    ],
  ])('%s: one clear error, and no file', async (_, answer, message) => {
    server.answer = answer;
    await expect(sample({ numSamplesPerProblem: 3 })).rejects.toThrow(message);
    expect(existsSync(at('out/samples.jsonl'))).toBe(false);
  });

  it('is not there', async () => {
    await server.close();
    await expect(sample()).rejects.toThrow(
      /no server can be reached there \(ECONNREFUSED\)\. Start the model server/,
    );
  });

  it('has a port that is never asked', async () => {
    await expect(sample({ server: 'http://127.0.0.1:10080/v1' })).rejects.toThrow(
      /no server can be reached there \(a port that HTTP clients refuse\)/,
    );
  });

  it('has an address that is none', async () => {
    await expect(sample({ server: 'localhost' })).rejects.toThrow(/"localhost" is no address of a server/);
  });
});

describe('a run that ends early', () => {
  it('keeps to its budget, says so, and goes on later', async () => {
    const first = await sample({ budgetRequests: 4, concurrency: 1 });
    expect(first).toMatchObject({
      samples: 4,
      missing: [{ kind: 'over-budget', reason: 'the budget of 4 requests is used up', samples: 2 }],
    });
    server.calls = [];
    const second = await sample({ budgetTokens: 1_000_000 });
    expect(server.calls).toHaveLength(2);
    expect(second).toMatchObject({ samples: 6, counts: { cached: 4 } });
    server.calls = [];
    const tokens = await sample({ budgetTokens: 1, forceRegenerate: true, concurrency: 1 });
    expect(tokens.samples).toBe(1);
  });

  it('is cancelled: what came is kept, and it says so', async () => {
    const stop = new AbortController();
    server.answer = (call, response, request) => {
      if (server.calls.length === 4) stop.abort();
      streamed()(call, response, request);
    };
    await expect(sample({ concurrency: 1 }, { signal: stop.signal })).rejects.toThrow(
      /Stopped: 3 of 6 samples are kept\. The same command goes on from there\./,
    );
    server.calls = [];
    server.answer = streamed();
    await sample();
    expect(server.calls).toHaveLength(3);
  });

  it('shares its cache with another run at the same time: nothing is paid for twice', async () => {
    server.answer = streamed({ pause: 2 });
    const [one, two] = await Promise.all([sample(), sample({ outputDir: at('other') })]);
    expect(server.calls).toHaveLength(6);
    expect(one.counts.cached + two.counts.cached).toBe(6);
    expect(readFileSync(at('other/samples.jsonl'), 'utf8')).toBe(
      readFileSync(at('out/samples.jsonl'), 'utf8'),
    );
  });
});

describe('the cache', () => {
  it('is listed by model, verified and cleared', async () => {
    await sample();
    await sample({ model: 'other', numSamplesPerProblem: 1 });
    const cache = at('cache');
    expect((await listCache(cache)).map(({ model, entries }) => [model, entries])).toEqual([
      ['tiny', 6],
      ['other', 3],
    ]);
    expect(await verifyCache(cache)).toMatchObject({ entries: 9, removed: 0 });
    expect(await clearCache(cache, 'other')).toBe(3);
    expect((await listCache(cache)).map(({ model }) => model)).toEqual(['tiny']);
    expect(await clearCache(cache)).toBe(6);
    expect(await listCache(cache)).toEqual([]);
    expect(await verifyCache(cache)).toEqual({ entries: 0, removed: 0, bytes: 0 });
  });

  it('says what is wrong with a folder that cannot be used', async () => {
    writeFileSync(at('file'), '');
    await expect(sample({ cacheDir: at('file') })).rejects.toThrow(/the cache cannot be used/);
  });
});
