// The dataset editor in the real VS Code, as a person uses it: the packaged extension, the explorer, keys and palette.
import { appendFileSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { ROOT } from '../../scripts/lib/paths.ts';
import { Workbench } from '../../scripts/lib/workbench.ts';

const SAMPLE = 'gsm8k-stepwise-sample.parquet';
const ROW = { prompt: 'What is 2 + 3?', completions: ['2 + 3 = 6', '#### 6'], labels: [false, false] };
/** What a dataset may try: none of it may run, load or style anything. */
const NASTY = {
  prompt:
    '<img src=x onerror="document.title=1"><style>body{display:none}</style>[a](command:prm.showOutput)',
  completions: ['<script>document.title=1</script>', '$\\href{javascript:alert(1)}{x}$'],
  labels: [true, false],
};

let workbench: Workbench;
let page: Page;
let view: FrameLocator;

const lines = (...rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const inWorkspace = (name: string): string => path.join(workbench.workspace, name);

beforeAll(async () => {
  workbench = await Workbench.open({
    vsix: inject('vsix'),
    viewport: { width: 1300, height: 800 },
    prepare: (workspace) => {
      cpSync(path.join(ROOT, 'samples', SAMPLE), path.join(workspace, SAMPLE));
      writeFileSync(path.join(workspace, 'rows.jsonl'), lines(ROW, ROW, NASTY));
      writeFileSync(path.join(workspace, 'broken.parquet'), 'PAR1 and nothing more');
      return Promise.resolve();
    },
  });
  ({ page } = workbench);
  view = workbench.webview;
}, 300_000);
afterAll(async () => {
  await workbench.close();
});
afterEach(async () => {
  await workbench.runCommand('View: Close All Editors');
});

describe('the dataset editor', () => {
  it('opens a Parquet file by itself, and a row as a trace', async () => {
    await workbench.openFile(SAMPLE);
    const grid = view.getByRole('grid');
    await grid.waitFor();
    await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe('5999');
    await view.getByText('5,998 rows').first().waitFor();
    await view.getByRole('row').nth(2).click();
    await page.keyboard.press('Enter');
    await view.getByText('Step 1', { exact: false }).first().waitFor();
    await view.getByText('correct').first().waitFor();
  });

  it('jumps to a row by command', async () => {
    await workbench.openFile(SAMPLE);
    await view.getByRole('grid').waitFor();
    await workbench.runCommand('PRM: Go to Row');
    // The palette closes before the question opens, in the same place.
    await page.locator('.quick-input-title', { hasText: 'Go to Row' }).waitFor();
    await page.keyboard.type('5000');
    await page.keyboard.press('Enter');
    await view.locator('[aria-rowindex="5001"]').waitFor();
  });

  it('opens JSON Lines as a dataset on request, and grows with the file', async () => {
    await workbench.openFile('rows.jsonl');
    await workbench.runCommand('PRM: Open as Dataset');
    const grid = view.getByRole('grid');
    await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe('4');
    appendFileSync(inWorkspace('rows.jsonl'), lines(ROW));
    await expect.poll(() => grid.getAttribute('aria-rowcount'), { timeout: 15_000 }).toBe('5');
  });

  it('shows what a dataset tries to do as text', async () => {
    await workbench.openFile('rows.jsonl');
    await workbench.runCommand('PRM: Open as Dataset');
    await view.getByRole('row').nth(3).click();
    await page.keyboard.press('Enter');
    await view.getByText('<img src=x onerror=').first().waitFor();
    expect(await view.locator('img, a[href^="javascript"], a[href^="command"]').count()).toBe(0);
    expect(await view.locator('body').isVisible()).toBe(true);
  });

  it('says what is wrong with a damaged file, and stays alive', async () => {
    await workbench.openFile('broken.parquet');
    await view
      .getByRole('alert')
      .getByText(/cut short or damaged/)
      .waitFor();
    await workbench.runCommand('View: Close All Editors');
    await workbench.openFile(SAMPLE);
    await view.getByRole('grid').waitFor();
  });

  it('keeps the rows on screen when the file is deleted, and says so', async () => {
    writeFileSync(inWorkspace('gone.jsonl'), lines(ROW, ROW));
    await workbench.openFile('gone.jsonl');
    await workbench.runCommand('PRM: Open as Dataset');
    await view.getByRole('grid').waitFor();
    rmSync(inWorkspace('gone.jsonl'));
    await view.getByRole('alert').waitFor({ timeout: 20_000 });
    expect(await view.getByRole('grid').isVisible()).toBe(true);
  });

  it('opens a row as a .steps document with its labels', async () => {
    await workbench.openFile('rows.jsonl');
    await workbench.runCommand('PRM: Open as Dataset');
    await view.getByRole('row').nth(1).click();
    await page.keyboard.press('Enter');
    await view.getByRole('button', { name: /steps/i }).first().click();
    await page.locator('.view-line', { hasText: '2 + 3 = 6' }).first().waitFor();
    await page.locator('.view-line', { hasText: '[-]' }).first().waitFor();
  });
});
