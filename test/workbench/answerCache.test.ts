// The view of the answer cache in the real VS Code, by keyboard alone: it opens, lists, clears one model, then all.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Workbench } from '../../scripts/lib/workbench.ts';
import { fillCache } from '../support/answerCache.ts';

const LARGE = 'qwen2.5-math-7b';
/** As a label with an icon and a link looks, where a label may have them. */
const ODD = '$(zap) [smollm2](command:prm.showOutput)';

let folder: string;
let workbench: Workbench;
let page: Page;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'prm-answers-'));
  await fillCache(folder, { [LARGE]: 12, [ODD]: 2 });
  workbench = await Workbench.open({
    vsix: inject('vsix'),
    viewport: { width: 1300, height: 900 },
    prepare: () => Promise.resolve(),
    environment: { PRM_CACHE: folder },
  });
  ({ page } = workbench);
}, 300_000);
afterAll(async () => {
  await workbench.close();
  await rm(folder, { recursive: true });
});

/** A model of the view, by what a screen reader says. */
function model(name: string): Locator {
  return page.getByRole('treeitem', { name });
}

/** A message of VS Code; screen readers have it a second time. */
function message(text: string | RegExp): Locator {
  return page.locator('.notification-list-item-message').getByText(text);
}

/** The focused button of the question in sight. */
async function answerQuestion(question: string): Promise<void> {
  const dialog = page.locator('.monaco-dialog-box');
  await dialog.getByText(question).waitFor();
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
}

describe('the view of the answer cache', () => {
  it('opens from the palette with the keyboard on the first model, and lists what is kept', async () => {
    await workbench.runCommand('PRM: Show Answer Cache');
    await model(`${LARGE}: 12 answers`).waitFor();
    await model(`${ODD}: 2 answers`).waitFor();
    await page.getByText(/^14 entries, [\d.]+ kB, kept in /).waitFor();
    await page.locator('.monaco-list:focus .monaco-list-row.focused', { hasText: LARGE }).waitFor();
  });

  it('clears the model that the keyboard is on, after a question', async () => {
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+F10');
    await page.getByRole('menuitem', { name: 'Clear Answers of a Model…' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await answerQuestion(`Remove 2 answers of ${ODD}`);
    await message('2 answers were removed from the cache.').waitFor();
    await model(ODD).waitFor({ state: 'detached' });
    expect(await model(LARGE).count()).toBe(1);
  });

  it('removes nothing where the question is left', async () => {
    await workbench.runCommand('PRM: Clear Answer Cache');
    await page.locator('.monaco-dialog-box').getByText(`Remove 12 answers of ${LARGE}`).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.monaco-dialog-box').waitFor({ state: 'detached' });
    await workbench.runCommand('PRM: Verify Answer Cache');
    await message(/^12 answers \(.*\) are whole, none is damaged\.$/).waitFor();
  });

  it('says what the cache is once it is empty', async () => {
    await workbench.runCommand('PRM: Clear Answer Cache');
    await answerQuestion(`Remove 12 answers of ${LARGE}`);
    await page.getByText('No answers of model servers are kept yet.').waitFor();
    await page.getByRole('button', { name: 'Generate Training Data…' }).waitFor();
  });

  it('shows what came meanwhile, when it is refreshed', async () => {
    await fillCache(folder, { [LARGE]: 1 });
    await workbench.runCommand('PRM: Refresh Answer Cache');
    await model(`${LARGE}: 1 answer`).waitFor();
  });

  it('says in the view that the folder cannot be read, and comes back', async () => {
    await rm(folder, { recursive: true });
    await writeFile(folder, 'a file where the folder should be');
    await workbench.runCommand('PRM: Refresh Answer Cache');
    await page.locator('.pane-body').getByText('the cache cannot be used').waitFor();
    await rm(folder);
    await fillCache(folder, { [LARGE]: 3 });
    await workbench.runCommand('PRM: Refresh Answer Cache');
    await model(`${LARGE}: 3 answers`).waitFor();
    // Said once: no notification stays behind.
    expect(await message('the cache cannot be used').count()).toBe(0);
  });
});
