// The built dashboard page in a real browser, under the policy that the extension gives it: runs, what can be done with
// them, and what is kept.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DIST } from '../../scripts/lib/paths.ts';
import { folderOf, madeChart, madeRun, REPORT, SETTINGS } from '../support/dashboardRuns.ts';
import {
  dashboardBench,
  type DashboardBench,
  type OpenedDashboard,
  type OpenOptions,
} from './dashboardPage.ts';

let bench: DashboardBench;
let opened: OpenedDashboard | undefined;

beforeAll(async () => {
  bench = await dashboardBench();
});
afterAll(() => bench.close());
afterEach(async () => {
  const complaints = opened?.complaints;
  await opened?.page.close();
  opened = undefined;
  expect(complaints ?? []).toEqual([]);
});

async function open(options?: OpenOptions): Promise<OpenedDashboard> {
  opened = await bench.open(options);
  return opened;
}

const THREE = [
  madeRun('third'),
  madeRun('second', {
    state: 'done',
    step: 1200,
    settings: { ...SETTINGS, learning_rate: 0.001, lora_rank: 16 },
  }),
  madeRun('first', { state: 'failed', message: 'The loss is NaN at step 12.' }),
];

describe('what the page says at first', () => {
  it('is ready, and waits visibly', async () => {
    const { page, posted } = await open();
    await page.getByRole('status').getByText('Looking for runs').waitFor();
    expect(await posted()).toEqual([{ type: 'ready' }]);
  });

  it('says what to do where there are no runs', async () => {
    const { page, tell, violations } = await open();
    await tell({ type: 'runs', runs: [] });
    await page.getByText('No runs in this workspace yet').waitFor();
    expect(await violations()).toEqual([]);
  });

  it('shows the newest run and asks for its lines, at most as many points as fit', async () => {
    const { page, tell, news } = await open();
    await tell({ type: 'runs', runs: THREE });
    await page.getByRole('heading', { name: 'third', exact: true }).waitFor();
    expect(await news()).toEqual([
      { type: 'ready' },
      { type: 'watch', folders: [folderOf('third')], points: 600 },
    ]);
  });

  it('says what went wrong until it is dismissed, or the runs come again', async () => {
    const { page, tell } = await open();
    await tell({ type: 'runs', runs: THREE }, { type: 'problem', message: 'The server is gone.' });
    await page.getByRole('alert').getByText('The server is gone.').waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await tell({ type: 'problem', message: 'The server is gone again.' });
    await page.getByRole('alert').waitFor();
    await tell({ type: 'runs', runs: THREE });
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  it('shows text from runs as text', async () => {
    const nasty = '<img src=x onerror=alert(1)>';
    const { page, tell } = await open();
    await tell(
      {
        type: 'runs',
        runs: [
          madeRun(nasty, { state: 'failed', message: nasty, settings: { [nasty]: nasty }, device: nasty }),
        ],
      },
      { type: 'chart', folder: folderOf(nasty), chart: madeChart() },
    );
    await page.getByRole('heading', { name: nasty, exact: true }).waitFor();
    await page.getByText('Settings', { exact: true }).click();
    await page.getByRole('row', { name: `${nasty} ${nasty}` }).waitFor();
    expect(await page.locator('img').count()).toBe(0);
  });
});

describe('the run that is shown', () => {
  it('has its figures beside the majority baseline', async () => {
    const { page, tell } = await open();
    await tell({ type: 'runs', runs: [madeRun('going', { newestStep: 475, stage: 'lora' })] });
    await page.getByRole('row', { name: 'Majority baseline 60.0 % 60.0 %' }).waitFor();
    await page.getByRole('columnheader', { name: 'Newest, step 475' }).waitFor();
    expect(await page.locator('.facts').innerText()).toContain('Time left\n8 min 0 s');
    expect(await page.locator('.facts').innerText()).toContain('Memory\n2.3 GB');
    const progress = page.getByRole('progressbar', { name: 'Step 480 of 1,200, epoch 1.20, stage lora' });
    expect(await progress.getAttribute('max')).toBe('1200');
  });

  it('lists its checkpoints, the best one marked', async () => {
    const { page, tell } = await open();
    await tell({ type: 'runs', runs: [madeRun('going')] });
    const items = page.locator('.checkpoints li');
    await items.first().waitFor();
    expect(await items.allInnerTexts()).toEqual([
      'checkpoint-400 step 400',
      'checkpoint-450 step 450 ★ best',
    ]);
  });

  it.each([
    ['running', { models: [] }, ['Stop with a checkpoint', 'Open folder']],
    ['stalled', { models: [] }, ['Stop with a checkpoint', 'Open folder']],
    ['stopped', {}, ['Resume', 'Use the best model', 'Evaluate…', 'Open folder']],
    ['failed', { checkpoints: [], models: [] }, ['Open folder']],
    [
      'done',
      { models: ['best_model', 'final_model'] },
      ['Use the best model', 'Use the final model', 'Evaluate…', 'Open folder'],
    ],
  ] as const)('offers what a run that is %s can do', async (state, more, buttons) => {
    const { page, tell, news } = await open();
    await tell({ type: 'runs', runs: [madeRun('r', { state, ...structuredClone(more) } as never)] });
    await page.getByRole('heading', { name: 'r', exact: true }).waitFor();
    expect(await page.locator('.buttons button').allInnerTexts()).toEqual([...buttons]);
    await news();
    for (const button of await page.locator('.buttons button').all()) await button.click();
    const wishes: Record<string, object> = {
      'Stop with a checkpoint': { type: 'stop' },
      Resume: { type: 'resume' },
      'Use the best model': { type: 'use', model: 'best_model' },
      'Use the final model': { type: 'use', model: 'final_model' },
      'Evaluate…': { type: 'evaluate' },
      'Open folder': { type: 'reveal' },
    };
    expect(await news()).toEqual(buttons.map((button) => ({ ...wishes[button], folder: folderOf('r') })));
  });

  it('says that a run has ended, and nothing at every step', async () => {
    const { page, tell } = await open();
    await tell({ type: 'runs', runs: [madeRun('going')] });
    await page.getByRole('heading', { name: 'going' }).waitFor();
    await tell({ type: 'runs', runs: [madeRun('going', { step: 481 })] });
    await page.getByText('Step 481').waitFor();
    expect(await page.locator('[role=status]').innerText()).toBe('');
    await tell({ type: 'runs', runs: [madeRun('going', { state: 'done' })] });
    await page.getByRole('status').getByText('going: The run is done.').waitFor();
  });
});

describe('comparing runs', () => {
  it('is done by mouse: click, Ctrl+click, the box, Shift', async () => {
    const { page, tell, news } = await open();
    await tell({ type: 'runs', runs: THREE });
    const option = (name: string) => page.getByRole('option', { name });
    await option('second').click();
    await news();
    await option('first').click({ modifiers: ['ControlOrMeta'] });
    expect(await news()).toEqual([
      { type: 'watch', folders: [folderOf('second'), folderOf('first')], points: 600 },
    ]);
    await option('third').locator('.box').click();
    await option('first').locator('.box').click();
    expect((await news()).at(-1)).toMatchObject({ folders: [folderOf('second'), folderOf('third')] });
    await option('third').click();
    await option('first').click({ modifiers: ['Shift'] });
    expect((await news()).at(-1)).toMatchObject({
      folders: [folderOf('third'), folderOf('second'), folderOf('first')],
    });
    const selected = page.getByRole('listbox').getByRole('option', { selected: true });
    await expect.poll(() => selected.count()).toBe(3);
  });

  it('is done by keyboard, in one stop of the Tab key', async () => {
    const { page, tell, news } = await open();
    await tell({ type: 'runs', runs: THREE });
    await page.getByRole('heading', { name: 'third', exact: true }).waitFor();
    await news();
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    expect(await news()).toMatchObject([{ folders: [folderOf('third'), folderOf('second')] }]);
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    expect(await news()).toMatchObject([{ folders: [folderOf('first')] }]);
    await page.keyboard.press('Shift+ArrowUp');
    expect(await news()).toMatchObject([{ folders: [folderOf('first'), folderOf('second')] }]);
    await page.keyboard.press('Control+a');
    await page.getByRole('status').getByText('3 runs compared.').waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('.which') !== null)).toBe(true);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    expect((await news()).at(-1)).toMatchObject({
      folders: [folderOf('second'), folderOf('first'), folderOf('third')],
    });
    await page.getByRole('heading', { name: 'second', exact: true }).waitFor();
  });

  it('marks the settings that differ, and can show only those', async () => {
    const { page, tell } = await open({ kept: { selected: [folderOf('third'), folderOf('second')] } });
    await tell({ type: 'runs', runs: THREE });
    await page.getByRole('row', { name: 'learning_rate (differs) 0.0005 0.001' }).waitFor();
    await page.getByRole('row', { name: 'lora_rank (differs) – 16' }).waitFor();
    await page.getByRole('row', { name: 'seed 42 42' }).waitFor();
    await page.getByRole('checkbox', { name: 'Only settings that differ' }).check();
    await page.getByRole('row', { name: 'seed 42 42' }).waitFor({ state: 'detached' });
    expect(await page.locator('tr.differs').count()).toBe(2);
  });

  it('has a limit, and says so', async () => {
    const many = Array.from({ length: 12 }, (_, index) => madeRun(`run-${index}`));
    const { page, tell, news } = await open();
    await tell({ type: 'runs', runs: many });
    await page.getByRole('option', { name: 'run-0' }).click();
    await page.getByRole('option', { name: 'run-11' }).click({ modifiers: ['Shift'] });
    await page
      .getByRole('status')
      .getByText(/8 runs/)
      .waitFor();
    expect((await news()).at(-1)).toMatchObject({ folders: many.slice(0, 8).map(({ folder }) => folder) });
  });

  it('finds runs by a part of their names when there are many', async () => {
    const many = Array.from({ length: 30 }, (_, index) => madeRun(`run-${index}`));
    const { page, tell } = await open();
    await tell({ type: 'runs', runs: many });
    await page.getByRole('searchbox', { name: 'Filter by name' }).fill('RUN-2');
    await page.getByText('11 of 30 runs').waitFor();
    expect(await page.getByRole('listbox').getByRole('option').count()).toBe(11);
    await page.getByRole('searchbox').fill('nothing');
    await page.getByText('No run has this in its name.').waitFor();
    // What is shown stays.
    await page.getByRole('heading', { name: 'run-0', exact: true }).waitFor();
  });
});

