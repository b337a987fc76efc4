// A window that closes, or a language server that dies, in the middle of work that costs: the work ends with it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { GENERATE_DATA, type GenerateDataParams } from '../../../protocol/src/generation.ts';
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

const work: [string, Partial<GenerateDataParams>][] = [
  // In a process below another one, and in one alone.
  ['sampling', { method: 'sample' }],
  ['labelling', { method: 'label', by: 'judge' }],
];

async function startWork(more: Partial<GenerateDataParams>): Promise<void> {
  const request = editor.request(GENERATE_DATA, {
    method: 'sample',
    dataset: 'solutions.jsonl',
    outputDir: 'made',
    server: chat.address,
    model: 'tiny',
    ...more,
  });
  // Nobody is there any more to be answered.
  request.catch(() => undefined);
  await vi.waitUntil(() => chat.open > 0, { timeout: 60_000 });
}

const nobodyAsks = (): Promise<unknown> => vi.waitUntil(() => chat.open === 0, { timeout: 60_000 });

it.each(work)('%s ends when the window is closed', async (_name, params) => {
  await startWork(params);
  await editor.close();
  await nobodyAsks();
  expect(chat.calls.length).toBeGreaterThan(0);
});

it.each(work)('%s ends when the language server dies', async (_name, params) => {
  await startWork(params);
  const { serverPid } = editor;
  if (serverPid !== undefined) process.kill(serverPid, 'SIGKILL');
  await nobodyAsks();
  expect(chat.calls.length).toBeGreaterThan(0);
});
