// `npm run screenshot`: takes the pictures in docs/images of the real workbench, driven as a person would: open
// samples/reasoning.txt, run PRM: Score Document from the palette, hover over the wrong step; open the dashboard.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { CHROMIUM_ARGUMENTS, ensureChromium } from './lib/chromium.ts';
import { ensureCodeServer, installExtension, startCodeServer } from './lib/codeServer.ts';
import { demoModel, prepareWorkspace } from './lib/demoPaths.ts';
import { ROOT } from './lib/paths.ts';
import { packageExtension } from './package.ts';

const IMAGES = path.join(ROOT, 'docs/images');
const WRONG_STEP = 'Step 3';

if (demoModel() === undefined) {
  console.error('There is no model to score with. Run `npm run demo` first.');
  process.exit(1);
}

const server = await ensureCodeServer(console.log);
const executablePath = await ensureChromium(console.log);
const { file } = await packageExtension();
const folder = await mkdtemp(path.join(os.tmpdir(), 'prm-'));
const workspace = path.join(folder, 'workspace');
await prepareWorkspace(workspace);
await installExtension(server, folder, file);
const running = await startCodeServer(server, {
  folder,
  settings: {
    'workbench.activityBar.location': 'hidden',
    'workbench.layoutControl.enabled': false,
    'window.commandCenter': false,
    'editor.minimap.enabled': false,
    'editor.wordWrap': 'on',
    'editor.fontSize': 14,
    'editor.scrollbar.vertical': 'hidden',
    'editor.overviewRulerBorder': false,
    'editor.hideCursorInOverviewRuler': true,
    'breadcrumbs.enabled': false,
  },
});
const browser = await chromium.launchPersistentContext(path.join(folder, 'browser'), {
  executablePath,
  headless: true,
  viewport: { width: 1100, height: 400 },
  deviceScaleFactor: 2,
  args: CHROMIUM_ARGUMENTS,
});
try {
  const page = browser.pages()[0] ?? (await browser.newPage());
  await mkdir(IMAGES, { recursive: true });
  await showScoredSteps(page);
  await takePicture(page, 'scored-steps.png');
  await showDashboard(page);
  await takePicture(page, 'dashboard.png');
} finally {
  await browser.close();
  await running.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function takePicture(page: Page, name: string): Promise<void> {
  // Hovers fade in, charts take a frame.
  await page.waitForTimeout(500);
  const file = path.join(IMAGES, name);
  await page.screenshot({ path: file });
  console.log(`Wrote ${path.relative(ROOT, file)}.`);
}

async function showDashboard(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 1100, height: 950 });
  await runCommand(page, 'PRM: Open Training Dashboard');
  const content = page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  await content.getByRole('img', { name: /Accuracy/ }).waitFor();
}

async function showScoredSteps(page: Page): Promise<void> {
  const address = new URL(running.url);
  address.searchParams.set('folder', workspace);
  await page.goto(address.href);
  await page.locator('.monaco-workbench .explorer-folders-view').waitFor();
  await page.getByRole('treeitem', { name: 'reasoning.txt' }).dblclick();
  await page.locator('.view-line', { hasText: WRONG_STEP }).waitFor();
  await runCommand(page, 'View: Toggle Primary Side Bar Visibility');
  await runCommand(page, 'PRM: Score Document');
  await page
    .locator('.view-line', { hasText: /[✓✗]\s\d\.\d\d/ })
    .first()
    .waitFor();
  await page.locator('.view-line', { hasText: WRONG_STEP }).hover({ position: { x: 120, y: 8 } });
  const hover = page.locator('.monaco-hover:not(.hidden)').filter({ hasText: 'Running minimum' });
  await hover.waitFor();
}

/** Runs a command from the palette. Its list is a snapshot, so one opened too early is closed and opened again. */
async function runCommand(page: Page, title: string): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    await page.keyboard.press('F1');
    await page.keyboard.type(title);
    const entry = page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first();
    const found = await entry.waitFor({ timeout: 1500 }).then(
      () => true,
      () => false,
    );
    if (found) {
      await page.keyboard.press('Enter');
      return;
    }
    await page.keyboard.press('Escape');
  }
  throw new Error(`The palette does not offer "${title}".`);
}