describe('what is kept', () => {
  it('comes back after the page was hidden', async () => {
    const first = await open();
    await first.tell(
      { type: 'runs', runs: THREE },
      { type: 'chart', folder: folderOf('third'), chart: madeChart() },
    );
    const { page } = first;
    await page.getByRole('option', { name: 'second' }).click({ modifiers: ['ControlOrMeta'] });
    await page.getByRole('combobox', { name: 'Over' }).selectOption('examples');
    await page.getByRole('slider', { name: /Smoothing/ }).fill('0.9');
    await page.getByRole('checkbox', { name: 'Log scale' }).check();
    await page.getByRole('slider', { name: 'Learning rate: crosshair' }).press('+');
    await page.getByRole('button', { name: 'Show all' }).waitFor();
    const kept = await first.kept();
    await page.close();
    const again = await open({ kept });
    await again.tell({ type: 'runs', runs: THREE });
    await again.page.getByText('0.90').waitFor();
    expect(await again.page.getByRole('combobox', { name: 'Over' }).inputValue()).toBe('examples');
    expect(await again.page.getByRole('checkbox', { name: 'Log scale' }).isChecked()).toBe(true);
    const watch = (await again.posted()).at(-1);
    expect(watch).toMatchObject({ type: 'watch', folders: [folderOf('third'), folderOf('second')] });
    expect(watch).toHaveProperty('range');
  });

  it('may come from an earlier version, or tell of runs that are gone', async () => {
    const { tell, posted, page } = await open({
      kept: {
        selected: folderOf('second'),
        axis: 'epochs',
        smoothing: 7,
        zoom: { steps: { from: 9, to: 2 } },
      },
    });
    await tell({ type: 'runs', runs: THREE });
    await page.getByRole('heading', { name: 'third', exact: true }).waitFor();
    expect((await posted()).at(-1)).toEqual({ type: 'watch', folders: [folderOf('third')], points: 600 });
  });
});

