// A window that closes, or a language server that dies, in the middle of work that costs: the work ends with it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { GENERATE_DATA } from '../../../protocol/src/generation.ts';
import { silent, TestChatServer } from '../../support/testChatServer.ts';
import { type Editor, startEditor } from './editor.ts';

const SOLUTION = { question: 'What is 2 + 3, doubled?', answer: '2 + 3 = 5\n5 * 2 = 10\n#### 10' };

let workspace: string;
let chat: TestChatServer;
let editor: Editor;

beforeEach(async () => {
  workspace = await mkdtemp(path.join(tmpdir(), 'prm-abandoned-'));
  await writeFile(path.join(workspace, 'solutions.jsonl'), `${JSON.stringify(SOLUTION)}\n`);
  vi.stubEnv('PRM_CACHE', path.join(workspace, 'answers'));
  chat = new TestChatServer();
  // What was asked stays open until whoever asked is gone.
  chat.answer = silent;
  await chat.start();
  editor = await startEditor('spawned', { workspace });
});
afterEach(async () => {
  await chat.close();
  vi.unstubAllEnvs();
  await rm(workspace, { recursive: true });
});

/** Sampling in a process below another one, and labelling in one alone; both ask, each for a model of its own. */
async function startWork(): Promise<void> {
  for (const how of [{ method: 'sample' }, { method: 'label', by: 'judge' }] as const) {
    const given = { dataset: 'solutions.jsonl', outputDir: how.method, server: chat.address };
    const request = editor.request(GENERATE_DATA, { ...given, model: how.method, ...how });
    // Nobody is there any more to be answered.
    request.catch(() => undefined);
  }
  const asked = (model: string): boolean => chat.calls.some((call) => call.model === model);
  await vi.waitUntil(() => asked('sample') && asked('label'), { timeout: 60_000 });
  expect(chat.open).toBeGreaterThanOrEqual(2);
}

const nobodyAsks = (): Promise<unknown> => vi.waitUntil(() => chat.open === 0, { timeout: 60_000 });

it('ends when the window is closed', async () => {
  await startWork();
  await editor.close();
  await nobodyAsks();
});

it('ends when the language server dies', async () => {
  await startWork();
  const { serverPid } = editor;
  if (serverPid === undefined) expect.fail('the server is no process of its own');
  process.kill(serverPid, 'SIGKILL');
  await nobodyAsks();
});
