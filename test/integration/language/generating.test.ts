// Making training data from the editor, over a real connection, with a real model server on loopback.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import {
  ESTIMATE_DATA,
  GENERATE_DATA,
  LIST_SERVER_MODELS,
  type GenerateDataParams,
} from '../../../protocol/src/generation.ts';
import { sizeOfCache } from '../../../server/src/generation/sampling/cacheUpkeep.ts';
import { silent, streamed, TestChatServer, webPage } from '../../support/testChatServer.ts';
import { type Editor, failureOf, type Kind, startEditor } from './editor.ts';

const KEY = 'sk-a"secret\\of-this-test';
const PROBLEMS = 6;

let workspace: string;
let chat: TestChatServer;
let editor: Editor;

beforeEach(async () => {
  workspace = await mkdtemp(path.join(tmpdir(), 'prm-generate-'));
  chat = new TestChatServer();
  await chat.start();
  vi.stubEnv('PRM_CACHE', path.join(workspace, 'answers'));
  vi.stubEnv('PRM_API_KEY', '');
  vi.stubEnv('OPENAI_API_KEY', '');
  const problems = Array.from({ length: PROBLEMS }, (_, index) => {
    const [had, bought] = [index + 3, index + 20];
    const [sum, half] = [had + bought, (had + bought) / 2];
    return {
      question: `Ann has ${had} pens and buys ${bought}. She gives half of them away. How many has she?`,
      answer: `Ann has ${had} + ${bought} = ${sum} pens.\nShe keeps ${sum} / 2 = ${half} pens.\n#### ${half}`,
    };
  });
  await writeFile(
    path.join(workspace, 'problems.jsonl'),
    problems.map((row) => `${JSON.stringify(row)}\n`).join(''),
  );
});
afterEach(async () => {
  await editor.close();
  await chat.close();
  vi.unstubAllEnvs();
  await rm(workspace, { recursive: true });
});

const corrupting: GenerateDataParams = {
  method: 'corrupt',
  dataset: 'problems.jsonl',
  outputDir: '.prm/data/made',
  count: 2,
};
const sampling = (more: Partial<GenerateDataParams> = {}): GenerateDataParams => ({
  ...corrupting,
  method: 'sample',
  server: chat.address,
  model: 'tiny',
  ...more,
});

interface Progress {
  kind: string;
  message?: string;
  percentage?: number;
}

const progressUnder = (token: string): Progress[] =>
  editor
    .seen<{ token: string; value: Progress }>({ method: '$/progress' })
    .filter((seen) => seen.token === token)
    .map(({ value }) => value);

