// Generate Training Data in the real VS Code, as a person goes through its questions: back, a key, cancel, and on.
import { writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { Workbench } from '../../scripts/lib/workbench.ts';
import { silent, streamed, TestChatServer } from '../support/testChatServer.ts';

const KEY = 'sk-of-this-test';
const PROBLEMS = 5;
/** In the order of VS Code's lists and messages. */
const row = (label: string) => page.locator('.quick-input-list .monaco-list-row', { hasText: label }).first();
const message = (text: string) => page.locator('.notification-list-item', { hasText: text });

let workbench: Workbench;
let page: Page;
let view: FrameLocator;
const chat = new TestChatServer();

beforeAll(async () => {
  await chat.start();
  // Inherited by the extension host.
  vi.stubEnv('PRM_API_KEY', '');
  vi.stubEnv('OPENAI_API_KEY', '');
  vi.stubEnv('PRM_CACHE', '');
  workbench = await Workbench.open({
    vsix: inject('vsix'),
    viewport: { width: 1300, height: 900 },
    settings: { 'prm.trace.server': 'verbose' },
    prepare: (workspace) => {
      const rows = Array.from({ length: PROBLEMS }, (_, index) => {
        const [had, bought] = [index + 3, index + 20];
        return {
          question: `Ann has ${had} pens and buys ${bought}. How many has she?`,
          answer: `Ann has ${had} + ${bought} = ${had + bought} pens.\n#### ${had + bought}`,
        };
      });
      const text = rows.map((each) => `${JSON.stringify(each)}\n`).join('');
      writeFileSync(path.join(workspace, 'problems.jsonl'), text);
      return Promise.resolve();
    },
  });
  ({ page } = workbench);
  view = workbench.webview;
}, 300_000);
afterAll(async () => {
  await workbench.close();
  await chat.close();
  vi.unstubAllEnvs();
});

/** Chooses in a list, by its keyboard: the list narrows to what is typed. */
async function choose(label: string): Promise<void> {
  await row(label).waitFor();
  await page.keyboard.type(label);
  await page.keyboard.press('Enter');
}

/** Answers a line of text; what is offered, where nothing is typed. */
async function answer(prompt: string, typed = ''): Promise<void> {
  await page.locator('.quick-input-widget', { hasText: prompt }).waitFor();
  if (typed !== '') await page.keyboard.type(typed);
  await page.keyboard.press('Enter');
}

/** The channel's level is the person's to set; it is there once the extension runs. */
async function traceEverything(): Promise<void> {
  await workbench.runCommand('Developer: Set Log Level');
  await choose('PRM Workbench');
  await choose('Trace');
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => path.join(parentPath, name));
}

describe('Generate Training Data', () => {
  it('puts errors into solutions; the result shows before and after', async () => {
    await workbench.runCommand('PRM: Generate Training Data');
    await choose('problems.jsonl');
    await choose('Put errors into correct solutions');
    await answer('Paths with an error', '1');
    await page.locator('.quick-input-widget', { hasText: 'Paths to write at most' }).waitFor();
    await page.locator('.quick-input-titlebar .codicon-quick-input-back').click();
    await page.locator('.quick-input-title', { hasText: '(3/5)' }).waitFor();
    await answer('Paths with an error', '2');
    await answer('Paths to write at most');
    await answer('Output folder');
    await message('rows are in').waitFor();
    await view.getByRole('row').nth(2).click();
    await page.keyboard.press('Enter');
    const change = view.getByRole('group', { name: 'What was changed' });
    await change.getByText('After', { exact: true }).waitFor();
    expect(await change.locator('ins').count()).toBe(1);
    await workbench.runCommand('Notifications: Clear All');
    await workbench.runCommand('View: Close All Editors');
  });

  it('asks a server that wants a key, keeps what was answered when it is cancelled, and goes on', async () => {
    await traceEverything();
    chat.key = KEY;
    const answers = streamed();
    let asked = 0;
    chat.answer = (...call) => (++asked <= 6 ? answers(...call) : silent(...call));
    await workbench.runCommand('PRM: Generate Training Data');
    await choose('problems.jsonl');
    await choose('Ask a model server for solutions');
    await choose('Another address');
    await answer('Base address', chat.address);
    await answer('refuses the key', KEY);
    await choose('tiny');
    await answer('Solutions to ask for', '2');
    await answer('Problems to take');
    await answer('Output folder');
    await choose('Start');
    await expect.poll(() => chat.calls.length, { timeout: 20_000 }).toBeGreaterThan(6);
    await message('asking tiny').getByRole('button', { name: 'Cancel' }).click();
    const stopped = message('What was paid for is kept');
    await stopped.waitFor();

    chat.answer = answers;
    chat.calls = [];
    await stopped.getByRole('button', { name: 'Go On' }).click();
    await message('10 rows are in').waitFor({ timeout: 30_000 });
    expect(chat.calls.length).toBeLessThan(2 * PROBLEMS);
    await view.getByRole('row').nth(2).click();
    await page.keyboard.press('Enter');
    const verdict = view.locator('p', { hasText: 'This solution answers:' }).locator('strong');
    await verdict.waitFor();
    expect(await verdict.innerText()).toMatch(/^(✓ right|✗ wrong)$/);

    await message('10 rows are in').getByRole('button', { name: 'Label…' }).click();
    await row('Label by outcome').waitFor();
    expect(await row('Put errors').count()).toBe(0);
    await page.keyboard.press('Escape');

    const logs = await Promise.all((await filesUnder(workbench.logs)).map((file) => readFile(file, 'utf8')));
    const traced = logs.find((log) => log.includes("Sending request 'prm/generateData"));
    // What a request holds is written, but for the key.
    expect(traced).toContain('"key": "•••"');
    expect(logs.filter((log) => log.includes(KEY))).toEqual([]);
  });
});
