// Model servers that never stop, think aloud, refuse, send on, or give less than was asked for: over real connections.
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SampleOptions } from '../../../server/src/generation/sampling/sampleOptions.ts';
import {
  breaksAfterFirst,
  endlessLine,
  endlessRefusal,
  endlessWhole,
  keepsAlive,
  oneUnending,
  refusesChoices,
  saysNothing,
  sendsOn,
  thoughtful,
  uncounted,
  unending,
} from '../../support/chatTroubles.ts';
import { SampleRun } from '../../support/sampleRun.ts';
import { status, streamed, type ChatAnswer } from '../../support/testChatServer.ts';

let run: SampleRun;
beforeEach(async () => {
  run = await SampleRun.start();
});
afterEach(() => run.end());

describe('several samples a request', () => {
  it('are asked for at once, told apart by their index, and each kept for itself', async () => {
    const summary = await run.sample({ numSamplesPerProblem: 6, samplesPerRequest: 4 });
    expect(run.asked().sort()).toEqual([2, 2, 2, 4, 4, 4]);
    // 20 tokens are read once a request, however many samples come of it.
    expect(summary).toMatchObject({ samples: 18, counts: { requests: 6, promptTokens: 120 } });
    expect(summary.counts.oneByOne).toBeUndefined();
    const first = readFileSync(run.at('out/samples.jsonl'), 'utf8');
    const again = await run.sample({ numSamplesPerProblem: 6 });
    expect(run.asked()).toEqual([]);
    expect(again.counts).toMatchObject({ cached: 18, requests: 0 });
    expect(readFileSync(run.at('out/samples.jsonl'), 'utf8')).toBe(first);
    const rows = run.written().slice(0, 6);
    expect(rows.map(({ sample, seed }) => [sample, seed])).toEqual(
      [0, 1, 2, 3, 4, 5].map((n) => [n, 42 + n]),
    );
  });

  it('are only asked for where they are missing', async () => {
    await run.sample({ numSamplesPerProblem: 3 });
    run.asked();
    await run.sample({ numSamplesPerProblem: 7, samplesPerRequest: 4 });
    expect(run.asked()).toEqual([4, 4, 4]);
    await run.sample({ numSamplesPerProblem: 8, samplesPerRequest: 4 });
    expect(run.asked()).toEqual([1, 1, 1]);
  });

  it.each<[string, ChatAnswer, RegExp]>([
    ['gives one, as Ollama does', streamed({ most: 1 }), /^the server gave 1 of 3 samples/],
    ['refuses, as llama.cpp does', refusesChoices, /Only one completion choice is allowed/],
  ])('from a server that %s: one by one from then on, and it says so', async (_, answer, reason) => {
    run.server.answer = answer;
    const { samples, counts } = await run.sample({
      numSamplesPerProblem: 3,
      samplesPerRequest: 3,
      concurrency: 1,
    });
    expect(samples).toBe(9);
    expect(counts.oneByOne).toMatch(reason);
    const [first, ...rest] = run.asked();
    expect(first).toBe(3);
    expect(rest).toEqual(rest.map(() => 1));
  });

  it('from a connection that breaks: what had come to its end is kept, the rest is asked for again', async () => {
    run.server.first.push(breaksAfterFirst);
    const { samples, counts } = await run.sample({ samplesPerRequest: 2, concurrency: 1 });
    expect(samples).toBe(6);
    expect(run.asked()).toEqual([2, 1, 2, 2]);
    expect(counts.oneByOne).toBeUndefined();
  });

  it('asked for by two runs at once are paid for once', async () => {
    run.write(12);
    run.server.answer = streamed({ pause: 1 });
    const options = { numSamplesPerProblem: 4, samplesPerRequest: 2 };
    const [one, two] = await Promise.all([
      run.sample(options),
      run.sample({ ...options, samplesPerRequest: 3, outputDir: run.at('other') }),
    ]);
    expect(run.asked().reduce((sum, n) => sum + n, 0)).toBe(48);
    expect(one.counts.cached + two.counts.cached).toBe(48);
    expect(run.written('other')).toEqual(run.written());
  });
});

describe('an answer without an end', () => {
  it('is cut at what its tokens could at most be, kept, and not asked for again', async () => {
    run.server.answer = unending;
    const summary = await run.sample({ maxTokens: 10 });
    expect(summary).toMatchObject({ samples: 6, cut: 6, counts: { requests: 6, retried: 0, guessed: 6 } });
    expect(run.written().every(({ finish_reason }) => finish_reason === 'length')).toBe(true);
    expect(run.written()[0]?.completions.join().length).toBeLessThan(10 * 32 + 5000);
    run.asked();
    await run.sample({ maxTokens: 10 });
    expect(run.asked()).toEqual([]);
    expect(run.server.open).toBe(0);
  });

  it('does not spoil the other samples of its request', async () => {
    run.server.answer = oneUnending;
    const { samples, cut } = await run.sample({ maxTokens: 10, samplesPerRequest: 2 });
    expect({ samples, cut }).toEqual({ samples: 6, cut: 3 });
    expect(
      run
        .written()
        .slice(0, 2)
        .map(({ finish_reason }) => finish_reason),
    ).toEqual(['stop', 'length']);
  });

  it.each<[string, ChatAnswer]>([
    ['only comments', keepsAlive],
    ['only empty chunks', saysNothing],
  ])('that is %s is given up after the timeout, and asked for again', async (_, answer) => {
    run.server.first.push(answer);
    expect(await run.sample({ timeout: 0.3 })).toMatchObject({ samples: 6, counts: { retried: 1 } });
  });

  it.each<[string, ChatAnswer, number]>([
    ['a line', endlessLine, 1],
    ['a whole answer', endlessWhole, 0],
  ])('in the form of %s is read to a limit', async (_, answer, retried) => {
    run.server.first.push(answer);
    const { samples, counts } = await run.sample({ maxTokens: 100, concurrency: 1 });
    expect({ samples, retried: counts.retried }).toEqual({ samples: 5 + retried, retried });
  });

  it('in the form of a refusal is read to a limit', async () => {
    run.server.answer = endlessRefusal;
    await expect(run.sample()).rejects.toThrow(/refuses the request \(400: top_p must be 1 x+…\)/);
  });
});