const rowsOf = async (file: string): Promise<Record<string, unknown>[]> =>
  (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe.each<Kind>(['in-band', 'spawned'])('a server that is %s', (kind) => {
  beforeEach(async () => {
    editor = await startEditor(kind, { workspace });
  });

  it('puts errors into solutions', async () => {
    const made = await editor.request(GENERATE_DATA, { ...corrupting, workDoneToken: 'c' });
    expect(made).toMatchObject({
      method: 'corrupt',
      file: path.join(workspace, '.prm/data/made/corrupted.jsonl'),
      requests: 0,
      cached: 0,
      missing: [],
    });
    const rows = await rowsOf(made.file);
    expect(rows).toHaveLength(made.rows);
    expect(rows.filter(({ strategy }) => strategy !== null).length).toBeGreaterThan(PROBLEMS);
    expect(progressUnder('c').map(({ kind: part }) => part)).toEqual(
      expect.arrayContaining(['begin', 'end']) as string[],
    );
  });
});

// The commands are processes of their own either way.
describe('work that costs', () => {
  beforeEach(async () => {
    editor = await startEditor('in-band', { workspace });
  });

  it('asks for solutions with rate, cost and share, and labels them; the second time nobody is asked', async () => {
    const made = await editor.request(GENERATE_DATA, sampling({ workDoneToken: 's' }));
    expect(made).toMatchObject({ rows: 2 * PROBLEMS, requests: 2 * PROBLEMS, cached: 0, missing: [] });
    expect(made.tokens).toBeGreaterThan(0);
    const shares = progressUnder('s').filter(({ percentage }) => percentage !== undefined);
    expect(shares[0]?.message).toMatch(/^Sampling: \d+ of 12, .*tokens/);

    chat.calls = [];
    const failure = await failureOf(editor.request(GENERATE_DATA, sampling()));
    expect(failure.actions).toEqual(['overwrite']);
    const again = await editor.request(GENERATE_DATA, sampling({ overwrite: true }));
    expect(again).toMatchObject({ rows: 2 * PROBLEMS, requests: 0, cached: 2 * PROBLEMS, tokens: 0 });
    expect(chat.calls).toEqual([]);

    const labelling = { ...corrupting, method: 'label', by: 'outcome', dataset: made.file } as const;
    const labelled = await editor.request(GENERATE_DATA, { ...labelling, outputDir: 'labelled' });
    expect(labelled).toMatchObject({ method: 'label', rows: 2 * PROBLEMS, requests: 0 });
    expect((await rowsOf(labelled.file))[0]).toMatchObject({ labelled_by: 'outcome' });
  });

  it('keeps what was answered when it is cancelled, and goes on without asking for it again', async () => {
    const answer = streamed();
    let answered = 0;
    chat.answer = (...call) => (++answered <= 5 ? answer(...call) : silent(...call));
    const cancellation = new CancellationTokenSource();
    const work = editor.request(GENERATE_DATA, sampling(), cancellation.token);
    const kept = async (): Promise<number> => (await sizeOfCache(path.join(workspace, 'answers'))).entries;
    await expect.poll(kept, { timeout: 30_000 }).toBe(5);
    cancellation.cancel();
    await expect(work).rejects.toMatchObject({ code: -32800 });

    chat.answer = answer;
    chat.calls = [];
    const made = await editor.request(GENERATE_DATA, sampling());
    expect(made).toMatchObject({ rows: 2 * PROBLEMS, cached: 5, requests: 2 * PROBLEMS - 5 });
    expect(chat.calls).toHaveLength(2 * PROBLEMS - 5);
  });

  it('says what is kept when the server dies, and goes on at another address', async () => {
    const answer = streamed();
    let answered = 0;
    chat.answer = (...call) => {
      if (++answered <= 3) answer(...call);
      else void chat.close();
    };
    const failure = await failureOf(editor.request(GENERATE_DATA, sampling()));
    expect(failure.remedy).toContain('What was paid for is kept');
    expect(failure.actions).toEqual(['goOn']);

    const other = new TestChatServer();
    await other.start();
    try {
      const made = await editor.request(GENERATE_DATA, sampling({ server: other.address }));
      expect(made.rows).toBe(2 * PROBLEMS);
      expect(made.cached).toBe(2 * PROBLEMS - other.calls.length);
      expect(made.cached).toBeGreaterThan(0);
    } finally {
      await other.close();
    }
  });

  it('tells what a budget left out', async () => {
    const made = await editor.request(GENERATE_DATA, sampling({ budgetTokens: 100 }));
    expect(made.rows).toBeLessThan(2 * PROBLEMS);
    expect(made.missing).toEqual([expect.stringMatching(/^\d+ × the budget of 100 tokens is used up$/)]);
    const whole = await editor.request(GENERATE_DATA, sampling({ overwrite: true }));
    expect(whole).toMatchObject({ rows: 2 * PROBLEMS, cached: made.rows, missing: [] });
  });

  it('says what it costs before anybody is asked', async () => {
    const samples = await editor.request(ESTIMATE_DATA, sampling());
    expect(samples).toMatchObject({ answers: 2 * PROBLEMS, cached: 0 });
    expect(samples.completionTokens).toBeGreaterThan(samples.answers);
    const { file } = await editor.request(GENERATE_DATA, corrupting);
    const labels = await editor.request(
      ESTIMATE_DATA,
      sampling({ method: 'label', by: 'rollouts', dataset: file, limit: 4, count: 3 }),
    );
    expect(labels.answers).toBeGreaterThan(0);
    expect(chat.calls).toEqual([]);
  });

  it('wants another key where the server refuses it, and never writes it anywhere', async () => {
    chat.key = KEY;
    for (const given of [{}, { key: 'sk-the-wrong-one' }]) {
      const asked = failureOf(editor.request(GENERATE_DATA, sampling(given)));
      expect((await asked).actions).toEqual(['setKey']);
      expect(JSON.stringify(await asked)).not.toMatch(/sk-the-wrong-one|PRM_API_KEY/);
      const list = await failureOf(editor.request(LIST_SERVER_MODELS, { server: chat.address, ...given }));
      expect(list.actions).toEqual(['setKey']);
      expect(JSON.stringify(list)).not.toMatch(/sk-the-wrong-one|PRM_API_KEY/);
    }
    expect(await editor.request(LIST_SERVER_MODELS, { server: chat.address, key: KEY })).toEqual({
      models: ['tiny'],
    });
    const made = await editor.request(GENERATE_DATA, sampling({ key: KEY }));
    expect(made.rows).toBe(2 * PROBLEMS);
    const written = [
      JSON.stringify(editor.seen({ method: 'window/logMessage' })),
      await readFile(made.file, 'utf8'),
      await readFile(path.join(path.dirname(made.file), 'generation_info.json'), 'utf8'),
    ].join('\n');
    expect(written).toContain('generate sample');
    expect(written).not.toMatch(/sk-/);
  });
});

describe('a model server', () => {
  beforeEach(async () => {
    editor = await startEditor('in-band', { workspace });
  });

  it('lists its models, or has no list', async () => {
    chat.models = ['small', 'large', 'small'];
    const list = { server: `${chat.address}/` };
    expect(await editor.request(LIST_SERVER_MODELS, list)).toEqual({ models: ['large', 'small'] });
    chat.models = undefined;
    expect(await editor.request(LIST_SERVER_MODELS, list)).toEqual({ models: [] });
  });

  it('is named where it cannot be reached', async () => {
    await chat.close();
    const server = chat.address;
    const listing = await failureOf(editor.request(LIST_SERVER_MODELS, { server }));
    expect(listing).toMatchObject({ where: server, what: expect.stringContaining('ECONNREFUSED') as string });
    const asking = await failureOf(editor.request(GENERATE_DATA, sampling()));
    expect(asking).toMatchObject({ where: server, what: expect.stringContaining('ECONNREFUSED') as string });
    expect(asking.actions).toEqual([]);
  });

  it('is told from other things that answer', async () => {
    chat.answer = webPage;
    const { what } = await failureOf(editor.request(GENERATE_DATA, sampling()));
    expect(what).toContain('text/html');
  });

  it('has an address without secrets, which are not logged either', async () => {
    const server = chat.address.replace('127', 'me:hunter2@127');
    for (const refused of [
      await failureOf(editor.request(GENERATE_DATA, sampling({ server }))),
      await failureOf(editor.request(ESTIMATE_DATA, sampling({ server }))),
      await failureOf(editor.request(LIST_SERVER_MODELS, { server })),
    ]) {
      expect(refused.what).toContain('holds a user, a password or a query');
      expect(JSON.stringify(refused)).not.toContain('hunter2');
    }
    expect(JSON.stringify(editor.seen({ method: 'window/logMessage' }))).not.toContain('hunter2');
    expect((await failureOf(editor.request(LIST_SERVER_MODELS, { server: 'nowhere' }))).what).toContain(
      'no address',
    );
  });
});

describe('a request that cannot be done', () => {
  beforeEach(async () => {
    editor = await startEditor('in-band', { workspace });
  });

  it('names what is missing', async () => {
    const of = (params: object): Promise<string> =>
      failureOf(editor.request(GENERATE_DATA, { ...corrupting, ...params })).then(
        ({ where = '', what }) => `${where} ${what}`,
      );
    expect(await of({ dataset: 'gone.jsonl' })).toContain(path.join(workspace, 'gone.jsonl'));
    expect(await of({ method: 'label' })).toContain('a way of labelling is needed');
    expect(await of({ method: 'sample' })).toContain('no model is named to ask');
    expect(await of({ count: 0 })).toContain('count');
    expect(await of({ strategies: ['nonsense'] })).toContain('nonsense');
  });
});

it('makes and asks nothing in a workspace that is not trusted', async () => {
  editor = await startEditor('in-band', { workspace, trusted: false });
  for (const refused of [
    await failureOf(editor.request(GENERATE_DATA, corrupting)),
    await failureOf(editor.request(ESTIMATE_DATA, sampling())),
    await failureOf(editor.request(LIST_SERVER_MODELS, { server: chat.address })),
  ]) {
    expect(refused.actions).toEqual(['manageTrust']);
  }
});
