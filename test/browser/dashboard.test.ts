// The built dashboard page in a real browser, under the policy that the extension gives it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pagePolicy } from '../../client/src/pagePolicy.ts';
import type { FromDashboard, RunChart, RunSummary, ToDashboard } from '../../protocol/src/dashboard.ts';
import { CHROMIUM_ARGUMENTS, ensureChromium } from '../../scripts/lib/chromium.ts';
import { DIST } from '../../scripts/lib/paths.ts';

const METRICS = {
  steps: 100,
  incorrect: 40,
  loss: 0.2,
  accuracy: 0.93,
  balancedAccuracy: 0.92,
  f1Incorrect: 0.91,
  auroc: 0.97,
  majorityAccuracy: 0.6,
};

function run(name: string, more: Partial<RunSummary> = {}): RunSummary {
  return {
    folder: `/w/.prm/runs/${name}`,
    name,
    state: 'running',
    step: 40,
    totalSteps: 100,
    epoch: 1,
    device: 'cpu',
    loss: 0.25,
    accuracy: 0.9,
    stepsPerSecond: 1.5,
    tokensPerSecond: 3900,
    secondsLeft: 75,
    newest: METRICS,
    best: METRICS,
    bestStep: 40,
    message: null,
    ...more,
  };
}

const CHART: RunChart = {
  train: { step: [1, 2, 3], loss: [0.7, 0.5, 0.25], accuracy: [0.5, 0.7, 0.9] },
  validation: {
    step: [3],
    loss: [0.2],
    accuracy: [0.93],
    balancedAccuracy: [0.92],
    majorityAccuracy: [0.6],
  },
};

let browser: Browser;
let folder: string;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: await ensureChromium(console.log),
    args: CHROMIUM_ARGUMENTS,
  });
  folder = mkdtempSync(path.join(tmpdir(), 'page-'));
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  page = await browser.newPage();
  complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.addInitScript(() => {
    const posted: unknown[] = [];
    Object.assign(window, {
      posted,
      acquireVsCodeApi: () => ({
        postMessage: (message: unknown) => posted.push(message),
        getState: () => undefined,
        setState: () => undefined,
      }),
    });
  });
  const file = path.join(folder, 'page.html');
  // `file:` stands where VS Code puts its own source.
  writeFileSync(
    file,
    `<!doctype html><html lang="en"><head><title>t</title>
    <meta http-equiv="Content-Security-Policy" content="${pagePolicy('n', 'file:')}">
    <link rel="stylesheet" href="${pathToFileURL(path.join(DIST, 'webview/dashboard.css')).href}"></head>
    <body><script nonce="n" src="${pathToFileURL(path.join(DIST, 'webview/dashboard.js')).href}"></script></body></html>`,
  );
  await page.goto(pathToFileURL(file).href);
});
afterEach(async () => {
  await page.close();
  expect(complaints).toEqual([]);
});

async function tell(message: ToDashboard): Promise<void> {
  await page.evaluate((data) => window.postMessage(data, '*'), message);
}

function posted(): Promise<FromDashboard[]> {
  return page.evaluate(() => (window as unknown as { posted: FromDashboard[] }).posted);
}

describe('the dashboard page', () => {
  it('says that it is ready, and waits visibly', async () => {
    expect(await posted()).toEqual([{ type: 'ready' }]);
    await page.getByRole('status').getByText('Looking for runs').waitFor();
  });

  it('says what to do where there are no runs', async () => {
    await tell({ type: 'runs', runs: [] });
    await page.getByText('No runs in this workspace yet').waitFor();
  });

  it('selects the newest run, and shows its figures beside the majority baseline', async () => {
    await tell({ type: 'runs', runs: [run('second'), run('first', { state: 'done' })] });
    await page.getByRole('heading', { name: 'second' }).waitFor();
    expect(await posted()).toContainEqual({ type: 'select', folder: '/w/.prm/runs/second' });
    await page.getByRole('row', { name: 'Majority-class baseline 60.0 %' }).waitFor();
    await page.getByRole('row', { name: 'Time left 1 min 15 s' }).waitFor();
    expect(await page.getByRole('progressbar').getAttribute('max')).toBe('100');
  });

  it('draws both charts, and says in words what they show', async () => {
    await tell({ type: 'runs', runs: [run('second')] });
    await tell({ type: 'chart', folder: '/w/.prm/runs/second', chart: CHART });
    await page
      .getByRole('img', { name: /Loss .* 3 points. Newest: training 0.250, validation 0.200/ })
      .waitFor();
    await page.getByRole('img', { name: /Accuracy.*majority baseline 0.600/ }).waitFor();
    const drawn = await page.locator('prm-line-chart canvas').evaluateAll((canvases) =>
      (canvases as HTMLCanvasElement[]).map((canvas) => {
        const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {};
        return data?.some((value) => value !== 0) ?? false;
      }),
    );
    expect(drawn).toEqual([true, true]);
  });

  it('posts what its buttons say, and offers only what the run can do', async () => {
    await tell({ type: 'runs', runs: [run('going', { best: null }), run('over', { state: 'done' })] });
    await page.getByRole('button', { name: 'Stop with a checkpoint' }).click();
    expect(await page.getByRole('button', { name: 'Use this model' }).count()).toBe(0);
    await page.getByRole('button', { name: /over/ }).click();
    await page.getByRole('button', { name: 'Use this model' }).click();
    expect(await page.getByRole('button', { name: 'Stop with a checkpoint' }).count()).toBe(0);
    expect((await posted()).slice(-3)).toEqual([
      { type: 'stop', folder: '/w/.prm/runs/going' },
      { type: 'select', folder: '/w/.prm/runs/over' },
      { type: 'use', folder: '/w/.prm/runs/over' },
    ]);
  });

  it('can be worked by keyboard', async () => {
    await tell({ type: 'runs', runs: [run('second'), run('first')] });
    await page.getByRole('heading', { name: 'second' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'first' }).waitFor();
  });

  it('shows text from a run as text', async () => {
    const nasty = '<img src=x onerror=alert(1)>';
    await tell({ type: 'runs', runs: [run(nasty, { state: 'failed', message: nasty })] });
    await page.getByRole('heading', { name: nasty }).waitFor();
    expect(await page.locator('img').count()).toBe(0);
  });

  it('says what went wrong, and recovers', async () => {
    await tell({ type: 'runs', runs: [run('second')] });
    await tell({ type: 'problem', message: 'The server is gone.' });
    await page.getByRole('alert').getByText('The server is gone.').waitFor();
    await tell({ type: 'runs', runs: [run('second')] });
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });
});

it('needs a bundle that carries its stylesheet', () => {
  expect(readFileSync(path.join(DIST, 'webview/dashboard.css'), 'utf8')).toContain('.uplot');
});