describe('thoughts', () => {
  it.each(['reasoning_content', 'reasoning'] as const)(
    'that come as %s are no part of the sample',
    async (field) => {
      run.server.answer = thoughtful(field);
      const { answers } = await run.sample();
      expect(answers).toEqual({ correct: 3, incorrect: 3, unknown: 0 });
      expect(run.written()[0]?.completions).toEqual(['I add 1 and 10.', 'That is 11.', '#### 11']);
    },
  );

  it('without an answer are kept, and reported as missing', async () => {
    run.server.first.push(
      thoughtful('reasoning_content', false),
      streamed({ text: () => '<think>\nIs it 99?' }),
    );
    const { samples, missing } = await run.sample({ concurrency: 1 });
    expect({ samples, missing }).toEqual({
      samples: 4,
      missing: [{ kind: 'empty', reason: 'thoughts without an answer: see --max-tokens', samples: 2 }],
    });
    run.asked();
    await run.sample();
    expect(run.asked()).toEqual([]);
  });
});

describe('a server that', () => {
  it('does not count tokens: they are guessed, and a budget still ends', async () => {
    run.server.answer = uncounted;
    const { counts, samples } = await run.sample({ budgetTokens: 100, concurrency: 1 });
    expect(counts.guessed).toBe(samples);
    expect(counts.promptTokens).toBeGreaterThan(0);
    expect(samples).toBeLessThan(6);
  });

  it.each([301, 307])('sends on with %i: the other address is named, and gets nothing', async (code) => {
    run.server.answer = sendsOn(code, 'https://elsewhere.example/v1/chat/completions');
    await expect(run.sample()).rejects.toThrow(
      `the server sends on to https://elsewhere.example/v1 (${code}). Give that address as --server`,
    );
  });

  it('has an answer without text: it is reported', async () => {
    run.server.first.push(streamed({ text: () => '' }));
    const { missing } = await run.sample();
    expect(missing).toEqual([{ kind: 'empty', reason: 'an answer without text', samples: 1 }]);
  });

  it.each([
    ['vLLM', 404, 'The model `tiny` does not exist.'],
    ['Ollama', 404, 'model "tiny" not found, try pulling it first'],
    ['llama.cpp', 400, "model 'tiny' not found"],
    ['OpenAI', 400, 'model_not_found'],
  ])('does not know the model, as %s says it', async (_, code, said) => {
    run.server.answer = status(code, said);
    await expect(run.sample()).rejects.toThrow(/has no model "tiny".*Give the name that the server uses/);
  });

  it.each([
    ['vLLM', "This model's maximum context length is 2048 tokens. However, you requested 2100 tokens."],
    ['vLLM, of long problems', 'max_tokens must be at least 1, got -186.'],
    ['llama.cpp', 'the request exceeds the available context size, try increasing it'],
    ['Ollama', 'the input length exceeds the maximum context length'],
  ])('finds one problem too long, as %s says it: that one is missing', async (_, said) => {
    run.server.first.push(status(400, said));
    const { samples, missing } = await run.sample();
    expect(samples).toBe(5);
    expect(missing).toEqual([
      { kind: 'failed', reason: 'too long for the model, with --max-tokens', samples: 1, detail: said },
    ]);
  });

  it('finds every problem too long: one clear error, and no file', async () => {
    run.server.answer = status(400, 'max_tokens is larger than the maximum context length');
    await expect(run.sample()).rejects.toThrow(/no sample could be had: 6 × too long for the model/);
    expect(existsSync(run.at('out/samples.jsonl'))).toBe(false);
  });

  it('asks to wait until a date: that long, and not more', async () => {
    run.server.first.push(
      status(429, 'slow down', { 'retry-after': new Date(Date.now() + 900).toUTCString() }),
    );
    const { counts, samples } = await run.sample({ concurrency: 1 });
    expect({ samples, retried: counts.retried }).toEqual({ samples: 6, retried: 1 });
  });
});

describe('what cannot be', () => {
  it.each<[string, Partial<SampleOptions>, RegExp]>([
    ['no address', { server: '' }, /--server: the value cannot be used/],
    ['no model', { model: '' }, /--model: the value cannot be used/],
    ['a top-p of nothing', { topP: 0 }, /--top_p: the value cannot be used \(Too small/],
    ['a seed beyond 31 bits', { seed: 3e9 }, /--seed: the value cannot be used \(Too big/],
    ['too many at once', { concurrency: 5000 }, /--concurrency: the value cannot be used/],
    ['a dataset that is not there', { datasets: ['./nowhere.jsonl'] }, /nowhere\.jsonl/],
    [
      'a machine that is not there',
      { server: 'http://nowhere.invalid/v1' },
      /no server can be reached there \(E/,
    ],
  ])('is refused: %s', async (_, options, message) => {
    await expect(run.sample(options)).rejects.toThrow(message);
    expect(run.asked()).toEqual([]);
    expect(existsSync(run.at('out/samples.jsonl'))).toBe(false);
  });
});
