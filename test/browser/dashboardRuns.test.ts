// The dashboard from the run folder to the screen: real runs, the language server, what the extension passes on, the page.
import { appendFile, cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DashboardFeed } from '../../client/src/dashboardFeed.ts';
import { LIST_RUNS, RUN_CHART, RUN_REPORT, type FromDashboard } from '../../protocol/src/dashboard.ts';
import { tryLockFile } from '../../server/src/support/lock.ts';
import { LOCK_FILE } from '../../server/src/training/lock.ts';
import { startEditor, type Editor } from '../integration/language/editor.ts';
import {
  dashboardBench,
  type DashboardBench,
  type OpenedDashboard,
  type OpenOptions,
} from './dashboardPage.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../fixtures/runs');
const NAMES = ['done', 'failed', 'killed', 'resumed', 'staged', 'stopped'];

let bench: DashboardBench;
let workspace: string;
let editor: Editor;
let feed: DashboardFeed;
let opened: OpenedDashboard;

beforeAll(async () => {
  bench = await dashboardBench();
});
afterAll(() => bench.close());

beforeEach(async () => {
  workspace = await realpath(await mkdtemp(path.join(tmpdir(), 'prm-dashboard-page-')));
  for (const name of NAMES) {
    await cp(path.join(FIXTURES, name), runFolder(name), { recursive: true });
  }
  editor = await startEditor('in-band', { workspace });
});
afterEach(async () => {
  feed.dispose();
  const { complaints } = opened;
  await opened.page.close();
  await editor.close();
  await rm(workspace, { recursive: true, force: true });
  expect(complaints).toEqual([]);
});

const runFolder = (name: string): string => path.join(workspace, '.prm/runs', name);

/** A page with what the extension has behind it, except for VS Code. */
async function open(selected: string[], options: OpenOptions = {}): Promise<OpenedDashboard> {
  feed = new DashboardFeed({
    runs: () => editor.request(LIST_RUNS, {}),
    chart: (params) => editor.request(RUN_CHART, params),
    report: (folder) => editor.request(RUN_REPORT, { folder }),
    post: (message) => {
      // A page that has just been closed hears nothing, as in VS Code.
      opened.tell(message).catch(() => undefined);
    },
  });
  opened = await bench.open({
    kept: { selected: selected.map(runFolder) },
    ...options,
    extension: (message: FromDashboard) => {
      if (message.type === 'watch') feed.watch(message);
    },
  });
  feed.begin();
  feed.show(true);
  return opened;
}

describe('real runs on the page', () => {
  it('are listed with their states', async () => {
    const { page } = await open([]);
    await page
      .getByRole('option')
      .nth(NAMES.length - 1)
      .waitFor();
    const words = await page.getByRole('listbox').getByRole('option').allInnerTexts();
    const states = words.map((text) => text.replace(/\s+/g, ' ').replace(/^✓ /, ''));
    expect(states.sort()).toEqual([
      'done ✓ done 100 %',
      expect.stringMatching(/^failed ✗ failed \d+ %$/),
      expect.stringMatching(/^killed ✗ failed \d+ %$/),
      'resumed ✓ done 100 %',
      'staged ✓ done 100 %',
      expect.stringMatching(/^stopped ■ stopped \d+ %$/),
    ]);
  });

  it('are shown with their lines, checkpoints and last evaluation', async () => {
    const { page, violations } = await open(['done']);
    await page.getByRole('figure', { name: 'Loss (nats a step)' }).locator('canvas').waitFor();
    await page.getByRole('slider', { name: 'Loss (nats a step): crosshair' }).press('Home');
    await page
      .getByText(/^step 1$/)
      .first()
      .waitFor();
    expect(await page.locator('.checkpoints li').allInnerTexts()).toContainEqual(
      expect.stringContaining('★ best'),
    );
    await page.getByRole('figure', { name: 'Calibration' }).locator('canvas').waitFor();
    await page.locator('.worst-step').first().click();
    expect((await page.locator('.worst-open').innerText()).length).toBeGreaterThan(100);
    expect(await page.locator('.nothing-drawn').count()).toBe(0);
    expect(await violations()).toEqual([]);
  });

  it('are compared: what differs between a run in stages and one that was killed', async () => {
    const { page } = await open(['staged', 'killed']);
    await page.getByRole('row', { name: /^stages \(differs\) head,lora –$/ }).waitFor();
    const readOut = page.getByRole('figure', { name: 'Loss (nats a step)' }).locator('.read-out');
    await expect
      .poll(() => readOut.innerText())
      .toMatch(/staged, training\s+\d[\s\S]*killed, validation\s+\d/);
  });

  it('come back at once when they are chosen again', async () => {
    const { page } = await open(['done']);
    const loss = page.getByRole('figure', { name: 'Loss (nats a step)' }).locator('canvas');
    await loss.waitFor();
    await page.getByRole('option', { name: 'resumed' }).click();
    await page.getByRole('heading', { name: 'resumed', exact: true }).waitFor();
    await loss.waitFor();
    await page.getByRole('option', { name: 'done 100 %' }).first().click();
    await loss.waitFor();
  });

  it('grow while they are watched', async () => {
    const { page } = await open(['stopped']);
    await page.getByRole('heading', { name: 'stopped', exact: true }).waitFor();
    const line = page.locator('.progress');
    const before = Number(/Step (\d+)/.exec(await line.innerText())?.[1]);
    const time = new Date().toISOString();
    const start = {
      type: 'start',
      time,
      pid: process.pid,
      totalSteps: 70,
      fromStep: before,
      parameters: 7,
      device: 'cpu',
    };
    const step = { type: 'step', time, step: before + 1, totalSteps: 70, epoch: 1, loss: 0.5, accuracy: 0.5 };
    const more = {
      learningRate: 1e-4,
      gradientNorm: 1,
      tokensPerSecond: 10,
      stepsPerSecond: 1,
      secondsLeft: 9,
      memoryBytes: 1e9,
    };
    const release = await tryLockFile(path.join(runFolder('stopped'), LOCK_FILE));
    if (typeof release !== 'function') throw new Error('The lock is taken.');
    const lines = [start, { ...step, ...more }].map((event) => `${JSON.stringify(event)}\n`).join('');
    await appendFile(path.join(runFolder('stopped'), 'events.jsonl'), lines);
    await page.getByText(`Step ${before + 1} of 70`).waitFor();
    await page.getByRole('button', { name: 'Stop with a checkpoint' }).waitFor();
    const readOut = page.getByRole('figure', { name: 'Loss (nats a step)' }).locator('.read-out');
    await expect.poll(() => readOut.innerText()).toMatch(/training\s+0\.5/);
    await release();
    await page.getByText('The process is gone without a word').waitFor();
  });
});