interface LookCase extends OpenOptions {
  /** A theme changes colours only; the other rules were asked for once. */
  only?: readonly string[];
}

describe('the look of the page', () => {
  it.each([
    { theme: 'dark' },
    { theme: 'light', only: ['color-contrast'] },
    { theme: 'high contrast', only: ['color-contrast'] },
    { theme: 'high contrast light', only: ['color-contrast'] },
    { theme: 'dark', size: { width: 300, height: 700 } },
  ] as const)('breaks no rule of accessibility: %o', async ({ only = [], ...options }: LookCase) => {
    const { page, tell, violations } = await open({
      ...options,
      kept: { selected: [folderOf('third'), folderOf('second')], unfolded: ['figures of loss'] },
    });
    await tell({ type: 'runs', runs: THREE });
    await page.getByRole('heading', { name: 'third', exact: true }).waitFor();
    await tell(
      { type: 'chart', folder: folderOf('third'), chart: madeChart() },
      { type: 'chart', folder: folderOf('second'), chart: madeChart({ seed: 99 }) },
      { type: 'report', folder: folderOf('third'), report: REPORT },
      { type: 'problem', message: 'The run could not be stopped.' },
    );
    await page.locator('.worst-step').first().click();
    expect(await violations(only)).toEqual([]);
    const beside = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth - clientWidth;
    });
    expect(beside, 'nothing lies beside the page').toBe(0);
  });

  it('comes with its stylesheet', () => {
    const sheet = readFileSync(path.join(DIST, 'webview/dashboard.css'), 'utf8');
    expect(sheet).toContain('.uplot');
    expect(sheet).toContain('prefers-reduced-motion');
  });
});
